// SPDX-License-Identifier: Apache-2.0

// Command verify checks a live server's ledger with nothing of this project: the checkpoint with
// sumdb/note, the tree with sumdb/tlog, epoch keys with the age tool, entries with the standard
// library.  It prints the opened entries as JSON lines.
package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var address = os.Getenv("TEE_URL")

func die(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func get(path string) []byte {
	reply, err := http.Get(address + "/v1/audit/" + path)
	if err != nil {
		die("%s: %v", path, err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != 200 {
		die("%s: %s: %s", path, reply.Status, body)
	}
	return body
}

// tiles reads tiles over HTTP.  tlog names them tile/H/L/N; C2SP leaves the height out.
type tiles struct{}

func (tiles) Height() int                            { return 8 }
func (tiles) SaveTiles(t []tlog.Tile, data [][]byte) {}
func (tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range wanted {
		out = append(out, get(strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
	}
	return out, nil
}

// checkpoint fetches and verifies the signed head.
func checkpoint() (string, tlog.Tree) {
	return opened(get("checkpoint"))
}

// opened verifies a signed head and returns origin and tree.
func opened(signed []byte) (string, tlog.Tree) {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(get("vkey"))))
	if err != nil {
		die("vkey: %v", err)
	}
	note, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		die("checkpoint: %v", err)
	}
	lines := strings.Split(note.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		die("checkpoint: size: %v", err)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != 32 {
		die("checkpoint: root: %v", err)
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	if lines[0] != verifier.Name() {
		die("checkpoint: origin %q, key of %q", lines[0], verifier.Name())
	}
	return lines[0], tree
}

// leaves fetches all entry bundles.
func leaves(n int64) [][]byte {
	var out [][]byte
	for first := int64(0); first < n; first += 256 {
		width := n - first
		if width > 256 {
			width = 256
		}
		path := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)}.Path()
		path = "tile/entries/" + strings.TrimPrefix(path, "tile/8/data/")
		bundle := get(path)
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				die("%s: cut", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			out = append(out, bundle[2:end])
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			die("%s: %d bytes too many", path, len(bundle))
		}
	}
	return out
}

// epochKey opens an epoch leaf's age file with the age tool.
func epochKey(identity string, wrapped []byte) cipher.AEAD {
	age := exec.Command("age", "-d", "-i", identity)
	age.Stdin = bytes.NewReader(wrapped)
	age.Stderr = os.Stderr
	key, err := age.Output()
	if err != nil || len(key) != 32 {
		die("age: %v, a key of %d bytes", err, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		die("%v", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		die("%v", err)
	}
	return aead
}

// proofs makes the tree again from the leaves alone, and proves records of it and earlier trees in
// it from the server's tiles.
func proofs(tree tlog.Tree, all [][]byte, older *tlog.Tree) int {
	var stored []tlog.Hash
	own := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i, leaf := range all {
		more, err := tlog.StoredHashesForRecordHash(int64(i), tlog.RecordHash(leaf), own)
		if err != nil {
			die("leaf %d: %v", i, err)
		}
		stored = append(stored, more...)
	}
	root, err := tlog.TreeHash(tree.N, own)
	if err != nil || root != tree.Hash {
		die("the leaves make %v, signed is %v (%v)", root, tree.Hash, err)
	}

	served := tlog.TileHashReader(tree, tiles{})
	done := 0
	for i := int64(0); i < tree.N; i += 1 + tree.N/50 {
		proof, err := tlog.ProveRecord(tree.N, i, served)
		if err != nil {
			die("record %d: %v", i, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, i, tlog.RecordHash(all[i])); err != nil {
			die("record %d: %v", i, err)
		}
		if tlog.CheckRecord(proof, tree.N, tree.Hash, i, tlog.RecordHash([]byte("another"))) == nil {
			die("record %d: another leaf is proved too", i)
		}
		done++
	}
	olders := []tlog.Tree{}
	if older != nil {
		olders = append(olders, *older)
	}
	for _, n := range []int64{1, tree.N / 2, tree.N - 1, tree.N} {
		if n < 1 {
			continue
		}
		hash, err := tlog.TreeHash(n, own)
		if err != nil {
			die("tree of %d: %v", n, err)
		}
		olders = append(olders, tlog.Tree{N: n, Hash: hash})
	}
	for _, old := range olders {
		proof, err := tlog.ProveTree(tree.N, old.N, served)
		if err != nil {
			die("tree of %d: %v", old.N, err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			die("the tree does not go on from %d leaves: %v", old.N, err)
		}
		done++
	}
	return done
}

func main() {
	if len(os.Args) != 2 && len(os.Args) != 3 {
		die("usage: verify IDENTITY-FILE [OLDER-CHECKPOINT]")
	}
	origin, tree := checkpoint()
	all := leaves(tree.N)
	var older *tlog.Tree
	if len(os.Args) == 3 {
		text, err := os.ReadFile(os.Args[2])
		if err != nil {
			die("%v", err)
		}
		_, seen := opened(text)
		older = &seen
	}
	proved := proofs(tree, all, older)

	// The tree over what was fetched is the tree that was signed, and each leaf is in its place.
	indexes := make([]int64, tree.N)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	hashes, err := tlog.TileHashReader(tree, tiles{}).ReadHashes(indexes)
	if err != nil {
		die("tiles: %v", err)
	}
	epochs := map[uint32]cipher.AEAD{}
	entries := 0
	for i, leaf := range all {
		if tlog.RecordHash(leaf) != hashes[i] {
			die("leaf %d is not the one in the tree", i)
		}
		if len(leaf) < 16 || string(leaf[:4]) != "TSL1" || binary.BigEndian.Uint64(leaf[8:16]) != uint64(i) {
			die("leaf %d has another header", i)
		}
		body := leaf[16:]
		switch leaf[4] {
		case 2:
			length := binary.BigEndian.Uint16(body[12:14])
			epochs[binary.BigEndian.Uint32(body)] = epochKey(os.Args[1], body[14:14+length])
		case 3:
			aead := epochs[binary.BigEndian.Uint32(body)]
			if aead == nil {
				die("leaf %d is of an epoch that did not begin", i)
			}
			aad := append([]byte(origin), 0)
			aad = append(append(aad, leaf[:16]...), body[:4]...)
			text, err := aead.Open(nil, body[4:16], body[16:], aad)
			if err != nil {
				die("leaf %d: %v", i, err)
			}
			fmt.Printf("%s\n", text[:bytes.LastIndexByte(text, 0x80)])
			entries++
		}
	}
	fmt.Fprintf(os.Stderr, "%s: %d leaves in a tree that is signed, %d proofs, %d entries opened\n", origin, tree.N, proved, entries)
}

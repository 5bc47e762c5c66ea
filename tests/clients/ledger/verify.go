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

func (tiles) Height() int                          { return 8 }
func (tiles) SaveTiles(t []tlog.Tile, data [][]byte) {}
func (tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range wanted {
		out = append(out, get(strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
	}
	return out, nil
}

// checkpoint verifies the signed head and returns origin and tree.
func checkpoint() (string, tlog.Tree) {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(get("vkey"))))
	if err != nil {
		die("vkey: %v", err)
	}
	opened, err := note.Open(get("checkpoint"), note.VerifierList(verifier))
	if err != nil {
		die("checkpoint: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
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

func main() {
	if len(os.Args) != 2 {
		die("usage: verify IDENTITY-FILE")
	}
	origin, tree := checkpoint()
	all := leaves(tree.N)

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
	opened := 0
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
			opened++
		}
	}
	fmt.Fprintf(os.Stderr, "%s: %d leaves in a tree that is signed, %d entries opened\n", origin, tree.N, opened)
}

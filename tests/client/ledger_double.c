/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/ledger_double.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/leaf.h"
#include "crypto/leaf_seal.h"
#include "crypto/note.h"
#include "crypto/rand.h"

static void
must(tsec_rc rc, const char *what)
{
    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "the ledger double cannot %s\n", what);
        abort();
    }
}

static struct tsec_buf *
next_leaf(struct ledger_double *l)
{
    struct tsec_buf *leaf = &l->leaves[l->len++];

    tsec_buf_init(leaf, TSEC_LEAF_MAX);
    return leaf;
}

static void
add_epoch(struct ledger_double *l, uint32_t number, const char *recipient)
{
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(4096);
    const uint64_t index = l->len;
    struct tsec_buf *leaf = next_leaf(l);
    uint8_t to[1][32];

    tsec_rand_bytes(l->epoch_key, sizeof(l->epoch_key));
    must(tsec_age_recipient_parse(tsec_span_str(recipient), to[0], NULL), "parse a recipient");
    must(tsec_age_encrypt((const uint8_t(*)[32])to, 1, tsec_span(l->epoch_key, 32), &wrapped, NULL),
         "wrap a key");
    tsec_leaf_header(leaf, TSEC_LEAF_EPOCH, index);
    const struct tsec_leaf_epoch epoch = { number, index, tsec_buf_span(&wrapped) };

    must(tsec_leaf_epoch_pack(&epoch, leaf, NULL), "pack an epoch");
}

static void
add_audit(struct ledger_double *l, uint32_t epoch)
{
    struct tsec_aead_key *key = NULL;
    char json[64];
    const uint64_t index = l->len;
    struct tsec_buf *leaf = next_leaf(l);

    (void)snprintf(json, sizeof(json), "{\"n\":%zu}", l->len - 1);
    must(tsec_aead_key_new(TSEC_AES_256_GCM, l->epoch_key, &key, NULL), "make a key");
    must(tsec_leaf_audit_seal(key, epoch, LEDGER_ORIGIN, index, tsec_span_str(json), leaf, NULL),
         "seal an entry");
    tsec_aead_key_free(key);
}

struct ledger_double *
ledger_double_new(size_t leaves)
{
    struct ledger_double *l = calloc(1, sizeof(*l));
    TSEC_AUTO_BUF struct tsec_buf vkey = TSEC_BUF_INIT(255);
    struct tsec_buf *boot;

    if (l == NULL) {
        abort();
    }
    tsec_buf_init(&l->reply, 32 * 1024 * 1024);
    l->origin = LEDGER_ORIGIN;
    must(tsec_key_generate(TSEC_KEY_ED25519, &l->key, NULL), "make a key");
    must(tsec_note_vkey(LEDGER_ORIGIN, l->key, &vkey, NULL), "name its key");
    (void)snprintf(l->vkey, sizeof(l->vkey), "%.*s", (int)vkey.len, (const char *)vkey.ptr);
    must(tsec_age_identity_new(l->identity, l->recipient, NULL), "make an identity");
    boot = next_leaf(l);
    tsec_leaf_header(boot, TSEC_LEAF_BOOT, 0);
    tsec_buf_put_str(boot, "{}");
    add_epoch(l, 1, l->recipient);
    ledger_double_grow(l, leaves);
    return l;
}

void
ledger_double_grow(struct ledger_double *l, size_t leaves)
{
    while (l->len < leaves) {
        add_audit(l, 1);
    }
    l->served = l->len;
}

void
ledger_double_foreign_epoch(struct ledger_double *l)
{
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];

    must(tsec_age_identity_new(identity, recipient, NULL), "make an identity");
    add_epoch(l, 2, recipient);
    add_audit(l, 2);
    l->served = l->len;
}

void
ledger_double_free(struct ledger_double *l)
{
    for (size_t i = 0; i < l->len; i++) {
        tsec_buf_done(&l->leaves[i]);
    }
    tsec_buf_done(&l->reply);
    tsec_key_free(l->key);
    free(l);
}

static void
put_checkpoint(struct ledger_double *l)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1024);
    struct tsec_checkpoint head = { .size = l->served };
    struct tsec_frontier frontier;

    tsec_frontier_init(&frontier);
    for (size_t i = 0; i < l->served; i++) {
        uint8_t hash[TSEC_SHA256_LEN];

        tsec_merkle_leaf(tsec_buf_span(&l->leaves[i]), hash);
        tsec_frontier_push(&frontier, hash, NULL, NULL);
    }
    tsec_frontier_root(&frontier, head.root);
    (void)snprintf(head.origin, sizeof(head.origin), "%s", l->origin);
    tsec_checkpoint_text(&head, &text);
    must(tsec_note_sign(LEDGER_ORIGIN, l->key, tsec_buf_span(&text), &l->reply, NULL), "sign");
}

static bool
put_bundle(struct ledger_double *l, const char *path)
{
    const char *partial = strstr(path, ".p/");
    const size_t name_len = partial == NULL ? strlen(path) : (size_t)(partial - path);
    const size_t width = partial == NULL ? TSEC_TILE_WIDTH : strtoul(partial + 3, NULL, 10);
    uint64_t n = 0;

    if (!tsec_tile_path_parse(tsec_span(path, name_len), &n)
        || (partial != NULL && l->only_full_bundles)) {
        return false;
    }
    for (size_t i = 0; i < width && n * TSEC_TILE_WIDTH + i < l->len; i++) {
        const struct tsec_buf *leaf = &l->leaves[n * TSEC_TILE_WIDTH + i];

        tsec_buf_put_byte(&l->reply, (uint8_t)(leaf->len >> 8));
        tsec_buf_put_byte(&l->reply, (uint8_t)leaf->len);
        tsec_buf_put_span(&l->reply, tsec_buf_span(leaf));
    }
    return true;
}

bool
ledger_double_answer(void *ctx, const char *path, struct double_reply *out)
{
    struct ledger_double *l = ctx;
    bool found = true;

    tsec_buf_reset(&l->reply);
    if (strcmp(path, "/v1/audit/checkpoint") == 0) {
        put_checkpoint(l);
    } else if (strcmp(path, "/v1/audit/vkey") == 0) {
        tsec_buf_printf(&l->reply, "%s\n", l->vkey);
    } else if (strncmp(path, "/v1/audit/tile/entries/", 23) == 0) {
        found = put_bundle(l, path + 23);
    } else {
        found = false;
    }
    if (found) {
        *out = (struct double_reply){ 200, NULL, (const char *)l->reply.ptr, l->reply.len };
    }
    return found;
}

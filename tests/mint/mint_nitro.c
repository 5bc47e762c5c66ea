/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_nitro.h"

#include <string.h>

#include "tests/mint/mint_nitro_internal.h"

enum { TAG_SIGN1 = 18, SIGNATURE_LEN = 96, KEYS = 9, NONCE_LEN = 32, BINDING_LEN = 64 };

/* ---- the genuine ones ---- */

static void
fill_pcr(struct mint_nitro_spec *spec, unsigned index, uint8_t with)
{
    memset(spec->pcrs[index], with, sizeof(spec->pcrs[index]));
}

void
mint_nitro_genuine(struct mint_nitro_spec *spec)
{
    static const uint8_t es384[] = { 0xa1, 0x01, 0x38, 0x22 };
    static const uint8_t empty_map[] = { 0xa0 };
    static const uint8_t nonce[NONCE_LEN] = { 'n', 'o', 'n', 'c', 'e' };
    static const uint8_t binding[BINDING_LEN] = { 'b', 'i', 'n', 'd', 'i', 'n', 'g' };

    memset(spec, 0, sizeof(*spec));
    mint_nitro_genuine_chain(spec);
    spec->module_id = "i-0123456789abcdef0-enc0123456789abcdef";
    spec->timestamp_ms = MINT_NITRO_NOW * 1000 + 578;
    for (unsigned i = 0; i < 5; i++) {
        fill_pcr(spec, i, (uint8_t)(0xa0 + i));
    }
    fill_pcr(spec, 8, 0xa8);
    spec->pcr_len = 48;
    spec->has = 0xffff;
    spec->pcr_again = -1;
    spec->public_key = tsec_span_str("a public key");
    spec->user_data = tsec_span(binding, sizeof(binding));
    spec->nonce = tsec_span(nonce, sizeof(nonce));
    spec->indefinite = true;
    spec->tag = TAG_SIGN1;
    spec->protected = tsec_span(es384, sizeof(es384));
    spec->unprotected = tsec_span(empty_map, sizeof(empty_map));
    spec->sigalg = TSEC_SIG_ES384;
    spec->signature_len = SIGNATURE_LEN;
}

void
mint_nitro_genuine_tpm(struct mint_nitro_spec *spec)
{
    mint_nitro_genuine(spec);
    spec->tpm = true;
    spec->module_id = "i-0123456789abcdef0-tpm0000000000000000";
    fill_pcr(spec, 7, 0xa7);
    for (unsigned i = 17; i < 23; i++) {
        fill_pcr(spec, i, 0xff);
    }
    spec->has = 0xffffff;
}

/* ---- payload ---- */

static void
put_module_id(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    mint_cbor_text(out, spec->module_id);
}

static void
put_digest(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    (void)spec;
    mint_cbor_text(out, "SHA384");
}

static void
put_timestamp(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    mint_cbor_head(out, MINT_CBOR_UINT, (uint64_t)spec->timestamp_ms);
}

static void
put_pcr(const struct mint_nitro_spec *spec, unsigned index, struct tsec_buf *out)
{
    mint_cbor_head(out, MINT_CBOR_UINT, index);
    mint_cbor_bytes(out, tsec_span(spec->pcrs[index], spec->pcr_len));
}

static void
put_pcrs(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    uint64_t count = spec->pcr_again >= 0 ? 1 : 0;

    for (unsigned i = 0; i < MINT_NITRO_PCRS; i++) {
        count += spec->has >> i & 1;
    }
    if (spec->indefinite_pcrs) {
        mint_cbor_indefinite(out, MINT_CBOR_MAP);
    } else {
        mint_cbor_head(out, MINT_CBOR_MAP, count);
    }
    for (unsigned i = 0; i < MINT_NITRO_PCRS; i++) {
        if ((spec->has >> i & 1) != 0) {
            put_pcr(spec, i, out);
        }
    }
    if (spec->pcr_again >= 0) {
        put_pcr(spec, (unsigned)spec->pcr_again, out);
    }
    if (spec->indefinite_pcrs) {
        tsec_buf_put_byte(out, MINT_CBOR_BREAK);
    }
}

static void
put_optional(struct tsec_span bytes, struct tsec_buf *out)
{
    if (bytes.ptr == NULL) {
        tsec_buf_put_byte(out, MINT_CBOR_NULL);
    } else {
        mint_cbor_bytes(out, bytes);
    }
}

static void
put_public_key(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    put_optional(spec->public_key, out);
}

static void
put_user_data(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    put_optional(spec->user_data, out);
}

static void
put_nonce(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    put_optional(spec->nonce, out);
}

struct key {
    const char *name;
    void (*put)(const struct mint_nitro_spec *spec, struct tsec_buf *out);
};

static const struct mint_nitro_edit *
edit_of(const struct mint_nitro_spec *spec, const char *key)
{
    for (size_t i = 0; i < MINT_NITRO_EDITS; i++) {
        if (spec->edits[i].key != NULL && strcmp(spec->edits[i].key, key) == 0) {
            return &spec->edits[i];
        }
    }
    return NULL;
}

static void
put_entry(const struct mint_nitro_spec *spec, const struct key *key, struct tsec_buf *out)
{
    const struct mint_nitro_edit *edit = edit_of(spec, key->name);

    mint_cbor_text(out, key->name);
    if (edit != NULL && edit->value.ptr != NULL) {
        tsec_buf_put_span(out, edit->value);
    } else {
        key->put(spec, out);
    }
}

static bool
is_known(const struct key *keys, const char *name)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Second copies, and keys that are none of a document's. */
static uint64_t
put_further(const struct mint_nitro_spec *spec, const struct key *keys, struct tsec_buf *out)
{
    uint64_t count = 0;

    for (size_t i = 0; i < KEYS; i++) {
        const struct mint_nitro_edit *edit = edit_of(spec, keys[i].name);

        if (edit != NULL && edit->again) {
            put_entry(spec, &keys[i], out);
            count++;
        }
    }
    for (size_t i = 0; i < MINT_NITRO_EDITS; i++) {
        if (spec->edits[i].key != NULL && !is_known(keys, spec->edits[i].key)) {
            mint_cbor_text(out, spec->edits[i].key);
            tsec_buf_put_span(out, spec->edits[i].value);
            count++;
        }
    }
    return count;
}

static void
put_payload(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    const struct key keys[KEYS] = {
        { "module_id", put_module_id },
        { "digest", put_digest },
        { "timestamp", put_timestamp },
        { spec->tpm ? "nitrotpm_pcrs" : "pcrs", put_pcrs },
        { "certificate", mint_nitro_put_leaf },
        { "cabundle", mint_nitro_put_cabundle },
        { "public_key", put_public_key },
        { "user_data", put_user_data },
        { "nonce", put_nonce },
    };
    TSEC_AUTO_BUF struct tsec_buf entries = TSEC_BUF_INIT(MINT_NITRO_MAX);
    uint64_t count = 0;

    for (size_t i = 0; i < KEYS; i++) {
        const struct key *key = &keys[spec->reversed ? KEYS - 1 - i : i];
        const struct mint_nitro_edit *edit = edit_of(spec, key->name);

        if (edit == NULL || !edit->drop) {
            put_entry(spec, key, &entries);
            count++;
        }
    }
    count += put_further(spec, keys, &entries);
    if (spec->indefinite) {
        mint_cbor_indefinite(out, MINT_CBOR_MAP);
    } else {
        mint_cbor_head(out, MINT_CBOR_MAP, count);
    }
    tsec_buf_put_span(out, tsec_buf_span(&entries));
    if (spec->indefinite) {
        tsec_buf_put_byte(out, MINT_CBOR_BREAK);
    }
    tsec_buf_put_span(out, spec->payload_tail);
}

/* ---- envelope ---- */

static void
put_signature(const struct mint_nitro_spec *spec, struct tsec_span payload, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(MINT_NITRO_MAX);
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(1024);
    const size_t slot = spec->other_signer ? MINT_NITRO_STRANGER : MINT_NITRO_LEAF;

    mint_cbor_head(&text, MINT_CBOR_ARRAY, 4);
    mint_cbor_text(&text, "Signature1");
    mint_cbor_bytes(&text, spec->protected);
    mint_cbor_bytes(&text, tsec_span_str(""));
    mint_cbor_bytes(&text, payload);
    mint_sign(mint_nitro_key(slot, spec->kinds[MINT_NITRO_LEAF]), spec->sigalg,
              tsec_buf_span(&text), &signature);
    if (signature.len > spec->signature_len) {
        tsec_buf_truncate(&signature, spec->signature_len);
    } else {
        (void)tsec_buf_extend(&signature, spec->signature_len - signature.len);
    }
    mint_cbor_bytes(out, tsec_buf_span(&signature));
}

static void
root_digest(const struct mint_nitro_spec *spec, uint8_t root[TSEC_SHA256_LEN])
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(MINT_NITRO_MAX);

    mint_nitro_cert(spec, 0, &der);
    tsec_sha256(tsec_buf_span(&der), root);
}

void
mint_nitro(const struct mint_nitro_spec *spec, struct tsec_buf *out, uint8_t root[TSEC_SHA256_LEN])
{
    TSEC_AUTO_BUF struct tsec_buf payload = TSEC_BUF_INIT(MINT_NITRO_MAX);

    put_payload(spec, &payload);
    for (unsigned i = 0; i < spec->tags; i++) {
        mint_cbor_head(out, MINT_CBOR_TAG, spec->tag);
    }
    if (spec->wide_array) {
        mint_cbor_wide_head(out, MINT_CBOR_ARRAY, 1, 4);
    } else {
        mint_cbor_head(out, MINT_CBOR_ARRAY, 4);
    }
    mint_cbor_bytes(out, spec->protected);
    tsec_buf_put_span(out, spec->unprotected);
    mint_cbor_bytes(out, tsec_buf_span(&payload));
    put_signature(spec, tsec_buf_span(&payload), out);
    tsec_buf_put_span(out, spec->tail);
    if (root != NULL) {
        root_digest(spec, root);
    }
}

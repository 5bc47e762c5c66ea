/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/note.h"

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/cut.h"

enum {
    ALG_ED25519 = 0x01,
    KEY_ID_LEN = 4,
    SIGNATURES_MAX = 100, /* as many as Go's note package reads */
    LINE_MAX_LEN = 1024,
};

static const char sig_prefix[] = "\xe2\x80\x94 "; /* em dash, space */

/* ---- names and keys ---- */

/* A character of White_Space beyond ASCII starts here; its length, or 0. */
static size_t
wide_space(const uint8_t *p, size_t len)
{
    static const char *const spaces[] = {
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
        "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
        "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
        "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(spaces); i++) {
        if (tsec_span_starts(tsec_span(p, len), tsec_span_str(spaces[i]))) {
            return strlen(spaces[i]);
        }
    }
    return 0;
}

bool
tsec_note_name_valid(struct tsec_span name)
{
    if (name.len == 0 || name.len > TSEC_NOTE_NAME_MAX || !tsec_utf8_valid(name)) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= ' ' || name.ptr[i] == 0x7f || name.ptr[i] == '+'
            || wide_space(name.ptr + i, name.len - i) != 0) {
            return false;
        }
    }
    return true;
}

static uint32_t
key_id(struct tsec_span name, const uint8_t public_key[TSEC_ED25519_KEY_LEN])
{
    static const uint8_t between[] = { '\n', ALG_ED25519 };
    const struct tsec_span parts[] = { name,
                                       { between, sizeof(between) },
                                       { public_key, TSEC_ED25519_KEY_LEN } };
    uint8_t hash[TSEC_SHA256_LEN];

    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), hash);
    return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

static void
put_key_id(uint32_t id, uint8_t out[KEY_ID_LEN])
{
    for (unsigned i = 0; i < KEY_ID_LEN; i++) {
        out[i] = (uint8_t)(id >> (24 - 8 * i));
    }
}

/* The public key of a key that may sign notes under this name. */
static tsec_rc
note_key(const char *name, const struct tsec_key *key, struct tsec_buf *public_key,
         struct tsec_err *err)
{
    if (!tsec_note_name_valid(tsec_span_str(name))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a name for a note key");
    }
    if (tsec_key_kind_of(key) != TSEC_KEY_ED25519) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a note key is an Ed25519 key");
    }
    return tsec_key_public(key, public_key, err);
}

tsec_rc
tsec_note_vkey(const char *name, const struct tsec_key *key, struct tsec_buf *out,
               struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf typed = TSEC_BUF_INIT(1 + TSEC_ED25519_KEY_LEN);
    uint8_t id[KEY_ID_LEN];

    tsec_buf_put_byte(&typed, ALG_ED25519);
    TSEC_TRY(note_key(name, key, &typed, err));
    put_key_id(key_id(tsec_span_str(name), typed.ptr + 1), id);
    tsec_buf_put_str(out, name);
    tsec_buf_put_byte(out, '+');
    tsec_hex_append(out, tsec_span(id, sizeof(id)));
    tsec_buf_put_byte(out, '+');
    tsec_base64_append(out, TSEC_BASE64_STD, tsec_buf_span(&typed));
    return tsec_buf_check(out, err);
}

tsec_rc
tsec_note_verifier_parse(struct tsec_span vkey, struct tsec_note_verifier *out,
                         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf typed = TSEC_BUF_INIT(1 + TSEC_ED25519_KEY_LEN);
    struct tsec_span name;
    struct tsec_span id;
    uint8_t raw_id[KEY_ID_LEN];

    if (!tsec_cut(&vkey, '+', &name) || !tsec_note_name_valid(name) || !tsec_cut(&vkey, '+', &id)
        || !tsec_hex_decode(id, raw_id, sizeof(raw_id))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "verifier key is not name+id+key");
    }
    if (tsec_failed(tsec_base64_decode(&typed, TSEC_BASE64_STD, vkey, NULL))
        || typed.len != 1 + TSEC_ED25519_KEY_LEN || typed.ptr[0] != ALG_ED25519) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "verifier key is not Ed25519");
    }
    memset(out, 0, sizeof(*out));
    memcpy(out->name, name.ptr, name.len);
    memcpy(out->public_key, typed.ptr + 1, sizeof(out->public_key));
    out->key_id = key_id(name, out->public_key);
    put_key_id(out->key_id, typed.ptr);
    if (!tsec_span_equal(tsec_span(typed.ptr, KEY_ID_LEN), tsec_span(raw_id, sizeof(raw_id)))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "verifier key does not have the id it says");
    }
    return TSEC_OK;
}

/* ---- notes ---- */

/* UTF-8 without control characters other than newline. */
static bool
text_valid(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' && text.ptr[i] != '\n') {
            return false;
        }
    }
    return tsec_utf8_valid(text);
}

tsec_rc
tsec_note_sign(const char *name, const struct tsec_key *key, struct tsec_span text,
               struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf public_key = TSEC_BUF_INIT(TSEC_ED25519_KEY_LEN);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(KEY_ID_LEN + TSEC_ED25519_SIG_LEN);
    uint8_t id[KEY_ID_LEN];

    if (text.len == 0 || text.len > TSEC_NOTE_MAX || text.ptr[text.len - 1] != '\n'
        || !text_valid(text)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not the text of a note");
    }
    TSEC_TRY(note_key(name, key, &public_key, err));
    put_key_id(key_id(tsec_span_str(name), public_key.ptr), id);
    tsec_buf_put(&sig, id, sizeof(id));
    TSEC_TRY(tsec_sign(key, TSEC_SHA512, text, &sig, err));
    tsec_buf_put_span(out, text);
    tsec_buf_put_byte(out, '\n');
    tsec_buf_put_str(out, sig_prefix);
    tsec_buf_put_str(out, name);
    tsec_buf_put_byte(out, ' ');
    tsec_base64_append(out, TSEC_BASE64_STD, tsec_buf_span(&sig));
    tsec_buf_put_byte(out, '\n');
    return tsec_buf_check(out, err);
}

/* The text is all up to the last empty line: signature lines hold none. */
static bool
split(struct tsec_span note, struct tsec_span *text, struct tsec_span *lines)
{
    const uint8_t *last = NULL;

    for (size_t i = note.len; i >= 2 && last == NULL; i--) {
        if (note.ptr[i - 1] == '\n' && note.ptr[i - 2] == '\n') {
            last = note.ptr + i - 2;
        }
    }
    if (last == NULL || note.ptr[note.len - 1] != '\n') {
        return false;
    }
    *text = tsec_span(note.ptr, (size_t)(last - note.ptr) + 1);
    *lines = tsec_span(last + 2, note.len - text->len - 1);
    return lines->len > 0;
}

struct line {
    struct tsec_span name;
    struct tsec_buf sig; /* key id ‖ signature */
};

static bool
parse_line(struct tsec_span text, struct line *line)
{
    const size_t prefix = sizeof(sig_prefix) - 1;

    if (text.len > LINE_MAX_LEN || !tsec_span_starts(text, tsec_span(sig_prefix, prefix))) {
        return false;
    }
    text = tsec_span(text.ptr + prefix, text.len - prefix);
    return tsec_cut(&text, ' ', &line->name) && tsec_note_name_valid(line->name)
           && !tsec_failed(tsec_base64_decode(&line->sig, TSEC_BASE64_STD, text, NULL))
           && line->sig.len > KEY_ID_LEN;
}

static bool
is_by(const struct line *line, const struct tsec_note_verifier *verifier)
{
    uint8_t id[KEY_ID_LEN];

    put_key_id(verifier->key_id, id);
    return tsec_span_is(line->name, verifier->name)
           && tsec_span_equal(tsec_span(line->sig.ptr, KEY_ID_LEN), tsec_span(id, sizeof(id)));
}

static tsec_rc
verify_line(const struct line *line, const struct tsec_note_verifier *verifier,
            struct tsec_span text, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;

    TSEC_TRY(tsec_key_from_public(
        TSEC_KEY_ED25519, tsec_span(verifier->public_key, TSEC_ED25519_KEY_LEN), &key, err));
    return tsec_verify(key, TSEC_SHA512, text,
                       tsec_span(line->sig.ptr + KEY_ID_LEN, line->sig.len - KEY_ID_LEN), err);
}

/* One signature line: malformed ones are refused whoever signed, others' are passed over. */
static tsec_rc
check_line(struct tsec_span bytes, const struct tsec_note_verifier *verifier, struct tsec_span text,
           bool *signed_by, struct tsec_err *err)
{
    struct line line = { .sig = TSEC_BUF_INIT(LINE_MAX_LEN) };
    tsec_rc rc = TSEC_OK;

    if (!parse_line(bytes, &line)) {
        rc = TSEC_FAIL(err, TSEC_E_INVALID, "note with a malformed signature line");
    } else if (is_by(&line, verifier)) {
        rc = verify_line(&line, verifier, text, err);
        *signed_by = !tsec_failed(rc);
    }
    tsec_buf_done(&line.sig);
    return rc;
}

tsec_rc
tsec_note_open(struct tsec_span note, const struct tsec_note_verifier *verifier,
               struct tsec_span *text, struct tsec_err *err)
{
    struct tsec_span lines;
    struct tsec_span line;
    struct tsec_span body;
    bool signed_by = false;

    if (note.len > TSEC_NOTE_MAX || !text_valid(note) || !split(note, &body, &lines)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a signed note");
    }
    for (unsigned n = 0; tsec_cut(&lines, '\n', &line); n++) {
        if (n == SIGNATURES_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "note with too many signatures");
        }
        TSEC_TRY(check_line(line, verifier, body, &signed_by, err));
    }
    if (!signed_by) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "note is not signed by %s", verifier->name);
    }
    *text = body;
    return TSEC_OK;
}

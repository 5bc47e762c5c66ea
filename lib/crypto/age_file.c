/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/age.h"
#include "crypto/age_stanza.h"
#include "crypto/chacha.h"
#include "crypto/cut.h"
#include "crypto/hash.h"
#include "crypto/rand.h"

enum { CHUNK_MAX = 64 * 1024, PAYLOAD_NONCE_LEN = 16, LINE_LEN = 64, RECIPIENTS_MAX = 64 };

static const char version[] = "age-encryption.org/v1";
static const char x25519[] = "X25519";

/* The only chunk: counter 0, and the flag that says last. */
static const uint8_t last_chunk[TSEC_CHACHA_NONCE_LEN] = { [TSEC_CHACHA_NONCE_LEN - 1] = 1 };

static tsec_rc
header_mac(const uint8_t file_key[TSEC_AGE_FILE_KEY_LEN], struct tsec_span header,
           uint8_t mac[TSEC_SHA256_LEN], struct tsec_err *err)
{
    uint8_t key[TSEC_SHA256_LEN];

    TSEC_TRY(tsec_hkdf(TSEC_SHA256, tsec_span(file_key, TSEC_AGE_FILE_KEY_LEN), tsec_span(NULL, 0),
                       tsec_span_str("header"), key, sizeof(key), err));

    const tsec_rc rc = tsec_hmac(TSEC_SHA256, tsec_span(key, sizeof(key)), header, mac, err);

    explicit_bzero(key, sizeof(key));
    return rc;
}

static tsec_rc
payload_key(const uint8_t file_key[TSEC_AGE_FILE_KEY_LEN], const uint8_t nonce[PAYLOAD_NONCE_LEN],
            uint8_t key[TSEC_CHACHA_KEY_LEN], struct tsec_err *err)
{
    return tsec_hkdf(TSEC_SHA256, tsec_span(file_key, TSEC_AGE_FILE_KEY_LEN),
                     tsec_span(nonce, PAYLOAD_NONCE_LEN), tsec_span_str("payload"), key,
                     TSEC_CHACHA_KEY_LEN, err);
}

/* ---- writing ---- */

static tsec_rc
put_header(const uint8_t (*recipients)[32], size_t n, const uint8_t *file_key, struct tsec_buf *out,
           struct tsec_err *err)
{
    const size_t start = out->len;
    struct tsec_age_stanza stanza;
    uint8_t mac[TSEC_SHA256_LEN];

    tsec_buf_put_str(out, version);
    tsec_buf_put_byte(out, '\n');
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(tsec_age_wrap(recipients[i], file_key, &stanza, err));
        tsec_buf_put_str(out, "-> X25519 ");
        tsec_age_put_32(out, stanza.share);
        tsec_buf_put_byte(out, '\n');
        tsec_age_put_32(out, stanza.body);
        tsec_buf_put_byte(out, '\n');
    }
    tsec_buf_put_str(out, "---");
    TSEC_TRY(tsec_buf_check(out, err));
    TSEC_TRY(header_mac(file_key, tsec_span(out->ptr + start, out->len - start), mac, err));
    tsec_buf_put_byte(out, ' ');
    tsec_age_put_32(out, mac);
    tsec_buf_put_byte(out, '\n');
    return tsec_buf_check(out, err);
}

static tsec_rc
put_payload(const uint8_t *file_key, struct tsec_span plain, struct tsec_buf *out,
            struct tsec_err *err)
{
    uint8_t key[TSEC_CHACHA_KEY_LEN];
    uint8_t *nonce = tsec_buf_extend(out, PAYLOAD_NONCE_LEN + plain.len + TSEC_CHACHA_TAG_LEN);

    if (nonce == NULL) {
        return tsec_buf_check(out, err);
    }
    tsec_rand_nonce(nonce, PAYLOAD_NONCE_LEN);
    TSEC_TRY(payload_key(file_key, nonce, key, err));

    const tsec_rc rc = tsec_chacha_seal(key, last_chunk, plain, nonce + PAYLOAD_NONCE_LEN, err);

    explicit_bzero(key, sizeof(key));
    return rc;
}

tsec_rc
tsec_age_encrypt(const uint8_t (*recipients)[32], size_t n, struct tsec_span plain,
                 struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t file_key[TSEC_AGE_FILE_KEY_LEN];

    if (n == 0 || n > RECIPIENTS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "age file for %zu recipients", n);
    }
    if (plain.len > CHUNK_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "age file of %zu bytes", plain.len);
    }
    tsec_rand_bytes(file_key, sizeof(file_key));

    tsec_rc rc = put_header(recipients, n, file_key, out, err);

    if (!tsec_failed(rc)) {
        rc = put_payload(file_key, plain, out, err);
    }
    explicit_bzero(file_key, sizeof(file_key));
    return rc;
}

/* ---- reading ---- */

struct parsed {
    struct tsec_age_stanza stanzas[TSEC_AGE_STANZA_MAX]; /* of X25519 */
    size_t n;
    struct tsec_span header; /* what the MAC covers */
    uint8_t mac[32];
    struct tsec_span payload; /* nonce ‖ chunk */
};

static bool
is_base64_line(struct tsec_span line)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\0' || strchr(digits, line.ptr[i]) == NULL) {
            return false;
        }
    }
    return line.len <= LINE_LEN;
}

/* Arguments: printable, at least one, one space between them. */
static bool
args_valid(struct tsec_span args)
{
    uint8_t before = ' ';

    for (size_t i = 0; i < args.len; i++) {
        if (args.ptr[i] < ' ' || args.ptr[i] > '~' || (args.ptr[i] == ' ' && before == ' ')) {
            return false;
        }
        before = args.ptr[i];
    }
    return before != ' ';
}

/* The body ends with its first line that is not full, which may be empty. */
static bool
read_body(struct tsec_span *rest, struct tsec_span *first)
{
    struct tsec_span line;

    for (bool begun = false;; begun = true) {
        if (!tsec_cut(rest, '\n', &line) || !is_base64_line(line)) {
            return false;
        }
        *first = begun ? *first : line;
        if (line.len < LINE_LEN) {
            return true;
        }
    }
}

/* `args`: what stands behind "-> ".  Stanzas of other types are passed over. */
static bool
read_stanza(struct tsec_span args, struct tsec_span *rest, struct parsed *out)
{
    struct tsec_span type = args;
    struct tsec_span body;

    if (!args_valid(args) || !read_body(rest, &body)) {
        return false;
    }

    const bool has_args = tsec_cut(&args, ' ', &type);

    if (!tsec_span_is(type, x25519)) {
        return true;
    }
    if (!has_args || out->n == TSEC_AGE_STANZA_MAX) {
        return false;
    }

    struct tsec_age_stanza *stanza = &out->stanzas[out->n++];

    return tsec_age_read_32(args, stanza->share) && tsec_age_read_32(body, stanza->body);
}

static bool
read_file(struct tsec_span file, struct parsed *out)
{
    const struct tsec_span arrow = tsec_span_str("-> ");
    const struct tsec_span dashes = tsec_span_str("--- ");
    struct tsec_span rest = file;
    struct tsec_span line;

    out->n = 0;
    if (!tsec_cut(&rest, '\n', &line) || !tsec_span_is(line, version)) {
        return false;
    }
    while (tsec_cut(&rest, '\n', &line) && tsec_span_starts(line, arrow)) {
        if (!read_stanza(tsec_span(line.ptr + arrow.len, line.len - arrow.len), &rest, out)) {
            return false;
        }
    }
    out->header = tsec_span(file.ptr, (size_t)(line.ptr - file.ptr) + dashes.len - 1);
    out->payload = rest;
    return tsec_span_starts(line, dashes)
           && tsec_age_read_32(tsec_span(line.ptr + dashes.len, line.len - dashes.len), out->mac);
}

static tsec_rc
find_file_key(const uint8_t identity[32], const struct parsed *in,
              uint8_t file_key[TSEC_AGE_FILE_KEY_LEN], struct tsec_err *err)
{
    for (size_t i = 0; i < in->n; i++) {
        const tsec_rc rc = tsec_age_unwrap(identity, &in->stanzas[i], file_key, err);

        if (rc.code != TSEC_E_DENIED) {
            return rc;
        }
    }
    return TSEC_FAIL(err, TSEC_E_DENIED, "age file is for other recipients");
}

static tsec_rc
open_payload(const uint8_t *file_key, struct tsec_span payload, struct tsec_buf *plain,
             struct tsec_err *err)
{
    const struct tsec_span chunk =
        tsec_span(payload.ptr + PAYLOAD_NONCE_LEN, payload.len - PAYLOAD_NONCE_LEN);
    const size_t before = plain->len;
    uint8_t key[TSEC_CHACHA_KEY_LEN];
    uint8_t *out = tsec_buf_extend(plain, chunk.len - TSEC_CHACHA_TAG_LEN);

    if (out == NULL) {
        return tsec_buf_check(plain, err);
    }
    TSEC_TRY(payload_key(file_key, payload.ptr, key, err));

    const tsec_rc rc = tsec_chacha_open(key, last_chunk, chunk, out, err);

    if (tsec_failed(rc)) {
        tsec_buf_truncate(plain, before);
    }
    explicit_bzero(key, sizeof(key));
    return rc;
}

static tsec_rc
open_parsed(const uint8_t *file_key, const struct parsed *in, struct tsec_buf *plain,
            struct tsec_err *err)
{
    uint8_t mac[TSEC_SHA256_LEN];

    TSEC_TRY(header_mac(file_key, in->header, mac, err));
    if (!tsec_ct_equal(tsec_span(mac, sizeof(mac)), tsec_span(in->mac, sizeof(in->mac)))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "age header does not authenticate");
    }
    return open_payload(file_key, in->payload, plain, err);
}

tsec_rc
tsec_age_decrypt(const uint8_t identity[32], struct tsec_span file, struct tsec_buf *plain,
                 struct tsec_err *err)
{
    uint8_t file_key[TSEC_AGE_FILE_KEY_LEN];
    struct parsed in;

    if (!read_file(file, &in)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not an age file");
    }
    if (in.payload.len < PAYLOAD_NONCE_LEN + TSEC_CHACHA_TAG_LEN
        || in.payload.len > PAYLOAD_NONCE_LEN + CHUNK_MAX + TSEC_CHACHA_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "age payload of %zu bytes", in.payload.len);
    }

    tsec_rc rc = find_file_key(identity, &in, file_key, err);

    if (!tsec_failed(rc)) {
        rc = open_parsed(file_key, &in, plain, err);
    }
    explicit_bzero(file_key, sizeof(file_key));
    return rc;
}

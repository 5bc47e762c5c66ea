/* SPDX-License-Identifier: Apache-2.0 */
#include "api/tools.h"

#include "api/envelope.h"
#include "base/base64.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/rand.h"

enum { RANDOM_DEFAULT = 32, RANDOM_MAX = 128 * 1024, HASH_INPUT_MAX = 1024 * 1024 };

/* "hex" or "base64"; false otherwise. */
static bool
put_encoded(struct tsec_buf *text, const char *format, struct tsec_span bytes)
{
    if (strcmp(format, "hex") == 0) {
        tsec_hex_append(text, bytes);
        return true;
    }
    if (strcmp(format, "base64") == 0) {
        tsec_base64_append(text, TSEC_BASE64_STD, bytes);
        return true;
    }
    return false;
}

static tsec_rc
answer(struct api_call *call, const char *member, const char *format, struct tsec_span bytes,
       struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(2 * RANDOM_MAX + 16);
    struct tsec_json_out out;

    if (!put_encoded(&text, format, bytes)) {
        return api_refusef(call, TSEC_E_INVALID,
                           "unsupported encoding format %.32s; must be \"hex\" or \"base64\"",
                           format);
    }
    TSEC_TRY(tsec_buf_check(&text, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_span(&out, member, tsec_buf_span(&text));
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

static bool
to_number(struct tsec_span text, int64_t *out)
{
    int64_t n = 0;

    if (text.len == 0 || text.len > 7) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        n = n * 10 + (text.ptr[i] - '0');
    }
    *out = n;
    return true;
}

static tsec_rc
read_count(struct api_call *call, struct tsec_span bytes, int64_t *n)
{
    if (bytes.len > 0 && !to_number(bytes, n)) {
        return api_refuse(call, TSEC_E_INVALID, "bytes must be a number");
    }
    if (*n < 1 || *n > RANDOM_MAX) {
        return api_refusef(call, TSEC_E_INVALID, "\"bytes\" must be 1 to %d", RANDOM_MAX);
    }
    return TSEC_OK;
}

tsec_rc
api_tool_random(struct api_call *call, struct tsec_span bytes, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf random = TSEC_BUF_INIT(RANDOM_MAX);
    const char *format = "base64";
    int64_t n = RANDOM_DEFAULT;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("format", &format, NULL, 32),
        TSEC_JSON_INT("bytes", &n, NULL, INT64_MIN, INT64_MAX),
    };
    uint8_t *out;

    TSEC_TRY(API_FIELDS(call, fields, err));
    TSEC_TRY(read_count(call, bytes, &n));
    out = tsec_buf_extend(&random, (size_t)n);
    if (out == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "random bytes");
    }
    tsec_rand_bytes(out, (size_t)n);
    return answer(call, "random_bytes", format, tsec_buf_span(&random), err);
}

/* SHA-1 is for what others made with it, and here nobody did. */
static bool
to_hash(struct tsec_span name, enum tsec_hash *out)
{
    return tsec_hash_named(name, out) && *out != TSEC_SHA1;
}

tsec_rc
api_tool_hash(struct api_call *call, struct tsec_span algorithm, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf input = TSEC_BUF_INIT(HASH_INPUT_MAX);
    const char *name = "sha2-256";
    const char *format = "hex";
    const char *text = "";
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("algorithm", &name, NULL, 32),
        TSEC_JSON_STR("format", &format, NULL, 32),
        TSEC_JSON_STR("input", &text, NULL, HASH_INPUT_MAX),
    };
    uint8_t digest[TSEC_SHA512_LEN];
    struct tsec_span part;
    enum tsec_hash hash;

    TSEC_TRY(API_FIELDS(call, fields, err));
    if (!to_hash(algorithm.len > 0 ? algorithm : tsec_span_str(name), &hash)) {
        return api_refuse(call, TSEC_E_INVALID,
                          "unsupported algorithm: use sha2-224, sha2-256, sha2-384, sha2-512, "
                          "sha3-224, sha3-256, sha3-384 or sha3-512");
    }
    if (text[0] != '\0'
        && tsec_failed(tsec_base64_decode(&input, TSEC_BASE64_STD, tsec_span_str(text), err))) {
        return api_refuse(call, TSEC_E_INVALID, "unable to decode input as base64");
    }
    part = tsec_buf_span(&input);
    tsec_hash_parts(hash, &part, 1, digest);
    return answer(call, "sum", format, tsec_span(digest, tsec_hash_len(hash)), err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A token that is taken, put together again from its parts, is the token: it has one spelling.
 * Header and payload are JSON objects; nothing of it is longer than it may be. */
#include "codec/jose.h"

#include "tests/fuzz/fuzz.h"

enum { TOKEN_MAX = 64 * 1024 };

static void
is_object(const struct tsec_buf *json)
{
    const struct tsec_span text = tsec_json_trim(tsec_buf_span(json));

    FUZZ_ASSERT(!tsec_failed(tsec_json_check(text, &TSEC_JSON_LIMITS_DEFAULT, NULL)));
    FUZZ_ASSERT(tsec_json_type_of(text) == TSEC_JSON_OBJECT);
}

static void
has_one_spelling(const struct tsec_jws *jws, struct tsec_span token)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TOKEN_MAX);

    tsec_jws_signed_part(tsec_buf_span(&jws->header), tsec_buf_span(&jws->payload), &again);
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), jws->signed_part));
    tsec_jws_add_signature(tsec_buf_span(&jws->signature), &again);
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), tsec_json_trim(token)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tsec_span token = tsec_span(data, size);
    struct tsec_jws jws;
    const tsec_rc rc = tsec_jws_parse(token, TOKEN_MAX, &jws, NULL);

    FUZZ_ASSERT(rc.code == 0 || rc.code == TSEC_E_INVALID);
    if (rc.code == 0) {
        FUZZ_ASSERT(size <= TOKEN_MAX && jws.header.len <= TSEC_JWS_HEADER_MAX);
        FUZZ_ASSERT(jws.signature.len > 0);
        is_object(&jws.header);
        is_object(&jws.payload);
        has_one_spelling(&jws, token);
    }
    tsec_jws_done(&jws);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A COSE_Sign1 that is taken, put together again from its parts, is what was read; the bytes that
 * its signature is over are an array of the four things RFC 9052 section 4.4 says. */
#include "codec/cbor.h"
#include "codec/cose.h"
#include "tests/fuzz/fuzz.h"

static void
signed_bytes_are_right(const struct tsec_cose_sign1 *s, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(size + 64);
    struct tsec_span part[4];
    size_t count = 0;

    tsec_cose_signed_bytes(s, &text);
    FUZZ_ASSERT(!tsec_failed(tsec_buf_check(&text, NULL)));

    struct tsec_cbor in = tsec_cbor(tsec_buf_span(&text));

    FUZZ_ASSERT(!tsec_failed(tsec_cbor_array(&in, 4, &count, NULL)) && count == 4);
    FUZZ_ASSERT(!tsec_failed(tsec_cbor_text(&in, &part[0], NULL)));
    for (size_t i = 1; i < 4; i++) {
        FUZZ_ASSERT(!tsec_failed(tsec_cbor_bytes(&in, &part[i], NULL)));
    }
    FUZZ_ASSERT(!tsec_failed(tsec_cbor_end(&in, NULL)));
    FUZZ_ASSERT(tsec_span_is(part[0], "Signature1"));
    FUZZ_ASSERT(tsec_span_equal(part[1], s->protected));
    FUZZ_ASSERT(part[2].len == 0);
    FUZZ_ASSERT(tsec_span_equal(part[3], s->payload));
}

/* The protected header has one parameter, whose value is the algorithm. */
static void
algorithm_is_protected(const struct tsec_cose_sign1 *s)
{
    struct tsec_cbor in = tsec_cbor(s->protected);
    struct tsec_cbor_map map;
    int64_t label = 0;
    int64_t alg = 0;

    FUZZ_ASSERT(!tsec_failed(tsec_cbor_map(&in, 1, false, &map, NULL)) && map.left == 1);
    FUZZ_ASSERT(!tsec_failed(tsec_cbor_int(&in, &label, NULL)) && label == 1);
    FUZZ_ASSERT(!tsec_failed(tsec_cbor_int(&in, &alg, NULL)) && alg == s->alg);
    FUZZ_ASSERT(!tsec_failed(tsec_cbor_end(&in, NULL)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tsec_span input = tsec_span(data, size);
    struct tsec_cose_sign1 s;
    struct tsec_cose_sign1 bare;
    const tsec_rc rc = tsec_cose_sign1_parse(input, &s, NULL);

    FUZZ_ASSERT(rc.code == 0 || rc.code == TSEC_E_INVALID);
    if (rc.code != 0) {
        return 0;
    }
    signed_bytes_are_right(&s, size);
    algorithm_is_protected(&s);
    FUZZ_ASSERT(s.signature.ptr + s.signature.len == data + size);
    FUZZ_ASSERT(data[0] == 0x84 || data[0] == 0xd2);
    if (data[0] == 0xd2) { /* the tag says nothing more */
        FUZZ_ASSERT(
            !tsec_failed(tsec_cose_sign1_parse(tsec_span(data + 1, size - 1), &bare, NULL)));
        FUZZ_ASSERT(bare.alg == s.alg && tsec_span_equal(bare.payload, s.payload));
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence as the command line reads it.  What is taken out of hex, written in hex again, is taken
 * out as the same; a guess of the encoding is one that decodes, but for how many digits there are;
 * the format that is guessed is one of those that exist. */
#include "client/evidence_input.h"

#include <tsec/attest.h>

#include "base/base64.h"
#include "base/hex.h"
#include "tests/fuzz/fuzz.h"

enum { ROOM = 2 * 1024 * 1024 };

static void
comes_again(struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf hex = TSEC_BUF_INIT(ROOM);
    TSEC_AUTO_BUF struct tsec_buf base64 = TSEC_BUF_INIT(ROOM);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(ROOM);

    tsec_hex_append(&hex, bytes);
    tsec_buf_put_byte(&hex, '\n');
    FUZZ_ASSERT(!tsec_failed(evidence_decode(EVIDENCE_HEX, tsec_buf_span(&hex), &again, NULL)));
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), bytes));
    FUZZ_ASSERT(evidence_encoding_guess(tsec_buf_span(&hex)) == EVIDENCE_HEX);
    tsec_buf_reset(&again);
    tsec_base64_append(&base64, bytes.len % 2 == 0 ? TSEC_BASE64_STD : TSEC_BASE64_URL, bytes);
    FUZZ_ASSERT(
        !tsec_failed(evidence_decode(EVIDENCE_BASE64, tsec_buf_span(&base64), &again, NULL)));
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), bytes));
    FUZZ_ASSERT(evidence_encoding_guess(tsec_buf_span(&base64)) != EVIDENCE_BIN);
}

static void
format_exists(struct tsec_span bytes)
{
    static const char *const formats[] = { "nitro", "snp", "sgx", "tdx", "az-snp-vtpm", "maa" };
    const char *guess = evidence_format_guess(bytes);
    bool found = guess == NULL;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats) && !found; i++) {
        found = strcmp(guess, formats[i]) == 0;
    }
    FUZZ_ASSERT(found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tsec_span text = tsec_span(data, size);

    format_exists(text);
    (void)evidence_encoding_guess(text);
    for (int encoding = EVIDENCE_BIN; encoding <= EVIDENCE_BASE64; encoding++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(ROOM);
        const tsec_rc rc = evidence_decode((enum evidence_encoding)encoding, text, &out, NULL);

        FUZZ_ASSERT(rc.code == 0 || rc.code == TSEC_E_INVALID || rc.code == TSEC_E_TOO_LARGE);
        if (rc.code == 0) {
            FUZZ_ASSERT(out.len > 0 && out.len <= TSEC_EVIDENCE_MAX);
            comes_again(tsec_buf_span(&out));
            format_exists(tsec_buf_span(&out));
        }
    }
    return 0;
}

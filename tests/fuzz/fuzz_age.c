/* SPDX-License-Identifier: Apache-2.0 */
/* A file opens or is refused for a stated reason, and then gives nothing; a recipient that is read
 * is the text of its key. */
#include "crypto/age.h"
#include "crypto/bech32.h"
#include "tests/fuzz/fuzz.h"

enum { PLAIN_MAX = 64 * 1024 };

static void
open_file(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(PLAIN_MAX);
    uint8_t identity[32];

    memset(identity, 0x42, sizeof(identity)); /* the corpus has files for it */

    const tsec_rc rc = tsec_age_decrypt(identity, input, &plain, NULL);

    FUZZ_ASSERT(rc.code == TSEC_OK_CODE || rc.code == TSEC_E_INVALID || rc.code == TSEC_E_DENIED
                || rc.code == TSEC_E_TAMPERED);
    FUZZ_ASSERT(!tsec_failed(rc) || plain.len == 0);
}

static void
read_recipient(struct tsec_span input)
{
    char text[TSEC_AGE_RECIPIENT_LEN + 1];
    uint8_t key[32];

    if (!tsec_failed(tsec_age_recipient_parse(input, key, NULL))) {
        tsec_bech32_encode("age", key, text);
        FUZZ_ASSERT(tsec_span_is(input, text));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_file(tsec_span(data, size));
    read_recipient(tsec_span(data, size));
    return 0;
}

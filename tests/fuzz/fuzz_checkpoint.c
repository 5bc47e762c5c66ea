/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint that is read is what its text begins with: there is one form of each. */
#include "crypto/note.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(512);
    struct tsec_checkpoint checkpoint;

    if (!tsec_failed(tsec_checkpoint_parse(tsec_span(data, size), &checkpoint, NULL))) {
        tsec_checkpoint_text(&checkpoint, &again);
        FUZZ_ASSERT(!again.failed);
        FUZZ_ASSERT(tsec_span_starts(tsec_span(data, size), tsec_buf_span(&again)));
    }
    return 0;
}

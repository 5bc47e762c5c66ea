/* SPDX-License-Identifier: Apache-2.0 */
/* A tile path that is read is the path of its number. */
#include "crypto/merkle.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(64);
    uint64_t n = 0;

    if (tsec_tile_path_parse(tsec_span(data, size), &n)) {
        tsec_tile_path(&again, n);
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), tsec_span(data, size)));
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A tree that a snapshot remembers packs to what it was, and can be added to. */
#include "ledger/tiles.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t leaf[TSEC_SHA256_LEN];
    struct tsec_buf again = TSEC_BUF_INIT(1 << 20);
    struct tiles tiles;
    uint8_t root[TSEC_SHA256_LEN];

    if (!tsec_failed(tiles_unpack(tsec_span(data, size), &tiles, NULL))) {
        tiles_pack(&tiles, &again);
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), tsec_span(data, size)));
        tsec_frontier_root(&tiles.frontier, root);
        for (int i = 0; i < 2; i++) {
            tiles_push(&tiles, leaf, NULL, NULL);
        }
    }
    tsec_buf_done(&again);
    return 0;
}

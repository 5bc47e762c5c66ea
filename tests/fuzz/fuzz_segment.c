/* SPDX-License-Identifier: Apache-2.0 */
/* A segment that is walked to its end packs, leaf by leaf, to what it was. */
#include "codec/pack.h"
#include "ledger/ledger_internal.h"
#include "tests/fuzz/fuzz.h"

struct again {
    struct tsec_buf bytes;
    uint64_t next;
};

static tsec_rc
visit(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    struct again *again = ctx;

    (void)err;
    FUZZ_ASSERT(index == again->next++);
    tsec_pack_u16(&again->bytes, (uint16_t)leaf.len);
    tsec_buf_put_span(&again->bytes, leaf);
    return TSEC_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tsec_span input = tsec_span(data, size);
    struct again again = { .next = 0 };

    tsec_buf_init(&again.bytes, size + 1);
    if (!tsec_failed(segment_leaves(input, 0, visit, &again, NULL))) {
        FUZZ_ASSERT(again.next > 0 && again.next <= (uint64_t)LEDGER_BATCH_LEAVES);
        FUZZ_ASSERT(size == SEGMENT_HEADER + again.bytes.len + SEGMENT_TAG);
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again.bytes),
                                    tsec_span(data + SEGMENT_HEADER, again.bytes.len)));
    }
    tsec_buf_done(&again.bytes);
    return 0;
}

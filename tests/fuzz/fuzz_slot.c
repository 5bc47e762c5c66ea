/* SPDX-License-Identifier: Apache-2.0 */
/* A slot that is read packs to what it was, and is not bound to a key it was not made with. */
#include "sealed/slot.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t root[32] = { 1 };
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(SLOT_WRAPPING_MAX + 256);
    struct slot slot;

    if (tsec_failed(slot_parse(tsec_span(data, size), &slot, NULL))) {
        return 0;
    }
    slot_pack(&slot, &again);
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), tsec_span(data, size)));
    FUZZ_ASSERT(slot_check(&slot, root, NULL).code == TSEC_E_TAMPERED);
    FUZZ_ASSERT(!tsec_failed(slot_bind(&slot, root, NULL)));
    FUZZ_ASSERT(!tsec_failed(slot_check(&slot, root, NULL)));
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says how many of the following are reads; the rest is read.  What was read and
 * packed again is what was there. */
#include "codec/pack.h"

#include "tests/fuzz/fuzz.h"

static void
read_one(uint8_t kind, struct tsec_reader *in, struct tsec_buf *again)
{
    switch (kind % 7) {
    case 0:
        tsec_pack_u8(again, tsec_read_u8(in));
        break;
    case 1:
        tsec_pack_u16(again, tsec_read_u16(in));
        break;
    case 2:
        tsec_pack_u32(again, tsec_read_u32(in));
        break;
    case 3:
        tsec_pack_u64(again, tsec_read_u64(in));
        break;
    case 4:
        tsec_pack_i64(again, tsec_read_i64(in));
        break;
    case 5:
        tsec_buf_put_span(again, tsec_read_fixed(in, kind / 7));
        break;
    default:
        tsec_pack_bytes(again, tsec_read_bytes(in, kind));
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(1 << 22);
    const size_t n = size == 0 ? 0 : data[0];

    if (size < 1 + n) {
        return 0;
    }

    const struct tsec_span record = tsec_span(data + 1 + n, size - 1 - n);
    struct tsec_reader in = tsec_reader(record);
    size_t good = 0;

    for (size_t i = 0; i < n; i++) {
        read_one(data[1 + i], &in, &again);
        good = in.failed ? good : again.len;
        FUZZ_ASSERT(in.failed || again.len + in.rest.len == record.len);
    }
    FUZZ_ASSERT(tsec_span_starts(record, tsec_span(again.ptr, good)));
    FUZZ_ASSERT(tsec_failed(tsec_reader_end(&in, "input", NULL))
                == (in.failed || good != record.len));
    return 0;
}

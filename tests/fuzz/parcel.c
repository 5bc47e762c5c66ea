/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/parcel.h"

#include "codec/pack.h"

static struct tsec_span
take_item(struct tsec_reader *in)
{
    const uint32_t len = tsec_read_u32(in);

    return tsec_read_fixed(in, len < in->rest.len ? len : in->rest.len);
}

struct parcel
parcel_open(const uint8_t *data, size_t size)
{
    struct parcel p = { 0 };
    struct tsec_reader in = tsec_reader(tsec_span(data, size));

    p.flags = tsec_read_u8(&in);
    p.now = tsec_read_u32(&in);
    p.evidence = take_item(&in);
    if ((p.flags & PARCEL_OWN) != 0) {
        p.anchors = take_item(&in);
    }
    while (in.rest.len > 0 && p.items_len < PARCEL_ITEMS) {
        p.items[p.items_len++] = take_item(&in);
    }
    return p;
}

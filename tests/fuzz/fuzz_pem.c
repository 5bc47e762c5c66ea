/* SPDX-License-Identifier: Apache-2.0 */
/* Every block that is taken, written again, is taken as the same bytes under the same label; the
 * text gets shorter each time; a failure takes nothing and leaves no bytes behind. */
#include "codec/pem.h"

#include "base/base64.h"
#include "tests/fuzz/fuzz.h"

static void
comes_again(struct tsec_span label, const struct tsec_buf *der, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(2 * size + 64);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(size);
    struct tsec_span found_label;
    bool found = false;

    tsec_buf_put_str(&text, "-----BEGIN ");
    tsec_buf_put_span(&text, label);
    tsec_buf_put_str(&text, "-----\n");
    tsec_base64_append(&text, TSEC_BASE64_STD, tsec_buf_span(der));
    tsec_buf_put_str(&text, "\n-----END ");
    tsec_buf_put_span(&text, label);
    tsec_buf_put_str(&text, "-----\n");
    FUZZ_ASSERT(!tsec_failed(tsec_buf_check(&text, NULL)));

    struct tsec_span rest = tsec_buf_span(&text);

    FUZZ_ASSERT(!tsec_failed(tsec_pem_next(&rest, &found_label, &again, &found, NULL)) && found);
    FUZZ_ASSERT(tsec_span_equal(found_label, label));
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), tsec_buf_span(der)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(size);
    struct tsec_span text = tsec_span(data, size);
    struct tsec_span label;
    bool found = true;

    while (found) {
        const struct tsec_span before = text;

        if (tsec_failed(tsec_pem_next(&text, &label, &der, &found, NULL))) {
            FUZZ_ASSERT(!found && der.len == 0);
            FUZZ_ASSERT(text.ptr == before.ptr && text.len == before.len);
            break;
        }
        if (found) {
            FUZZ_ASSERT(text.len < before.len && der.len > 0 && label.len <= 64);
            comes_again(label, &der, size);
        }
    }
    return 0;
}

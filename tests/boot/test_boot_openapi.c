/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot_internal.h"

#include "tests/test.h"

static void
the_program_carries_the_document_whole(void)
{
    static const char last_bytes_of_what[] = "openapi: 3.1";
    TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT((size_t)4 << 20);
    const struct tsec_span doc = boot_openapi();
    FILE *in = fopen(SOURCE_DIR "/openapi/tee-secrets.yaml", "rbe");
    size_t n = 1;

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    while (n > 0) {
        uint8_t *at = tsec_buf_extend(&file, 65536);

        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        n = fread(at, 1, 65536, in);
        tsec_buf_truncate(&file, file.len - 65536 + n);
    }
    (void)fclose(in);
    CU_ASSERT_TRUE(tsec_span_equal(doc, tsec_buf_span(&file)));
    CU_ASSERT_PTR_NOT_NULL(memmem(doc.ptr, doc.len, last_bytes_of_what, 12));
}

static const struct test_case cases[] = {
    { "the program carries the document whole", the_program_carries_the_document_whole },
};

TEST_MAIN("boot/openapi", cases)

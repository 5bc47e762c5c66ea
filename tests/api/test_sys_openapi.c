/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
the_document_is_served_as_it_was_installed(void)
{
    api_bench_open(&b, "mem:openapi");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/openapi", NULL, NULL), 200);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b.reply.body), "openapi: 3.1.0\n"));
    CU_ASSERT_STRING_EQUAL(b.reply.content_type, "application/yaml");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/internal/specs/openapi", NULL, NULL), 200);
    b.api->options.openapi = tsec_span(NULL, 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/openapi", NULL, NULL), 404);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "the document is served as installed", the_document_is_served_as_it_was_installed },
};

TEST_MAIN("api/sys_openapi", cases)

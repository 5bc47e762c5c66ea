/* SPDX-License-Identifier: Apache-2.0 */
/* A request target.  A path that is taken has no segment that another program could resolve, and
 * escaped again it is taken as the same path. */
#include "api/target.h"

#include "codec/pct.h"
#include "tests/fuzz/fuzz.h"

static void
check_segments(const char *path)
{
    FUZZ_ASSERT(path[0] == '/');
    FUZZ_ASSERT(strstr(path, "//") == NULL);
    FUZZ_ASSERT(strstr(path, "/./") == NULL && strstr(path, "/../") == NULL);
    FUZZ_ASSERT(strcmp(strrchr(path, '/'), "/.") != 0);
    FUZZ_ASSERT(strcmp(strrchr(path, '/'), "/..") != 0);
    for (const char *c = path; *c != '\0'; c++) {
        FUZZ_ASSERT((unsigned char)*c >= 0x20 && *c != 0x7f);
    }
    FUZZ_ASSERT(tsec_utf8_valid(tsec_span_str(path)));
}

static void
check_again(const char *path, struct tsec_arena *arena)
{
    TSEC_AUTO_BUF struct tsec_buf escaped = TSEC_BUF_INIT(1 << 20);
    struct api_refusal refusal = { 0 };
    struct api_target again;

    tsec_pct_encode(&escaped, tsec_span_str(path), true);
    if (escaped.len <= API_PATH_MAX) { /* escapes take room */
        FUZZ_ASSERT(api_target_parse(tsec_buf_span(&escaped), arena, &again, &refusal));
        FUZZ_ASSERT(strcmp(again.path, path) == 0);
        FUZZ_ASSERT(again.query_len == 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    enum api_method method = API_GET;
    struct api_refusal refusal = { 0 };
    struct api_target target;

    FUZZ_ASSERT(!tsec_failed(tsec_arena_new(1 << 20, &arena, NULL)));
    if (!api_target_parse(tsec_span(data, size), arena, &target, &refusal)) {
        FUZZ_ASSERT(refusal.code != 0);
        return 0;
    }
    check_segments(target.path);
    check_again(target.path, arena);
    FUZZ_ASSERT(target.query_len <= API_PARAMS_MAX);
    for (size_t i = 0; i < target.query_len; i++) {
        FUZZ_ASSERT(target.query[i].name != NULL && target.query[i].value != NULL);
    }
    if (api_method_apply_query(&target, &method, &refusal)) {
        FUZZ_ASSERT(method == API_GET || method == API_LIST || method == API_SCAN);
    }
    return 0;
}

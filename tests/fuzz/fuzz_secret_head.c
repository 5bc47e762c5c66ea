/* SPDX-License-Identifier: Apache-2.0 */
/* A payload of a secret's head.  What is taken obeys its limits, and packed again reads as the same
 * bytes, but for flags that were neither 0 nor 1. */
#include "core/secret_head.h"

#include "tests/fuzz/fuzz.h"

static void
obeys(const struct secret_head *head)
{
    const struct secret *secret = &head->secret;

    FUZZ_ASSERT(secret->custom.len <= SECRET_CUSTOM_MAX);
    FUZZ_ASSERT(secret->versions_len <= SECRET_VERSIONS_MAX);
    FUZZ_ASSERT(secret_head_version(head, 0) == NULL || secret->current == 0);
    for (size_t i = 0; i < secret->versions_len; i++) {
        const uint64_t number = secret->current - secret->versions_len + 1 + i;

        FUZZ_ASSERT(secret_head_version(head, number) == &secret->versions[i]);
    }
    for (size_t i = 0; i < secret->custom.len; i++) {
        FUZZ_ASSERT(strlen(secret->custom.keys[i]) <= SECRET_CUSTOM_KEY_MAX);
        FUZZ_ASSERT(strlen(secret->custom.values[i]) <= SECRET_CUSTOM_VALUE_MAX);
    }
}

static bool
read_and_pack(struct tsec_span payload, struct tsec_buf *again)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct secret_head head = { .exists = false };

    FUZZ_ASSERT(!tsec_failed(tsec_arena_new((size_t)1 << 22, &arena, NULL)));
    if (tsec_failed(secret_head_unpack(payload, arena, &head, NULL))) {
        return false;
    }
    obeys(&head);
    secret_head_pack(&head, again);
    FUZZ_ASSERT(!again->failed);
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf once = TSEC_BUF_INIT(1 << 22);
    TSEC_AUTO_BUF struct tsec_buf twice = TSEC_BUF_INIT(1 << 22);

    if (read_and_pack(tsec_span(data, size), &once)) {
        FUZZ_ASSERT(read_and_pack(tsec_buf_span(&once), &twice));
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&once), tsec_buf_span(&twice)));
    }
    return 0;
}

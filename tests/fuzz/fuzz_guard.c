/* SPDX-License-Identifier: Apache-2.0 */
/* A request head: a line "METHOD VERSION", then a line for each header, up to the colon its name. A
 * head that is taken has one reading: at most one length, one host, one token. */
#include "gateway/guard.h"

#include <strings.h>

#include "tests/fuzz/fuzz.h"

static struct tsec_span
cut(struct tsec_span *rest, uint8_t at)
{
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->ptr, at, rest->len);
    const size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
    const struct tsec_span piece = tsec_span(rest->ptr, len);

    *rest = tsec_span(rest->ptr + len + (end != NULL), rest->len - len - (end != NULL));
    return piece;
}

static bool
is(struct tsec_span name, const char *text)
{
    return name.len == strlen(text) && strncasecmp((const char *)name.ptr, text, name.len) == 0;
}

struct tally {
    unsigned lengths;
    unsigned codings;
    unsigned hosts;
    unsigned tokens;
    unsigned authorizations;
};

static void
count(struct tally *tally, struct tsec_span name)
{
    tally->lengths += is(name, "content-length");
    tally->codings += is(name, "transfer-encoding");
    tally->hosts += is(name, "host");
    tally->tokens += is(name, "x-vault-token");
    tally->authorizations += is(name, "authorization");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tsec_span rest = tsec_span(data, size);
    struct tsec_span line = cut(&rest, '\n');
    const struct tsec_span method = cut(&line, ' ');
    struct tally tally = { 0 };
    struct gateway_head head;

    gateway_guard_begin(&head, method, line);
    while (rest.len > 0) {
        struct tsec_span value = cut(&rest, '\n');
        const struct tsec_span name = cut(&value, ':');

        count(&tally, name);
        (void)gateway_guard_header(&head, name, value);
    }
    if (!gateway_guard_end(&head)) {
        FUZZ_ASSERT(head.refused && head.refusal.code != 0);
        return 0;
    }
    FUZZ_ASSERT(tally.lengths + tally.codings <= 1);
    FUZZ_ASSERT(tally.hosts <= 1 && tally.tokens <= 1 && tally.authorizations <= 1);
    FUZZ_ASSERT(!head.http_1_1 || tally.hosts == 1);
    FUZZ_ASSERT(head.chunked == (tally.codings == 1));
    FUZZ_ASSERT(tally.lengths == 1 || head.content_length == 0);
    FUZZ_ASSERT(method.len > 0 && method.len <= GATEWAY_METHOD_MAX);
    FUZZ_ASSERT(head.count <= GATEWAY_HEADERS_MAX && head.bytes <= GATEWAY_HEADER_BYTES_MAX);
    for (size_t i = 0; i < head.token.len; i++) {
        FUZZ_ASSERT(head.token.ptr[i] > 0x20 && head.token.ptr[i] < 0x7f);
    }
    return 0;
}

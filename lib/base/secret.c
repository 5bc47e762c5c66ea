/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct tsec_secret {
    uint8_t *map; /* guard page, body, guard page */
    size_t map_len;
    uint8_t *bytes; /* ends where the upper guard page starts */
    size_t len;
};

static size_t
page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool
protect(const struct tsec_secret *s, size_t page)
{
    uint8_t *body = s->map + page;
    const size_t body_len = s->map_len - 2 * page;

    return mprotect(body, body_len, PROT_READ | PROT_WRITE) == 0 && mlock(body, body_len) == 0
           && madvise(body, body_len, MADV_DONTDUMP) == 0
           && madvise(body, body_len, MADV_WIPEONFORK) == 0;
}

tsec_rc
tsec_secret_new(size_t len, struct tsec_secret **out, struct tsec_err *err)
{
    const size_t page = page_size();

    if (len == 0 || len > SIZE_MAX / 2 - 3 * page) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a secret of %zu bytes", len);
    }

    const size_t body = (len + page - 1) / page * page;
    struct tsec_secret *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "secret header");
    }
    s->map_len = body + 2 * page;
    s->map = mmap(NULL, s->map_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (s->map == MAP_FAILED) {
        free(s);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "secret pages");
    }
    if (!protect(s, page)) {
        (void)munmap(s->map, s->map_len);
        free(s);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "secret pages cannot be locked");
    }
    s->len = len;
    s->bytes = s->map + page + body - len;
    *out = s;
    return TSEC_OK;
}

void
tsec_secret_free(struct tsec_secret *secret)
{
    if (secret == NULL) {
        return;
    }
    explicit_bzero(secret->bytes, secret->len);
    (void)munmap(secret->map, secret->map_len); /* unlocks too */
    free(secret);
}

size_t
tsec_secret_len(const struct tsec_secret *secret)
{
    return secret->len;
}

uint8_t *
tsec_secret_bytes(struct tsec_secret *secret)
{
    return secret->bytes;
}

bool
tsec_secret_equal(const struct tsec_secret *a, const struct tsec_secret *b)
{
    volatile uint8_t diff = 0;

    if (a->len != b->len) {
        return false;
    }
    for (size_t i = 0; i < a->len; i++) {
        diff = (uint8_t)(diff | (a->bytes[i] ^ b->bytes[i]));
    }
    return diff == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/freed_library.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

enum { NEEDLE_MAX = 64 };

static uint8_t forward[NEEDLE_MAX];
static uint8_t backward[NEEDLE_MAX];
static size_t needle_len;
static atomic_size_t leaks;
static bool watching;

static void
look(void *ptr)
{
    const size_t len = ptr == NULL ? 0 : malloc_usable_size(ptr);

    if (needle_len > 0 && len >= needle_len
        && (memmem(ptr, len, forward, needle_len) != NULL
            || memmem(ptr, len, backward, needle_len) != NULL)) {
        (void)atomic_fetch_add(&leaks, 1);
    }
}

static void *
get(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return malloc(len);
}

static void
give(void *ptr, const char *file, int line)
{
    (void)file;
    (void)line;
    look(ptr);
    free(ptr);
}

/* Always moves, so that what is left behind is always looked at. */
static void *
change(void *ptr, size_t len, const char *file, int line)
{
    void *moved = get(len, file, line);
    const size_t had = ptr == NULL ? 0 : malloc_usable_size(ptr);

    if (moved != NULL && ptr != NULL) {
        memcpy(moved, ptr, had < len ? had : len);
        give(ptr, file, line);
    }
    return moved;
}

/* Before main(), because OpenSSL takes no other allocator once it has used one. */
__attribute__((constructor)) static void
stand_between(void)
{
    watching = CRYPTO_set_mem_functions(get, change, give) == 1;
}

void
freed_library_seek(const uint8_t *bytes, size_t len)
{
    needle_len = len < NEEDLE_MAX ? len : NEEDLE_MAX;
    memcpy(forward, bytes, needle_len);
    for (size_t i = 0; i < needle_len; i++) {
        backward[i] = bytes[needle_len - 1 - i];
    }
    atomic_store(&leaks, 0);
}

size_t
freed_library_leaks(void)
{
    return atomic_load(&leaks);
}

bool
freed_library_watches(void)
{
    return watching;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGN = 16, BLOCK_SIZE = 8192 };

_Static_assert(ALIGN >= _Alignof(max_align_t), "aligned for any type");

struct block {
    struct block *next; /* older */
    size_t size;
    size_t used;
    _Alignas(ALIGN) uint8_t bytes[];
};

struct tsec_arena {
    struct block *newest;
    size_t max;
    size_t used;
};

tsec_rc
tsec_arena_new(size_t max, struct tsec_arena **out, struct tsec_err *err)
{
    struct tsec_arena *arena = calloc(1, sizeof(*arena));

    if (arena == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "arena");
    }
    arena->max = max;
    *out = arena;
    return TSEC_OK;
}

static struct block *
block_free(struct block *block)
{
    struct block *next = block->next;

    explicit_bzero(block->bytes, block->used);
    free(block);
    return next;
}

void
tsec_arena_free(struct tsec_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    while (arena->newest != NULL) {
        arena->newest = block_free(arena->newest);
    }
    free(arena);
}

void
tsec_arena_reset(struct tsec_arena *arena)
{
    while (arena->newest != NULL && arena->newest->next != NULL) {
        arena->newest = block_free(arena->newest);
    }
    if (arena->newest != NULL) {
        explicit_bzero(arena->newest->bytes, arena->newest->used);
        arena->newest->used = 0;
    }
    arena->used = 0;
}

static struct block *
block_new(struct tsec_arena *arena, size_t len)
{
    const size_t size = len > BLOCK_SIZE ? len : BLOCK_SIZE;
    struct block *block = calloc(1, sizeof(*block) + size);

    if (block != NULL) {
        block->size = size;
        block->next = arena->newest;
        arena->newest = block;
    }
    return block;
}

void *
tsec_arena_alloc(struct tsec_arena *arena, size_t len)
{
    const size_t room = arena->max - arena->used;

    if (len > room || len > SIZE_MAX / 2) {
        return NULL;
    }

    /* rounded up so that the next one is aligned; nothing is an object of its own too */
    const size_t size = len == 0 ? ALIGN : (len + ALIGN - 1) / ALIGN * ALIGN;
    struct block *block = arena->newest;

    if (block == NULL || size > block->size - block->used) {
        block = block_new(arena, size);
        if (block == NULL) {
            return NULL;
        }
    }

    void *at = block->bytes + block->used;

    block->used += size;
    arena->used += size < room ? size : room;
    return at;
}

char *
tsec_arena_dup(struct tsec_arena *arena, struct tsec_span bytes)
{
    char *copy = bytes.len == SIZE_MAX ? NULL : tsec_arena_alloc(arena, bytes.len + 1);

    if (copy != NULL && bytes.len > 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return copy;
}

char *
tsec_arena_printf(struct tsec_arena *arena, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n >= 0) {
        text = tsec_arena_alloc(arena, (size_t)n + 1);
    }
    if (text != NULL) {
        va_start(ap, fmt);
        (void)vsnprintf(text, (size_t)n + 1, fmt, ap);
        va_end(ap);
    }
    return text;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/freed.h"

#include <malloc.h>
#include <stdint.h>

static size_t leaks;
static size_t blocks;

void __real_free(void *ptr); /* the linker's names */
void __wrap_free(void *ptr);

void
__wrap_free(void *ptr)
{
    const uint8_t *bytes = ptr;
    const size_t len = ptr == NULL ? 0 : malloc_usable_size(ptr);
    size_t run = 0;

    for (size_t i = 0; i < len && run < 8; i++) {
        run = bytes[i] == FREED_MARK ? run + 1 : 0;
    }
    leaks += run == 8 ? 1 : 0;
    blocks += ptr == NULL ? 0 : 1;
    __real_free(ptr);
}

size_t
freed_leaks(void)
{
    const size_t n = leaks;

    leaks = 0;
    return n;
}

size_t
freed_blocks(void)
{
    const size_t n = blocks;

    blocks = 0;
    return n;
}

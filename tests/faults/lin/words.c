/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/words.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a. */
static uint64_t
hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *text != '\0'; text++) {
        h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    }
    return h;
}

static uint32_t *
find(const struct lin_words *words, const char *text)
{
    size_t i = (size_t)hash(text) & (words->size - 1);

    while (words->slots[i] != 0 && strcmp(words->words[words->slots[i] - 1].text, text) != 0) {
        i = (i + 1) & (words->size - 1);
    }
    return &words->slots[i];
}

static bool
grow(struct lin_words *words)
{
    const size_t size = words->size == 0 ? 64 : 2 * words->size;
    struct lin_word *more = realloc(words->words, size / 2 * sizeof(*more));
    uint32_t *slots = calloc(size, sizeof(*slots));

    if (more != NULL) {
        words->words = more;
    }
    if (more == NULL || slots == NULL) {
        free(slots);
        return false;
    }
    free(words->slots);
    words->slots = slots;
    words->size = size;
    words->room = size / 2;
    for (size_t i = 0; i < words->n; i++) {
        *find(words, words->words[i].text) = (uint32_t)i + 1;
    }
    return true;
}

uint32_t
lin_words_number(struct lin_words *words, const char *text)
{
    if (words->n == words->room && (words->n > UINT32_MAX / 4 || !grow(words))) {
        return 0;
    }

    uint32_t *slot = find(words, text);

    if (*slot == 0) {
        char *copy = strdup(text);

        if (copy == NULL) {
            return 0;
        }
        words->words[words->n++] = (struct lin_word){ copy, false };
        *slot = (uint32_t)words->n;
    }
    return *slot;
}

void
lin_words_free(struct lin_words *words)
{
    for (size_t i = 0; i < words->n; i++) {
        free(words->words[i].text);
    }
    free(words->words);
    free(words->slots);
    *words = (struct lin_words){ 0 };
}

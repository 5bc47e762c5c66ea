/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/faults/lin/words.h
 * @brief Words as small numbers, counted from 1 in the order of their first use.
 */
#ifndef LIN_WORDS_H
#define LIN_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lin_word {
    char *text;
    bool marked; /**< for the owner */
};

/** Zero-initialised it is empty. */
struct lin_words {
    struct lin_word *words; /**< word n is at n - 1 */
    size_t n, room;
    uint32_t *slots;
    size_t size;
};

/** The word's number; 0 when there is no memory. */
uint32_t lin_words_number(struct lin_words *words, const char *text);

void lin_words_free(struct lin_words *words);

#endif

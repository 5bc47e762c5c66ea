/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/freed.h
 * @brief Watches what a test program gives back to free(): was it zeroed?
 *
 * A program that uses it is linked with -Wl,--wrap=free, which sends the calls of our own objects
 * (not those of shared libraries) through here.
 */
#ifndef TSEC_TESTS_FREED_H
#define TSEC_TESTS_FREED_H

#include <stddef.h>

/** A byte to fill secrets with; eight of them in a row in a freed block count as one leak. */
enum { FREED_MARK = 0xa5 };

/** Blocks freed since the last call that still held the mark; and starts over. */
size_t freed_leaks(void);
/** Blocks freed since the last call, of any content; and starts over. */
size_t freed_blocks(void);

#endif

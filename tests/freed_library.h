/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/freed_library.h
 * @brief Watches what OpenSSL, and we through it, give back to the ordinary heap: does a secret lie
 * in it?
 *
 * Linking it in is enough: it stands between OpenSSL and the allocator from the start.  Memory of
 * the locked heap does not come by here (the library wipes that itself).
 */
#ifndef TSEC_TESTS_FREED_LIBRARY_H
#define TSEC_TESTS_FREED_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What to look for, in this order of bytes and in the reverse (big numbers); at most 64 bytes are
 *  kept.  Starts over. */
void freed_library_seek(const uint8_t *bytes, size_t len);
/** Blocks given back since then that held it. */
size_t freed_library_leaks(void);
/** Whether OpenSSL really goes through here. */
bool freed_library_watches(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/strings.h
 * @brief Lists and maps of strings as policies, roles and tokens hold them.
 *
 * What is made lies in the arena; the strings themselves are borrowed from where they were.
 */
#ifndef TSEC_CORE_STRINGS_H
#define TSEC_CORE_STRINGS_H

#include "base/arena.h"
#include "base/strings.h"

bool strings_have(struct tsec_strings list, const char *item);
/** NULL: no such key. */
const char *string_map_get(const struct tsec_string_map *map, const char *key);
/** Sorted, without doubles or empty items, in the arena; len 0 when out of memory. */
struct tsec_strings strings_sorted(struct tsec_arena *arena, struct tsec_strings list);
/** The same in lower case (ASCII). */
struct tsec_strings strings_lower_sorted(struct tsec_arena *arena, struct tsec_strings list);
/** One more at the end, in the arena. */
struct tsec_strings strings_with(struct tsec_arena *arena, struct tsec_strings list,
                                 const char *item);

#endif

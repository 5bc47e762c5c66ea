/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/strings.h
 * @brief Lists and maps of strings, borrowed from an arena or a record.
 *
 * They own nothing.
 */
#ifndef TSEC_BASE_STRINGS_H
#define TSEC_BASE_STRINGS_H

#include <stddef.h>

/** A list of strings. */
struct tsec_strings {
    const char **items;
    size_t len;
};

/** A map of strings, sorted by key. */
struct tsec_string_map {
    const char **keys;
    const char **values;
    size_t len;
};

#endif

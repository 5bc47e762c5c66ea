/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/kv_custom.h
 * @brief custom_metadata of a request, merged into what is there.
 *
 * Takes text only: what a client sent as a number is refused, not turned into text.
 */
#ifndef TSEC_API_KV_CUSTOM_H
#define TSEC_API_KV_CUSTOM_H

#include "api/envelope.h"

/** The map with the members of `custom` (an object, or a string of JSON that is one) set, or taken
 *  away where they are null.  Lies in the arena; `before` is borrowed.  Answers 400 and fails. */
TSEC_MUST_CHECK tsec_rc kv_custom_merge(struct api_call *call, const struct tsec_string_map *before,
                                        json_t *custom, struct tsec_string_map *out,
                                        struct tsec_err *err);

#endif

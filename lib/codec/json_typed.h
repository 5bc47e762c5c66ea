/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/json_typed.h
 * @brief One value of a JSON body read into the type its field wants, with weak typing.
 *
 * Never quotes the value in an error.
 */
#ifndef TSEC_CODEC_JSON_TYPED_H
#define TSEC_CODEC_JSON_TYPED_H

#include "codec/json_fields.h"

/** Writes *field->out.  `value` is neither NULL nor null. */
TSEC_MUST_CHECK tsec_rc tsec_json_typed(json_t *value, const struct tsec_json_field *field,
                                        struct tsec_arena *arena, struct tsec_err *err);

/** The lists and maps among them, which have a file of their own. */
TSEC_MUST_CHECK tsec_rc tsec_json_typed_list(json_t *value, const struct tsec_json_field *field,
                                             struct tsec_arena *arena, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_json_typed_map(json_t *value, const struct tsec_json_field *field,
                                            struct tsec_arena *arena, struct tsec_err *err);

/** A string, or an integer in decimal, copied to the arena.  TSEC_E_INVALID for anything else, with
 *  a sentence that names the field and says it must be `what`. */
TSEC_MUST_CHECK tsec_rc tsec_json_typed_text(const json_t *value,
                                             const struct tsec_json_field *field, const char *what,
                                             struct tsec_arena *arena, const char **out,
                                             struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/envelope.h
 * @brief Shapes that several resources answer with: the auth block, lists of keys, wrapped replies;
 * and reading a JSON body.
 *
 * Nothing here decides anything.
 */
#ifndef TSEC_API_ENVELOPE_H
#define TSEC_API_ENVELOPE_H

#include "api/call.h"
#include "codec/json_fields.h"
#include "core/token.h"

/** The body as an object; answers 400 and fails when it is none. */
TSEC_MUST_CHECK tsec_rc api_parse(struct api_call *call, json_t **out, struct tsec_err *err);
/** The body's members by fields; answers 400 and fails.  No TSEC_FIELD_JSON: the body is gone. */
TSEC_MUST_CHECK tsec_rc api_fields(struct api_call *call, const struct tsec_json_field *fields,
                                   size_t n, struct tsec_err *err);
/** The same, and a member that no field names is refused: as everywhere under /v1/tee. */
TSEC_MUST_CHECK tsec_rc api_fields_strictly(struct api_call *call,
                                            const struct tsec_json_field *fields, size_t n,
                                            struct tsec_err *err);
/** The same from a body that is parsed already. */
TSEC_MUST_CHECK tsec_rc api_fields_of(struct api_call *call, const json_t *body,
                                      const struct tsec_json_field *fields, size_t n,
                                      struct tsec_err *err);
/** Both. */
TSEC_MUST_CHECK tsec_rc api_fields_of_strictly(struct api_call *call, const json_t *body,
                                               const struct tsec_json_field *fields, size_t n,
                                               struct tsec_err *err);
#define API_FIELDS(call, fields, err) api_fields((call), (fields), TSEC_ARRAY_LEN(fields), (err))

/** {"keys":[…]}, paged by `after` and `limit` of the query; 404 without a sentence when empty. */
TSEC_MUST_CHECK tsec_rc api_keys(struct api_call *call, struct tsec_strings keys,
                                 struct tsec_err *err);

/** A token just made (text) or renewed (text empty: as the caller sent it). */
TSEC_MUST_CHECK tsec_rc api_auth_token(struct api_call *call, const struct token *token,
                                       struct tsec_span text, struct tsec_err *err);

/** {…} of a list or map; an empty list as null when so wanted. */
void api_put_strings(struct tsec_json_out *out, const char *key, struct tsec_strings list);
void api_put_strings_or_null(struct tsec_json_out *out, const char *key, struct tsec_strings list);
void api_put_map(struct tsec_json_out *out, const char *key, const struct tsec_string_map *map);
void api_put_map_or_null(struct tsec_json_out *out, const char *key,
                         const struct tsec_string_map *map);
/** RFC 3339, and Go's zero time for 0. */
void api_put_go_time(struct tsec_json_out *out, const char *key, int64_t ns);

/** Inside call.c: envelopes whose special member is written by a function. */
TSEC_MUST_CHECK tsec_rc api_wrapped(struct api_call *call,
                                    void (*wrap_info)(struct tsec_json_out *out, const void *ctx),
                                    const void *ctx, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc api_auth(struct api_call *call,
                                 void (*auth)(struct tsec_json_out *out, const void *ctx),
                                 const void *ctx, struct tsec_err *err);

/** A variable of the template as a NUL-terminated string in the arena; NULL: out of memory. */
const char *api_var(struct api_call *call, size_t i);
struct tsec_arena *api_arena(const struct api_call *call);

#endif

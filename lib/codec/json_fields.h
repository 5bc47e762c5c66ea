/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/json_fields.h
 * @brief A JSON body described as an array of fields, on jansson; for control requests (roles,
 * policies, settings), with the weak typing Vault's clients rely on.
 *
 * tsec_json_setup() must run once before any other use of jansson in the process: it installs
 * allocators that zero what they free.
 *
 * Weak typing: a boolean may come as true, "true", 1, "1", "t"; a number as 5 or "5"; a duration as
 * 3600, "3600", "1h30m"; a list as ["a","b"] or "a,b"; a map of strings as an object or as a string
 * of JSON.  An integer in a list or map is taken as its decimal text; "" is a duration of 0; empty
 * parts of "a,,b" are left out.  What does not fit is TSEC_E_INVALID with a sentence for the client
 * in err->detail that names the field and never quotes the value.
 */
#ifndef TSEC_CODEC_JSON_FIELDS_H
#define TSEC_CODEC_JSON_FIELDS_H

#include <jansson.h>

#include "base/arena.h"
#include "base/strings.h"

void tsec_json_setup(void);

enum tsec_json_kind {
    TSEC_FIELD_UNSET = 0,
    TSEC_FIELD_STRING,   /* const char *; NUL inside is refused */
    TSEC_FIELD_BOOL,     /* bool */
    TSEC_FIELD_INT,      /* int64_t within min..max */
    TSEC_FIELD_DURATION, /* int64_t nanoseconds within min..max (both in nanoseconds) */
    TSEC_FIELD_STRINGS,  /* struct tsec_strings */
    TSEC_FIELD_MAP,      /* struct tsec_string_map */
    TSEC_FIELD_JSON,     /* json_t *, borrowed from the body */
};

struct tsec_json_field {
    const char *name;
    enum tsec_json_kind kind;
    bool required;
    void *out;   /* written only when the member is there and not null */
    bool *given; /* may be NULL; set either way */
    int64_t min; /* INT, DURATION: value; STRING: length; STRINGS, MAP: count */
    int64_t max;
};

#define TSEC_JSON_STR(n, o, g, hi)                       \
    {                                                    \
        (n), TSEC_FIELD_STRING, false, (o), (g), 0, (hi) \
    }
#define TSEC_JSON_STR_REQ(n, o, hi)                      \
    {                                                    \
        (n), TSEC_FIELD_STRING, true, (o), NULL, 1, (hi) \
    }
#define TSEC_JSON_BOOL(n, o, g)                     \
    {                                               \
        (n), TSEC_FIELD_BOOL, false, (o), (g), 0, 0 \
    }
#define TSEC_JSON_INT(n, o, g, lo, hi)                   \
    {                                                    \
        (n), TSEC_FIELD_INT, false, (o), (g), (lo), (hi) \
    }
#define TSEC_JSON_DURATION(n, o, g, hi)                    \
    {                                                      \
        (n), TSEC_FIELD_DURATION, false, (o), (g), 0, (hi) \
    }
#define TSEC_JSON_LIST(n, o, g, hi)                       \
    {                                                     \
        (n), TSEC_FIELD_STRINGS, false, (o), (g), 0, (hi) \
    }
#define TSEC_JSON_MAP(n, o, g, hi)                    \
    {                                                 \
        (n), TSEC_FIELD_MAP, false, (o), (g), 0, (hi) \
    }
#define TSEC_JSON_ANY(n, o, g)                      \
    {                                               \
        (n), TSEC_FIELD_JSON, false, (o), (g), 0, 0 \
    }

/** Parses one JSON object; an empty body and `null` are an empty object.  Depth at most 32, no
 *  duplicate members.  *out is owned by the caller (json_decref).  TSEC_E_INVALID otherwise; the
 *  detail never quotes the input. */
TSEC_MUST_CHECK tsec_rc tsec_json_parse(struct tsec_span body, json_t **out, struct tsec_err *err);

/** Fills the fields from an object.  Strings are copied into the arena.  `strict`: a member that no
 *  field names is refused. */
TSEC_MUST_CHECK tsec_rc tsec_json_read(const json_t *object, const struct tsec_json_field *fields,
                                       size_t n, bool strict, struct tsec_arena *arena,
                                       struct tsec_err *err);

static inline void
tsec_json_free(json_t *json)
{
    json_decref(json);
}
TSEC_DEFINE_AUTO(json_t, tsec_json_free)

#endif

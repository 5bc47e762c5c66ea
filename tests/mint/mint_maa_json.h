/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_maa_json.h
 * @brief JSON objects written member by member, with edits that a test asks for.
 */
#ifndef MINT_MAA_JSON_H
#define MINT_MAA_JSON_H

#include "tests/mint/mint_maa.h"

struct mint_maa_object {
    struct tsec_buf *out;
    const struct mint_maa_edit *edits;
    size_t edits_len;
    unsigned used; /* bits of edits that were done in place */
    bool empty;
};

struct mint_maa_object mint_maa_begin(struct tsec_buf *out, const struct mint_maa_edit *edits,
                                      size_t n);
void mint_maa_member(struct mint_maa_object *o, const char *name, const char *json);
void mint_maa_text(struct mint_maa_object *o, const char *name, const char *text);
void mint_maa_number(struct mint_maa_object *o, const char *name, int64_t n);
void mint_maa_hex(struct mint_maa_object *o, const char *name, struct tsec_span bytes);
/** Writes the edits that had no place, and the end. */
void mint_maa_end(struct mint_maa_object *o);

#endif

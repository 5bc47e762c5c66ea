/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_maa_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

struct mint_maa_object
mint_maa_begin(struct tsec_buf *out, const struct mint_maa_edit *edits, size_t n)
{
    tsec_buf_put_byte(out, '{');
    return (struct mint_maa_object){ .out = out, .edits = edits, .edits_len = n, .empty = true };
}

static void
put(struct mint_maa_object *o, const char *name, const char *json)
{
    tsec_buf_put_str(o->out, o->empty ? "\"" : ",\"");
    tsec_buf_put_str(o->out, name);
    tsec_buf_put_str(o->out, "\":");
    tsec_buf_put_str(o->out, json);
    o->empty = false;
}

void
mint_maa_member(struct mint_maa_object *o, const char *name, const char *json)
{
    for (size_t i = 0; i < o->edits_len; i++) {
        const struct mint_maa_edit *edit = &o->edits[i];

        if (edit->name == NULL || edit->again || strcmp(edit->name, name) != 0) {
            continue;
        }
        o->used |= 1U << i;
        if (edit->json != NULL) {
            put(o, name, edit->json);
        }
        return;
    }
    put(o, name, json);
}

void
mint_maa_text(struct mint_maa_object *o, const char *name, const char *text)
{
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);

    tsec_buf_put_byte(&json, '"');
    tsec_buf_put_str(&json, text);
    tsec_buf_put(&json, "\"", 2);
    mint_maa_member(o, name, (const char *)json.ptr);
}

void
mint_maa_number(struct mint_maa_object *o, const char *name, int64_t n)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%" PRId64, n);
    mint_maa_member(o, name, text);
}

void
mint_maa_hex(struct mint_maa_object *o, const char *name, struct tsec_span bytes)
{
    char text[2 * 64 + 1];

    tsec_hex_encode(bytes, text);
    mint_maa_text(o, name, text);
}

void
mint_maa_end(struct mint_maa_object *o)
{
    for (size_t i = 0; i < o->edits_len; i++) {
        const struct mint_maa_edit *edit = &o->edits[i];

        if (edit->name != NULL && edit->json != NULL && (o->used & 1U << i) == 0) {
            put(o, edit->name, edit->json);
        }
    }
    tsec_buf_put_byte(o->out, '}');
}

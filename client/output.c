/* SPDX-License-Identifier: Apache-2.0 */
#include "client/output.h"

#include "codec/json_scan.h"

enum { TITLE_WIDTH = 40, KEY_WIDTH_MAX = 48 };

static void
indent(struct tsec_buf *out, unsigned depth)
{
    tsec_buf_put_byte(out, '\n');
    for (unsigned i = 0; i < depth; i++) {
        tsec_buf_put_str(out, "  ");
    }
}

/** The depth is bounded by what tsec_json_check() let pass. */
static void
put_json(struct tsec_buf *out, struct tsec_span value, unsigned depth)
{
    const enum tsec_json_type type = tsec_json_type_of(value);
    const bool object = type == TSEC_JSON_OBJECT;
    struct tsec_json_walk walk;
    struct tsec_json_member member;
    bool some = false;

    if (!object && type != TSEC_JSON_ARRAY) {
        tsec_buf_put_span(out, value);
        return;
    }
    tsec_buf_put_byte(out, object ? '{' : '[');
    walk = tsec_json_walk(value);
    while (tsec_json_next(&walk, &member)) {
        if (some) {
            tsec_buf_put_byte(out, ',');
        }
        some = true;
        indent(out, depth + 1);
        if (object) {
            tsec_buf_put_span(out, member.name_raw);
            tsec_buf_put_str(out, ": ");
        }
        put_json(out, member.value, depth + 1);
    }
    if (some) {
        indent(out, depth);
    }
    tsec_buf_put_byte(out, object ? '}' : ']');
}

void
cli_output_json(struct tsec_buf *out, struct tsec_span value)
{
    put_json(out, tsec_json_trim(value), 0);
    tsec_buf_put_byte(out, '\n');
}

void
cli_output_raw(struct tsec_buf *out, struct tsec_span value)
{
    if (tsec_json_type_of(value) == TSEC_JSON_STRING) {
        tsec_json_unescape(out, value);
    } else {
        tsec_buf_put_span(out, value);
    }
}

void
cli_output_cell(struct tsec_buf *out, struct tsec_span value)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(value.len + 1);

    cli_output_raw(&text, value);
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t byte = text.ptr[i];
        const bool c1 = byte == 0xc2 && i + 1 < text.len && text.ptr[i + 1] < 0xa0;

        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) {
            tsec_buf_printf(out, "\\x%02x", byte);
        } else if (c1) {
            tsec_buf_printf(out, "\\u00%02x", text.ptr[++i]);
        } else {
            tsec_buf_put_byte(out, byte);
        }
    }
}

static void
pad(struct tsec_buf *out, size_t from, size_t width)
{
    const size_t have = out->len - from;

    for (size_t i = have; i < width; i++) {
        tsec_buf_put_byte(out, ' ');
    }
}

static size_t
key_width(struct tsec_span object)
{
    struct tsec_json_walk walk = tsec_json_walk(object);
    struct tsec_json_member member;
    size_t width = 3;

    while (tsec_json_next(&walk, &member)) {
        const size_t len = member.name_raw.len - 2;

        if (len > width && len <= KEY_WIDTH_MAX) {
            width = len;
        }
    }
    return width + 4;
}

void
cli_output_table(struct tsec_buf *out, struct tsec_span object)
{
    const size_t width = key_width(object);
    struct tsec_json_walk walk = tsec_json_walk(object);
    struct tsec_json_member member;
    size_t start = out->len;

    tsec_buf_put_str(out, "Key");
    pad(out, start, width);
    tsec_buf_put_str(out, "Value\n");
    start = out->len;
    tsec_buf_put_str(out, "---");
    pad(out, start, width);
    tsec_buf_put_str(out, "-----\n");
    while (tsec_json_next(&walk, &member)) {
        start = out->len;
        cli_output_cell(out, member.name_raw);
        pad(out, start, width);
        if (out->len - start > width) {
            tsec_buf_put_str(out, "    ");
        }
        cli_output_cell(out, member.value);
        tsec_buf_put_byte(out, '\n');
    }
}

void
cli_output_title(struct tsec_buf *out, const char *title)
{
    const size_t len = strlen(title) + 2;
    const size_t bars = len < TITLE_WIDTH ? (TITLE_WIDTH - len) / 2 : 0;

    for (size_t i = 0; i < bars; i++) {
        tsec_buf_put_byte(out, '=');
    }
    tsec_buf_printf(out, " %s ", title);
    for (size_t i = 0; i < bars; i++) {
        tsec_buf_put_byte(out, '=');
    }
    tsec_buf_put_byte(out, '\n');
}

void
cli_output_keys(struct tsec_buf *out, const char *title, struct tsec_span array)
{
    struct tsec_json_walk walk = tsec_json_walk(array);
    struct tsec_json_member member;

    tsec_buf_put_str(out, title);
    tsec_buf_put_byte(out, '\n');
    for (size_t i = strlen(title); i > 0; i--) {
        tsec_buf_put_byte(out, '-');
    }
    tsec_buf_put_byte(out, '\n');
    while (tsec_json_next(&walk, &member)) {
        cli_output_cell(out, member.value);
        tsec_buf_put_byte(out, '\n');
    }
}

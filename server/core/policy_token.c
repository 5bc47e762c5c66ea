/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_token.h"

#include "base/buf.h"

#define PARSE_FAIL(err, line, column, text) \
    TSEC_FAIL((err), TSEC_E_INVALID, "failed to parse policy: At %u:%u: " text, (line), (column))

static const char *const token_names[] = {
    [POLICY_TOKEN_EOF] = "EOF",       [POLICY_TOKEN_IDENT] = "IDENT",
    [POLICY_TOKEN_STRING] = "STRING", [POLICY_TOKEN_NUMBER] = "NUMBER",
    [POLICY_TOKEN_FLOAT] = "FLOAT",   [POLICY_TOKEN_BOOL] = "BOOL",
    [POLICY_TOKEN_LBRACE] = "LBRACE", [POLICY_TOKEN_RBRACE] = "RBRACE",
    [POLICY_TOKEN_LBRACK] = "LBRACK", [POLICY_TOKEN_RBRACK] = "RBRACK",
    [POLICY_TOKEN_ASSIGN] = "ASSIGN", [POLICY_TOKEN_COMMA] = "COMMA",
    [POLICY_TOKEN_SUB] = "SUB",       [POLICY_TOKEN_ADD] = "ADD",
    [POLICY_TOKEN_PERIOD] = "PERIOD",
};

const char *
policy_token_name(enum policy_token_kind kind)
{
    return token_names[kind];
}

struct policy_lexer
policy_lexer(struct tsec_arena *arena, struct tsec_span text)
{
    return (struct policy_lexer){ .arena = arena, .rest = text, .line = 1, .column = 1 };
}

/** The byte `ahead` of the cursor; -1 past the end. */
static int
peek(const struct policy_lexer *lx, size_t ahead)
{
    return ahead < lx->rest.len ? lx->rest.ptr[ahead] : -1;
}

static void
advance(struct policy_lexer *lx, size_t n)
{
    for (size_t i = 0; i < n && lx->rest.len > 0; i++) {
        const uint8_t byte = lx->rest.ptr[0];

        if (byte == '\n') {
            lx->line++;
            lx->column = 1;
        } else if ((byte & 0xc0U) != 0x80U) {
            lx->column++; /* columns count characters */
        }
        lx->rest = tsec_span(lx->rest.ptr + 1, lx->rest.len - 1);
    }
}

static void
skip_line(struct policy_lexer *lx)
{
    while (lx->rest.len > 0 && peek(lx, 0) != '\n') {
        advance(lx, 1);
    }
}

static tsec_rc
skip_block_comment(struct policy_lexer *lx, struct tsec_err *err)
{
    advance(lx, 2);
    while (lx->rest.len > 0) {
        if (peek(lx, 0) == '*' && peek(lx, 1) == '/') {
            advance(lx, 2);
            return TSEC_OK;
        }
        advance(lx, 1);
    }
    return PARSE_FAIL(err, lx->line, lx->column, "comment not terminated");
}

static tsec_rc
skip_blank(struct policy_lexer *lx, struct tsec_err *err)
{
    for (;;) {
        const int byte = peek(lx, 0);

        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
            advance(lx, 1);
        } else if (byte == '#' || (byte == '/' && peek(lx, 1) == '/')) {
            skip_line(lx);
        } else if (byte == '/' && peek(lx, 1) == '*') {
            TSEC_TRY(skip_block_comment(lx, err));
        } else if (byte == '/') {
            return PARSE_FAIL(err, lx->line, lx->column, "expected '/' for comment");
        } else {
            return TSEC_OK;
        }
    }
}

static bool
is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_letter(int byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static int
hex_value(int byte)
{
    if (is_digit(byte)) {
        return byte - '0';
    }
    if (byte >= 'a' && byte <= 'f') {
        return byte - 'a' + 10;
    }
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

static void
put_utf8(struct tsec_buf *out, uint32_t c)
{
    if (c < 0x80) {
        tsec_buf_put_byte(out, (uint8_t)c);
    } else if (c < 0x800) {
        tsec_buf_put_byte(out, (uint8_t)(0xc0U | c >> 6));
        tsec_buf_put_byte(out, (uint8_t)(0x80U | (c & 0x3fU)));
    } else if (c < 0x10000) {
        tsec_buf_put_byte(out, (uint8_t)(0xe0U | c >> 12));
        tsec_buf_put_byte(out, (uint8_t)(0x80U | (c >> 6 & 0x3fU)));
        tsec_buf_put_byte(out, (uint8_t)(0x80U | (c & 0x3fU)));
    } else {
        tsec_buf_put_byte(out, (uint8_t)(0xf0U | c >> 18));
        tsec_buf_put_byte(out, (uint8_t)(0x80U | (c >> 12 & 0x3fU)));
        tsec_buf_put_byte(out, (uint8_t)(0x80U | (c >> 6 & 0x3fU)));
        tsec_buf_put_byte(out, (uint8_t)(0x80U | (c & 0x3fU)));
    }
}

/** `digits` of base 16 or 8 at the cursor, as one character. */
static tsec_rc
read_code(struct policy_lexer *lx, unsigned digits, unsigned base, struct tsec_buf *out,
          struct tsec_err *err)
{
    uint32_t c = 0;

    for (unsigned i = 0; i < digits; i++) {
        const int digit = hex_value(peek(lx, i));

        if (digit < 0 || (unsigned)digit >= base) {
            return PARSE_FAIL(err, lx->line, lx->column, "illegal char escape");
        }
        c = c * base + (uint32_t)digit;
    }
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        return PARSE_FAIL(err, lx->line, lx->column, "illegal char escape");
    }
    advance(lx, digits);
    put_utf8(out, c);
    return TSEC_OK;
}

/** The cursor is behind the backslash. */
static tsec_rc
read_escape(struct policy_lexer *lx, struct tsec_buf *out, struct tsec_err *err)
{
    static const char from[] = "abfnrtv\\\"";
    static const char to[] = "\a\b\f\n\r\t\v\\\"";
    const int byte = peek(lx, 0);
    const char *found = byte <= 0 ? NULL : strchr(from, byte);

    if (found != NULL) {
        tsec_buf_put_byte(out, (uint8_t)to[found - from]);
        advance(lx, 1);
        return TSEC_OK;
    }
    if (byte >= '0' && byte <= '7') {
        return read_code(lx, 3, 8, out, err);
    }
    if (byte == 'x' || byte == 'u' || byte == 'U') {
        advance(lx, 1);
        return read_code(lx, byte == 'x' ? 2 : byte == 'u' ? 4 : 8, 16, out, err);
    }
    return PARSE_FAIL(err, lx->line, lx->column, "illegal char escape");
}

static tsec_rc
read_string(struct policy_lexer *lx, struct policy_token *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(lx->rest.len);

    advance(lx, 1);
    for (int byte = peek(lx, 0); byte != '"'; byte = peek(lx, 0)) {
        if (byte < 0 || byte == '\n') {
            return PARSE_FAIL(err, lx->line, lx->column, "literal not terminated");
        }
        advance(lx, 1);
        if (byte == '\\') {
            TSEC_TRY(read_escape(lx, &text, err));
        } else {
            tsec_buf_put_byte(&text, (uint8_t)byte);
        }
    }
    advance(lx, 1);
    TSEC_TRY(tsec_buf_check(&text, err));
    out->kind = POLICY_TOKEN_STRING;
    out->text = tsec_span(tsec_arena_dup(lx->arena, tsec_buf_span(&text)), text.len);
    if (out->text.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    return TSEC_OK;
}

static struct tsec_span
take(struct policy_lexer *lx, size_t n)
{
    const struct tsec_span text = tsec_span(lx->rest.ptr, n);

    advance(lx, n);
    return text;
}

static void
read_word(struct policy_lexer *lx, struct policy_token *out)
{
    size_t n = 1;

    while (is_letter(peek(lx, n)) || is_digit(peek(lx, n)) || peek(lx, n) == '-'
           || peek(lx, n) == '.') {
        n++;
    }
    out->text = take(lx, n);
    out->kind = tsec_span_is(out->text, "true") || tsec_span_is(out->text, "false")
                    ? POLICY_TOKEN_BOOL
                    : POLICY_TOKEN_IDENT;
}

static size_t
digits_len(const struct policy_lexer *lx, size_t from, bool hex)
{
    size_t n = from;

    while (hex ? hex_value(peek(lx, n)) >= 0 : is_digit(peek(lx, n))) {
        n++;
    }
    return n - from;
}

static tsec_rc
read_number(struct policy_lexer *lx, struct policy_token *out, struct tsec_err *err)
{
    size_t n = peek(lx, 0) == '-' ? 1 : 0;
    const bool hex = peek(lx, n) == '0' && (peek(lx, n + 1) == 'x' || peek(lx, n + 1) == 'X');

    out->kind = POLICY_TOKEN_NUMBER;
    n += hex ? 2 : 0;
    n += digits_len(lx, n, hex);
    if (!hex && peek(lx, n) == '.') {
        out->kind = POLICY_TOKEN_FLOAT;
        n++;
        n += digits_len(lx, n, false);
    }
    if (!hex && (peek(lx, n) == 'e' || peek(lx, n) == 'E')) {
        out->kind = POLICY_TOKEN_FLOAT;
        n++;
        n += peek(lx, n) == '-' || peek(lx, n) == '+' ? 1 : 0;
        n += digits_len(lx, n, false);
    }
    if (n > 64
        || !(is_digit(peek(lx, n - 1)) || hex_value(peek(lx, n - 1)) >= 0
             || peek(lx, n - 1) == '.')) {
        return PARSE_FAIL(err, lx->line, lx->column, "illegal number");
    }
    out->text = take(lx, n);
    return TSEC_OK;
}

static enum policy_token_kind
punctuation(int byte)
{
    static const char bytes[] = "{}[]=,-+.";
    static const enum policy_token_kind kinds[] = {
        POLICY_TOKEN_LBRACE, POLICY_TOKEN_RBRACE, POLICY_TOKEN_LBRACK,
        POLICY_TOKEN_RBRACK, POLICY_TOKEN_ASSIGN, POLICY_TOKEN_COMMA,
        POLICY_TOKEN_SUB,    POLICY_TOKEN_ADD,    POLICY_TOKEN_PERIOD,
    };
    const char *found = byte <= 0 ? NULL : strchr(bytes, byte);

    return found == NULL ? POLICY_TOKEN_EOF : kinds[found - bytes];
}

static tsec_rc
read_token(struct policy_lexer *lx, struct policy_token *out, struct tsec_err *err)
{
    const int byte = peek(lx, 0);

    *out =
        (struct policy_token){ .kind = POLICY_TOKEN_EOF, .line = lx->line, .column = lx->column };
    if (byte < 0) {
        out->column++; /* where Vault's parser says the end is */
        return TSEC_OK;
    }
    if (is_letter(byte)) {
        read_word(lx, out);
        return TSEC_OK;
    }
    if (byte == '"') {
        return read_string(lx, out, err);
    }
    if (is_digit(byte) || (byte == '-' && is_digit(peek(lx, 1)))
        || (byte == '.' && is_digit(peek(lx, 1)))) {
        return read_number(lx, out, err);
    }
    out->kind = punctuation(byte);
    if (out->kind == POLICY_TOKEN_EOF) {
        return PARSE_FAIL(err, lx->line, lx->column, "illegal char");
    }
    out->text = take(lx, 1);
    return TSEC_OK;
}

tsec_rc
policy_lexer_next(struct policy_lexer *lx, struct policy_token *out, struct tsec_err *err)
{
    struct tsec_span before;

    TSEC_TRY(skip_blank(lx, err));
    before = lx->rest;
    TSEC_TRY(read_token(lx, out, err));
    out->raw = tsec_span(before.ptr, before.len - lx->rest.len);
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/history.h"

#include "tests/faults/lin/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 8 };

/* One line, taken apart. */
struct line {
    char *words[MAX_WORDS];
    size_t n;
};

struct reading {
    struct lin_history *history;
    struct lin_words keys, values;
};

static bool
number(const char *text, uint64_t most, uint64_t *out)
{
    char *end = NULL;

    errno = 0;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out <= most;
}

static bool
number32(const char *text, uint32_t *out)
{
    uint64_t wide = 0;
    const bool ok = number(text, UINT32_MAX - 1, &wide);

    *out = (uint32_t)wide;
    return ok;
}

/* At single spaces; the text is cut into pieces. */
static bool
split(char *text, struct line *out)
{
    out->n = 0;
    while (text != NULL) {
        if (out->n == MAX_WORDS) {
            return false;
        }

        char *space = strchr(text, ' ');

        if (space != NULL) {
            *space++ = '\0';
        }
        if (*text == '\0') {
            return false;
        }
        out->words[out->n++] = text;
        text = space;
    }
    return out->n >= 4;
}

static bool
is(const char *word, const char *what)
{
    return strcmp(word, what) == 0;
}

static bool
written(struct reading *r, const char *word, struct lin_op *op)
{
    op->value = is(word, "-") ? 0 : lin_words_number(&r->values, word);
    if (op->value == 0 || r->values.words[op->value - 1].marked) {
        return false;
    }
    r->values.words[op->value - 1].marked = true;
    return true;
}

static bool
version_made(const char *word, struct lin_op *op)
{
    return op->ret == LIN_NEVER ? is(word, "-") : number32(word, &op->version) && op->version > 0;
}

static bool
parse_put(struct reading *r, char *const *words, struct lin_op *op)
{
    return written(r, words[0], op) && version_made(words[1], op);
}

static bool
parse_cas(struct reading *r, char *const *words, struct lin_op *op)
{
    if (!number32(words[0], &op->expected) || !written(r, words[1], op)) {
        return false;
    }
    op->conflict = op->ret != LIN_NEVER && is(words[2], "conflict");
    return op->conflict || version_made(words[2], op);
}

static bool
parse_get(struct reading *r, char *const *words, struct lin_op *op)
{
    if (op->ret == LIN_NEVER) {
        return is(words[0], "-") && is(words[1], "-");
    }
    if (!number32(words[1], &op->version)) {
        return false;
    }
    if (is(words[0], "-")) {
        return true;
    }
    op->value = lin_words_number(&r->values, words[0]);
    return op->value != 0 && op->version > 0;
}

static bool
parse_delete(struct reading *r, char *const *words, struct lin_op *op)
{
    (void)r;
    (void)words;
    (void)op;
    return true;
}

static const struct {
    const char *name;
    enum lin_kind kind;
    size_t words; /* after the name */
    bool (*parse)(struct reading *, char *const *, struct lin_op *);
} forms[] = {
    { "put", LIN_PUT, 2, parse_put },
    { "cas", LIN_CAS, 3, parse_cas },
    { "get", LIN_GET, 2, parse_get },
    { "delete", LIN_DELETE, 0, parse_delete },
};

static bool
parse_times(char *const *words, struct lin_op *op)
{
    op->ret = LIN_NEVER;
    return number(words[0], LIN_NEVER - 1, &op->call)
           && (is(words[1], "-")
               || (number(words[1], LIN_NEVER - 1, &op->ret) && op->call <= op->ret));
}

static bool
parse(struct reading *r, const struct line *line, struct lin_op *op)
{
    if (!parse_times(line->words + 1, op)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (is(line->words[3], forms[i].name)) {
            op->kind = forms[i].kind;
            return line->n == 4 + forms[i].words && forms[i].parse(r, line->words + 4, op);
        }
    }
    return false;
}

/* Room for one more of what there are n of. */
static void *
room(void *array, size_t n, size_t *have, size_t size)
{
    if (n < *have) {
        return array;
    }

    void *more = realloc(array, (*have * 2 + 64) * size);

    if (more != NULL) {
        *have = *have * 2 + 64;
    }
    return more;
}

static bool
add(struct lin_history *h, size_t key, const char *name, const struct lin_op *op)
{
    if (key >= h->n_keys) {
        struct lin_key *more = realloc(h->keys, (key + 1) * sizeof(*more));

        if (more == NULL) {
            return false;
        }
        h->keys = more;
        h->keys[key] = (struct lin_key){ .name = strdup(name) };
        h->n_keys = key + 1;
    }

    struct lin_key *k = &h->keys[key];
    struct lin_op *ops = room(k->ops, k->n, &k->room, sizeof(*ops));

    if (ops == NULL || k->name == NULL) {
        return false;
    }
    k->ops = ops;
    k->ops[k->n++] = *op;
    k->unknown += op->ret == LIN_NEVER ? 1 : 0;
    return true;
}

static bool
read_line(struct reading *r, char *text)
{
    struct lin_history *h = r->history;
    struct lin_op op = { .line = (uint32_t)(h->n_lines - 1) };
    struct line line;

    if (text[0] == '#' || text[0] == '\0') {
        return true;
    }
    if (!split(text, &line) || !parse(r, &line, &op)) {
        (void)snprintf(h->wrong, sizeof(h->wrong), "line %zu is no operation: %.200s", h->n_lines,
                       h->lines[h->n_lines - 1]);
        return false;
    }

    const uint32_t key = lin_words_number(&r->keys, line.words[0]);

    if (key == 0 || !add(h, key - 1, line.words[0], &op)) {
        (void)snprintf(h->wrong, sizeof(h->wrong), "out of memory");
        return false;
    }
    return true;
}

static bool
read_lines(struct reading *r, FILE *in)
{
    struct lin_history *h = r->history;
    char *text = NULL;
    size_t size = 0, have = 0;
    ssize_t length = 0;
    bool ok = true;

    while (ok && (length = getline(&text, &size, in)) >= 0) {
        char **lines = room(h->lines, h->n_lines, &have, sizeof(*lines));

        if (length > 0 && text[length - 1] == '\n') {
            text[length - 1] = '\0';
        }
        if (lines != NULL) {
            h->lines = lines;
            h->lines[h->n_lines] = strdup(text);
        }
        ok = lines != NULL && h->lines[h->n_lines] != NULL;
        if (ok) {
            h->n_lines++;
            ok = read_line(r, text);
        }
    }
    free(text);
    return ok && !ferror(in);
}

bool
lin_history_read(struct lin_history *out, FILE *in)
{
    struct reading r = { .history = out };

    *out = (struct lin_history){ .wrong = "it cannot be read" };

    const bool ok = read_lines(&r, in);

    lin_words_free(&r.keys);
    lin_words_free(&r.values);
    return ok;
}

void
lin_history_free(struct lin_history *history)
{
    for (size_t i = 0; i < history->n_keys; i++) {
        free(history->keys[i].name);
        free(history->keys[i].ops);
    }
    for (size_t i = 0; i < history->n_lines; i++) {
        free(history->lines[i]);
    }
    free(history->keys);
    free(history->lines);
    *history = (struct lin_history){ 0 };
}

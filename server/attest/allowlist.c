/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/allowlist.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    const char *text; /* in the list's texts */
    struct tsec_expr expr;
};

/* Either entries of its own, or those of two others. */
struct allowlist {
    atomic_size_t holders;
    struct allowlist *joined[2];
    char *texts;
    size_t len; /* of both */
    struct entry entries[];
};

static tsec_rc
new_list(size_t n, size_t text_len, struct allowlist **out, struct tsec_err *err)
{
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    if (n > ALLOWLIST_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "more than %d allowed measurements",
                         (int)ALLOWLIST_MAX);
    }
    list = calloc(1, sizeof(*list) + n * sizeof(list->entries[0]));
    if (list != NULL) {
        atomic_store(&list->holders, 1);
        list->texts = malloc(text_len + 1);
    }
    if (list == NULL || list->texts == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the allowed measurements");
    }
    *out = TSEC_TAKE(list);
    return TSEC_OK;
}

static char *
put_text(char *at, struct tsec_span text)
{
    memcpy(at, text.ptr, text.len);
    at[text.len] = '\0';
    return at + text.len + 1;
}

tsec_rc
allowlist_new(const struct tsec_span *entries, size_t n, struct allowlist **out,
              struct tsec_err *err)
{
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;
    size_t text_len = 0;
    char *at;

    for (size_t i = 0; i < n && n <= ALLOWLIST_MAX; i++) {
        if (entries[i].len > ALLOWLIST_ENTRY_MAX) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "an allowed measurement of %zu characters",
                             entries[i].len);
        }
        text_len += entries[i].len + 1;
    }
    TSEC_TRY(new_list(n, text_len, &list, err));
    at = list->texts;
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(tsec_expr_parse(entries[i], &list->entries[i].expr, err));
        list->entries[i].text = at;
        at = put_text(at, entries[i]);
        list->len++;
    }
    *out = TSEC_TAKE(list);
    return TSEC_OK;
}

tsec_rc
allowlist_join(struct allowlist *first, struct allowlist *second, struct allowlist **out,
               struct tsec_err *err)
{
    struct allowlist *list = NULL;

    TSEC_TRY(new_list(0, 0, &list, err));
    list->joined[0] = allowlist_hold(first);
    list->joined[1] = allowlist_hold(second);
    list->len = allowlist_len(first) + allowlist_len(second);
    *out = list;
    return TSEC_OK;
}

struct allowlist *
allowlist_hold(struct allowlist *list)
{
    if (list != NULL) {
        (void)atomic_fetch_add(&list->holders, 1);
    }
    return list;
}

void
allowlist_free(struct allowlist *list)
{
    if (list != NULL && atomic_fetch_sub(&list->holders, 1) == 1) {
        allowlist_free(list->joined[0]);
        allowlist_free(list->joined[1]);
        free(list->texts);
        free(list);
    }
}

size_t
allowlist_len(const struct allowlist *list)
{
    return list == NULL ? 0 : list->len;
}

static const struct entry *
entry_at(const struct allowlist *list, size_t i)
{
    while (list->joined[0] != NULL || list->joined[1] != NULL) {
        const size_t before = allowlist_len(list->joined[0]);

        list = i < before ? list->joined[0] : list->joined[1];
        i = i < before ? i : i - before;
    }
    return &list->entries[i];
}

const char *
allowlist_entry(const struct allowlist *list, size_t index)
{
    return entry_at(list, index)->text;
}

bool
allowlist_has(const struct allowlist *list, const char *entry)
{
    for (size_t i = 0; i < allowlist_len(list); i++) {
        if (strcmp(entry_at(list, i)->text, entry) == 0) {
            return true;
        }
    }
    return false;
}

bool
allowlist_names(const struct allowlist *list, const char *tee)
{
    for (size_t i = 0; i < allowlist_len(list); i++) {
        if (strcmp(entry_at(list, i)->expr.tee, tee) == 0) {
            return true;
        }
    }
    return false;
}

/* The entry of this TEE with most parts that hold; NULL: none is about this TEE. */
static const struct tsec_expr *
nearest(const struct allowlist *list, const struct tsec_claims *claims)
{
    const struct tsec_expr *best = NULL;
    size_t best_nearness = 0;

    for (size_t i = 0; i < allowlist_len(list); i++) {
        const struct tsec_expr *expr = &entry_at(list, i)->expr;
        const size_t nearness = tsec_expr_nearness(expr, claims);

        if (nearness > best_nearness) {
            best = expr;
            best_nearness = nearness;
        }
    }
    return best;
}

static void
explain(const struct allowlist *list, const struct tsec_claims *claims, struct tsec_buf *why)
{
    const struct tsec_expr *expr = nearest(list, claims);

    if (allowlist_len(list) == 0) {
        tsec_buf_put_str(why, "no measurement is allowed: the list is empty");
    } else if (expr == NULL) {
        tsec_buf_printf(why, "no entry of %zu is about %s", allowlist_len(list), claims->tee);
    } else {
        (void)tsec_expr_match(expr, claims, why);
    }
}

bool
allowlist_match(const struct allowlist *list, const struct tsec_claims *claims, size_t *index,
                struct tsec_buf *why)
{
    for (size_t i = 0; i < allowlist_len(list); i++) {
        if (tsec_expr_match(&entry_at(list, i)->expr, claims, NULL)) {
            *index = i;
            return true;
        }
    }
    if (why != NULL) {
        explain(list, claims, why);
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/allowlist.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct allowlist {
    atomic_size_t holders;
    size_t len;
    struct tsec_expr entries[];
};

tsec_rc
allowlist_new(const struct tsec_span *entries, size_t n, struct allowlist **out,
              struct tsec_err *err)
{
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    if (n > ALLOWLIST_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "more than %d allowed measurements",
                         (int)ALLOWLIST_MAX);
    }
    list = calloc(1, sizeof(*list) + n * sizeof(list->entries[0]));
    if (list == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the allowed measurements");
    }
    atomic_store(&list->holders, 1);
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(tsec_expr_parse(entries[i], &list->entries[i], err));
        list->len++;
    }
    *out = TSEC_TAKE(list);
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
        free(list);
    }
}

size_t
allowlist_len(const struct allowlist *list)
{
    return list == NULL ? 0 : list->len;
}

bool
allowlist_names(const struct allowlist *list, const char *tee)
{
    for (size_t i = 0; i < allowlist_len(list); i++) {
        if (strcmp(list->entries[i].tee, tee) == 0) {
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
        const size_t nearness = tsec_expr_nearness(&list->entries[i], claims);

        if (nearness > best_nearness) {
            best = &list->entries[i];
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
        if (tsec_expr_match(&list->entries[i], claims, NULL)) {
            *index = i;
            return true;
        }
    }
    if (why != NULL) {
        explain(list, claims, why);
    }
    return false;
}

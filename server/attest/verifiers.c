/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/verifiers.h"

#include <stdlib.h>
#include <string.h>

struct verifiers {
    struct verifier items[VERIFIERS_MAX];
    size_t len;
    const char *formats[VERIFIERS_FORMATS_MAX + 1]; /* static strings of the plugins */
    size_t owner[VERIFIERS_FORMATS_MAX];
    size_t formats_len;
};

static tsec_rc
add_formats(struct verifiers *set, size_t owner, struct tsec_err *err)
{
    const struct verifier *v = &set->items[owner];
    struct tsec_attest_info info = { .struct_size = sizeof(info) };

    v->ops->describe(v->attest, &info);
    for (size_t i = 0; info.accepts != NULL && info.accepts[i] != NULL; i++) {
        if (verifiers_find(set, info.accepts[i], NULL, NULL)) {
            continue;
        }
        if (set->formats_len == VERIFIERS_FORMATS_MAX
            || strlen(info.accepts[i]) > VERIFIERS_FORMAT_LEN) {
            return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: more formats, or longer names, than fit",
                             v->name);
        }
        set->owner[set->formats_len] = owner;
        set->formats[set->formats_len++] = info.accepts[i];
    }
    return TSEC_OK;
}

tsec_rc
verifiers_new(const struct verifier *items, size_t n, struct verifiers **out, struct tsec_err *err)
{
    TSEC_AUTO(verifiers_free) struct verifiers *set = calloc(1, sizeof(*set));

    if (set == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the verifiers");
    }
    if (n > VERIFIERS_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "more than %d attest plugins", (int)VERIFIERS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        set->items[set->len++] = items[i];
        TSEC_TRY(add_formats(set, i, err));
    }
    *out = TSEC_TAKE(set);
    return TSEC_OK;
}

void
verifiers_free(struct verifiers *set)
{
    free(set);
}

size_t
verifiers_len(const struct verifiers *set)
{
    return set->len;
}

const struct verifier *
verifiers_at(const struct verifiers *set, size_t i)
{
    return &set->items[i];
}

tsec_rc
verifiers_health(const struct verifiers *set, struct tsec_err *err)
{
    for (size_t i = 0; i < set->len; i++) {
        const struct verifier *v = &set->items[i];
        struct tsec_err inner = { 0 };
        const tsec_rc rc = v->ops->health(v->attest, &inner);

        if (tsec_failed(rc)) {
            return TSEC_FAIL(err, (enum tsec_code)rc.code, "%s: %s", v->name, inner.detail);
        }
    }
    return TSEC_OK;
}

const char *const *
verifiers_formats(const struct verifiers *set)
{
    return set->formats;
}

size_t
verifiers_formats_len(const struct verifiers *set)
{
    return set->formats_len;
}

bool
verifiers_find(const struct verifiers *set, const char *format, size_t *index,
               const struct verifier **out)
{
    for (size_t i = 0; i < set->formats_len; i++) {
        if (strcmp(set->formats[i], format) == 0) {
            if (index != NULL) {
                *index = i;
            }
            if (out != NULL) {
                *out = &set->items[set->owner[i]];
            }
            return true;
        }
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grants.h"

#include <string.h>

#include "api/api.h"

static const char OTHER[] = "other";

const char *
grant_kind_name(enum grant_kind kind)
{
    static const char *const names[GRANT_KINDS] = { "login", "release", "channel" };

    return names[kind];
}

void
grants_init(struct grants *grants)
{
    (void)pthread_mutex_init(&grants->lock, NULL);
    grants->len = 0;
}

void
grants_done(struct grants *grants)
{
    (void)pthread_mutex_destroy(&grants->lock);
}

static struct grant_count *
find(struct grants *grants, enum grant_kind kind, bool refused, const char *label)
{
    for (size_t i = 0; i < grants->len; i++) {
        struct grant_count *item = &grants->items[i];

        if (item->kind == kind && item->refused == refused && strcmp(item->label, label) == 0) {
            return item;
        }
    }
    return NULL;
}

/* The places past GRANTS_MAX are for the counts that are shared. */
static struct grant_count *
find_or_add(struct grants *grants, enum grant_kind kind, bool refused, const char *label)
{
    struct grant_count *item = find(grants, kind, refused, label);

    if (item == NULL && grants->len >= GRANTS_MAX) {
        label = OTHER;
        item = find(grants, kind, refused, label);
    }
    if (item == NULL) {
        item = &grants->items[grants->len++];
        *item = (struct grant_count){ .kind = kind, .refused = refused };
        memcpy(item->label, label, strnlen(label, GRANTS_LABEL_MAX));
    }
    return item;
}

static void
count(struct grants *grants, enum grant_kind kind, bool refused, const char *label)
{
    char kept[GRANTS_LABEL_MAX + 1] = "";

    memcpy(kept, label, strnlen(label, GRANTS_LABEL_MAX));
    (void)pthread_mutex_lock(&grants->lock);
    find_or_add(grants, kind, refused, kept)->count++;
    (void)pthread_mutex_unlock(&grants->lock);
}

void
grants_count(struct grants *grants, enum grant_kind kind, const char *role)
{
    count(grants, kind, false, role == NULL ? "" : role);
}

void
grants_refuse(struct grants *grants, enum grant_kind kind, const char *reason)
{
    count(grants, kind, true, reason == NULL ? "" : reason);
}

struct counted {
    struct api_effect effect; /* first */
    struct api_effect *before;
    struct grants *grants;
    enum grant_kind kind;
    const char *role;
};

static void
run_counted(struct api_effect *effect)
{
    struct counted *counted = (struct counted *)(void *)effect;

    if (counted->before != NULL) {
        counted->before->run(counted->before);
    }
    grants_count(counted->grants, counted->kind, counted->role);
}

tsec_rc
api_count_grant(struct api_call *call, enum grant_kind kind, const char *role, struct tsec_err *err)
{
    struct counted *counted = tsec_arena_alloc(call->req->arena, sizeof(*counted));
    const char *kept = tsec_arena_dup(call->req->arena, tsec_span_str(role));

    if (counted == NULL || kept == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a figure");
    }
    *counted = (struct counted){ .effect = { run_counted },
                                 .before = call->effect,
                                 .grants = &call->api->grants,
                                 .kind = kind,
                                 .role = kept };
    call->effect = &counted->effect;
    return TSEC_OK;
}

size_t
grants_copy(struct grants *grants, struct grant_count out[GRANTS_MAX + 2 * GRANT_KINDS])
{
    size_t len;

    (void)pthread_mutex_lock(&grants->lock);
    len = grants->len;
    memcpy(out, grants->items, len * sizeof(*out));
    (void)pthread_mutex_unlock(&grants->lock);
    return len;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "kept.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Token keys that several views share. */
struct keys {
    atomic_uint holders;
    struct maa_jwks *jwks;
};

struct held_view {
    struct kept_view view; /* first: callers hold a pointer to it */
    atomic_uint holders;
    struct collateral *set;
    struct keys *keys;
};

struct kept {
    pthread_mutex_t change; /* one writer at a time */
    struct collateral *given;
    struct collateral *fetched;
    struct keys *given_keys;
    struct keys *fetched_keys;

    pthread_mutex_t lock; /* of `now` only */
    struct held_view *now;
};

/* ---- keys ---- */

static void
keys_release(struct keys *keys)
{
    if (keys != NULL && atomic_fetch_sub(&keys->holders, 1) == 1) {
        maa_jwks_free(keys->jwks);
        free(keys);
    }
}
TSEC_DEFINE_AUTO(struct keys, keys_release)

static struct keys *
keys_hold(struct keys *keys)
{
    if (keys != NULL) {
        atomic_fetch_add(&keys->holders, 1);
    }
    return keys;
}

static tsec_rc
keys_new(struct tsec_span text, struct keys **out, struct tsec_err *err)
{
    TSEC_AUTO(maa_jwks_free) struct maa_jwks *jwks = NULL;

    TSEC_TRY(maa_jwks_parse(text, tsec_span(NULL, 0), &jwks, err));
    if (maa_jwks_usable(jwks) == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "JWKS: no key in it can be used");
    }
    *out = calloc(1, sizeof(**out));
    if (*out == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for token keys");
    }
    atomic_init(&(*out)->holders, 1);
    (*out)->jwks = jwks;
    jwks = NULL;
    return TSEC_OK;
}

/* ---- views ---- */

static void
view_release(struct held_view *view)
{
    if (view != NULL && atomic_fetch_sub(&view->holders, 1) == 1) {
        collateral_free(view->set);
        keys_release(view->keys);
        free(view);
    }
}
TSEC_DEFINE_AUTO(struct held_view, view_release)

static tsec_rc
view_new(const struct collateral *given, const struct collateral *fetched, struct keys *keys,
         struct held_view **out, struct tsec_err *err)
{
    TSEC_AUTO(view_release) struct held_view *view = calloc(1, sizeof(*view));

    if (view == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for collateral");
    }
    atomic_init(&view->holders, 1);
    TSEC_TRY(collateral_join(given, fetched, &view->set, err));
    view->keys = keys_hold(keys);
    view->view.collateral = view->set;
    view->view.keys = keys == NULL ? NULL : keys->jwks;
    *out = view;
    view = NULL;
    return TSEC_OK;
}

const struct kept_view *
kept_hold(struct kept *kept)
{
    struct held_view *view;

    (void)pthread_mutex_lock(&kept->lock);
    view = kept->now;
    atomic_fetch_add(&view->holders, 1);
    (void)pthread_mutex_unlock(&kept->lock);
    return &view->view;
}

void
kept_release(struct kept *kept, const struct kept_view *view)
{
    const uintptr_t held = (uintptr_t)view; /* the holder counts, which callers cannot see */

    (void)kept;
    view_release((struct held_view *)held);
}

static void
show(struct kept *kept, struct held_view *view)
{
    struct held_view *before;

    (void)pthread_mutex_lock(&kept->lock);
    before = kept->now;
    kept->now = view;
    (void)pthread_mutex_unlock(&kept->lock);
    view_release(before);
}

/* ---- life ---- */

tsec_rc
kept_new(struct kept **out, struct tsec_err *err)
{
    struct kept *kept = calloc(1, sizeof(*kept));
    tsec_rc rc;

    if (kept == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for collateral");
    }
    (void)pthread_mutex_init(&kept->change, NULL);
    (void)pthread_mutex_init(&kept->lock, NULL);
    rc = view_new(NULL, NULL, NULL, &kept->now, err);
    if (tsec_failed(rc)) {
        kept_free(kept);
        return rc;
    }
    *out = kept;
    return TSEC_OK;
}

void
kept_free(struct kept *kept)
{
    if (kept == NULL) {
        return;
    }
    view_release(kept->now);
    collateral_free(kept->given);
    collateral_free(kept->fetched);
    keys_release(kept->given_keys);
    keys_release(kept->fetched_keys);
    (void)pthread_mutex_destroy(&kept->lock);
    (void)pthread_mutex_destroy(&kept->change);
    free(kept);
}

/* ---- changes; each with `change` held ---- */

static struct keys *
keys_in_force(struct keys *given, struct keys *fetched)
{
    return fetched != NULL ? fetched : given;
}

static tsec_rc
give_set(struct kept *kept, const struct collateral *set, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *given = NULL;
    struct held_view *view = NULL;

    TSEC_TRY(collateral_join(kept->given, set, &given, err));
    TSEC_TRY(view_new(given, kept->fetched, keys_in_force(kept->given_keys, kept->fetched_keys),
                      &view, err));
    show(kept, view);
    collateral_free(kept->given);
    kept->given = given;
    given = NULL;
    return TSEC_OK;
}

static tsec_rc
give_keys(struct kept *kept, struct keys *keys, struct tsec_err *err)
{
    struct held_view *view = NULL;

    TSEC_TRY(
        view_new(kept->given, kept->fetched, keys_in_force(keys, kept->fetched_keys), &view, err));
    show(kept, view);
    keys_release(kept->given_keys);
    kept->given_keys = keys_hold(keys);
    return TSEC_OK;
}

static tsec_rc
replace_fetched(struct kept *kept, const struct collateral *set, struct keys *keys,
                struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *fetched = NULL;
    struct keys *next = keys != NULL ? keys : kept->fetched_keys;
    struct held_view *view = NULL;

    TSEC_TRY(collateral_join(set, NULL, &fetched, err));
    TSEC_TRY(view_new(kept->given, fetched, keys_in_force(kept->given_keys, next), &view, err));
    show(kept, view);
    collateral_free(kept->fetched);
    kept->fetched = fetched;
    fetched = NULL;
    if (keys != NULL) {
        keys_release(kept->fetched_keys);
        kept->fetched_keys = keys_hold(keys);
    }
    return TSEC_OK;
}

tsec_rc
kept_give_set(struct kept *kept, const struct collateral *set, struct tsec_err *err)
{
    tsec_rc rc;

    (void)pthread_mutex_lock(&kept->change);
    rc = give_set(kept, set, err);
    (void)pthread_mutex_unlock(&kept->change);
    return rc;
}

tsec_rc
kept_give(struct kept *kept, struct tsec_span item, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;

    TSEC_TRY(collateral_new(&set, err));
    TSEC_TRY(collateral_add(set, item, err));
    return kept_give_set(kept, set, err);
}

tsec_rc
kept_give_keys(struct kept *kept, struct tsec_span jwks, struct tsec_err *err)
{
    TSEC_AUTO(keys_release) struct keys *keys = NULL;
    tsec_rc rc;

    TSEC_TRY(keys_new(jwks, &keys, err));
    (void)pthread_mutex_lock(&kept->change);
    rc = give_keys(kept, keys, err);
    (void)pthread_mutex_unlock(&kept->change);
    return rc;
}

tsec_rc
kept_fetched(struct kept *kept, const struct collateral *set, struct tsec_span jwks,
             struct tsec_err *err)
{
    TSEC_AUTO(keys_release) struct keys *keys = NULL;
    tsec_rc rc;

    if (jwks.len > 0) {
        TSEC_TRY(keys_new(jwks, &keys, err));
    }
    (void)pthread_mutex_lock(&kept->change);
    rc = replace_fetched(kept, set, keys, err);
    (void)pthread_mutex_unlock(&kept->change);
    return rc;
}

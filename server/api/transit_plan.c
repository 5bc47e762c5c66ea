/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_plan.h"

#include "api/api.h"
#include "api/transit_gate.h"
#include "core/mount.h"

enum { OUT_MAX = API_REPLY_BODY_MAX };
/* What an item's output may have besides its data: a prefix, nonce and tag. */
enum { ITEM_MORE = 96 };

struct transit_held {
    struct transit_held *next;
    int64_t number;
    const struct transit_material *material;
};

static void
drop(struct api_work *work)
{
    struct transit_plan *plan = (struct transit_plan *)(void *)work;

    for (struct transit_held *held = plan->held; held != NULL; held = held->next) {
        transit_material_release(held->material);
    }
    plan->held = NULL;
    tsec_buf_done(&plan->out);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(plan->scratch); i++) {
        tsec_buf_done(&plan->scratch[i]);
    }
}

/* ---- the versions it needs ---- */

static tsec_rc
hold(struct transit_plan *plan, int64_t number, const struct transit_material *material,
     struct tsec_err *err)
{
    struct transit_held *held = tsec_arena_alloc(plan->arena, sizeof(*held));

    if (held == NULL) {
        transit_material_release(material);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a version of a key");
    }
    *held = (struct transit_held){ plan->held, number, material };
    plan->held = held;
    return TSEC_OK;
}

static tsec_rc
fetch(struct api_call *call, struct transit_plan *plan, const struct transit_key *key,
      int64_t number, const struct transit_material **out, struct tsec_err *err)
{
    const struct transit_material *material = NULL;

    for (const struct transit_held *held = plan->held; held != NULL; held = held->next) {
        if (held->number == number) {
            *out = held->material;
            return TSEC_OK;
        }
    }
    TSEC_TRY(transit_cache_get(call->api->options.transit, call->txn, call->mount->id, key, number,
                               &material, err));
    *out = material;
    return hold(plan, number, material, err);
}

/* A version that is not there concerns the items that ask for it. */
static tsec_rc
fetch_for(struct api_call *call, struct transit_plan *plan, const struct transit_key *key,
          struct transit_item *item, struct tsec_err *err)
{
    tsec_rc rc = fetch(call, plan, key, item->version, &item->material, err);

    if (!tsec_failed(rc) && item->onto != 0) {
        rc = fetch(call, plan, key, item->onto, &item->successor, err);
    }
    if (rc.code == TSEC_E_NOT_FOUND) {
        transit_item_fails(item, "no such key version");
        return TSEC_OK;
    }
    return rc;
}

static tsec_rc
choose_all(struct api_call *call, struct transit_plan *plan, const struct transit_key *key,
           struct tsec_err *err)
{
    for (size_t i = 0; i < plan->len; i++) {
        struct transit_item *item = &plan->items[i];

        if (item->error == NULL) {
            item->error = plan->kind->choose(plan, item, key);
        }
        if (item->error == NULL && plan->settings == NULL) {
            TSEC_TRY(fetch_for(call, plan, key, item, err));
        }
        if (item->error == NULL) {
            plan->work.cost_us += plan->kind->cost_us(plan, item);
        }
    }
    return TSEC_OK;
}

/* ---- the work ---- */

static tsec_rc
make_key(struct transit_plan *plan, struct tsec_err *err)
{
    const struct transit_material *material = NULL;
    struct transit_version first = { .number = 1 };

    TSEC_TRY(transit_make(plan->type, 0, plan->arena, &plan->fresh, err));
    first.material = plan->fresh.material;
    first.hmac_key = plan->fresh.hmac_key;
    first.spki = plan->fresh.spki;
    TSEC_TRY(transit_material_new(plan->type, &first, &material, err));
    TSEC_TRY(hold(plan, first.number, material, err));
    for (size_t i = 0; i < plan->len; i++) {
        plan->items[i].material = material;
    }
    return TSEC_OK;
}

/* The items of a batch are mostly alike: what the first one gave, and no more than they came with,
 * is what the others will give. */
static void
expect_others(struct transit_plan *plan)
{
    size_t sum = 0;

    for (size_t i = 1; i < plan->len; i++) {
        const size_t came = plan->items[i].data.len + ITEM_MORE;

        sum += came < plan->out.len ? came : plan->out.len;
    }
    transit_expect(&plan->out, sum);
}

static void
run(struct api_work *work)
{
    struct transit_plan *plan = (struct transit_plan *)(void *)work;
    struct tsec_err err = { 0 };

    if (plan->settings != NULL) {
        plan->fault = make_key(plan, &err);
    }
    for (size_t i = 0; i < plan->len && !tsec_failed(plan->fault); i++) {
        if (plan->items[i].error == NULL) {
            plan->kind->work(plan, &plan->items[i]);
        }
        if (i == 0) {
            expect_others(plan);
        }
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(plan->scratch); i++) {
        tsec_buf_done(&plan->scratch[i]);
    }
    if (!tsec_failed(plan->fault)) {
        plan->fault = tsec_buf_check(&plan->out, &err);
    }
}

/* ---- from the body to the work ---- */

static tsec_rc
plan_new(struct api_call *call, const struct transit_kind *kind, struct transit_plan **out,
         struct tsec_err *err)
{
    struct tsec_arena *arena = call->req->arena;
    struct transit_plan *plan = tsec_arena_alloc(arena, sizeof(*plan));

    if (plan == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a plan");
    }
    plan->work.run = run;
    plan->work.drop = drop;
    plan->kind = kind;
    plan->arena = arena;
    tsec_buf_init(&plan->out, OUT_MAX);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(plan->scratch); i++) {
        tsec_buf_init(&plan->scratch[i], OUT_MAX);
    }
    *out = plan;
    return TSEC_OK;
}

/* A sentence that nobody has told the caller yet. */
static tsec_rc
told(struct api_call *call, tsec_rc rc, const struct tsec_err *err)
{
    if (rc.code == TSEC_E_INVALID && call->reply->status == 0) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    return rc;
}

static tsec_rc
read_body(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
          struct tsec_err *err)
{
    if (plan->kind->options != NULL) {
        TSEC_TRY(told(call, plan->kind->options(call, plan, body, err), err));
    }
    TSEC_TRY(told(call, transit_number(body, TRANSIT_IN_PARTIAL, &plan->partial, err), err));
    return told(call, transit_items_read(plan, body, err), err);
}

static tsec_rc
find_key(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
         struct tsec_span name, const struct transit_key **out, struct tsec_err *err)
{
    const tsec_rc rc = transit_key_find(call->txn, call->mount->id, name, out, err);

    if (rc.code != TSEC_E_NOT_FOUND) {
        return rc;
    }
    if (plan->kind->make != NULL) {
        TSEC_TRY(told(call, plan->kind->make(call, plan, body, err), err));
    }
    *out = plan->settings;
    return *out == NULL ? api_refuse(call, TSEC_E_INVALID, plan->kind->no_key) : TSEC_OK;
}

static tsec_rc
identify(struct transit_plan *plan, const struct transit_key *key, struct tsec_err *err)
{
    const char *identity =
        plan->settings != NULL
            ? "new"
            : tsec_arena_printf(plan->arena, "%s %lld", key->id, (long long)key->revision);

    plan->work.identity = tsec_span_str(identity);
    return identity == NULL ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a plan's identity") : TSEC_OK;
}

static tsec_rc
prepare(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
        struct tsec_span name, struct tsec_err *err)
{
    const struct transit_key *key = NULL;

    TSEC_TRY(read_body(call, plan, body, err));
    TSEC_TRY(find_key(call, plan, body, name, &key, err));
    plan->type = transit_key_type(key);
    plan->derived = key->derived;
    plan->convergent = key->convergent;
    TSEC_TRY(plan->kind->suits(call, plan));
    if (plan->settings == NULL) {
        TSEC_TRY(transit_gate(call, key, (int64_t)plan->len, plan->kind->uses, err));
    }
    TSEC_TRY(choose_all(call, plan, key, err));
    return identify(plan, key, err);
}

/* The key that the work made becomes one together with the answer, or not at all. */
static tsec_rc
keep_key(struct api_call *call, const struct transit_plan *plan, struct tsec_span name,
         struct tsec_err *err)
{
    struct transit_key settings = *plan->settings;
    const struct transit_key *made = NULL;

    settings.name = tsec_arena_dup(plan->arena, name);
    if (settings.name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a key's name");
    }
    return told(call,
                transit_key_create(call->txn, call->mount->id, &settings, &plan->fresh, &made, err),
                err);
}

tsec_rc
transit_operate(struct api_call *call, const struct transit_kind *kind, size_t i,
                struct tsec_err *err)
{
    struct transit_body body;

    TSEC_TRY(transit_body_read(call, &body, err));
    return transit_operate_on(call, kind, i, &body, err);
}

tsec_rc
transit_operate_on(struct api_call *call, const struct transit_kind *kind, size_t i,
                   const struct transit_body *body, struct tsec_err *err)
{
    struct transit_plan *plan = NULL;
    struct api_work *work;
    tsec_rc rc;

    TSEC_TRY(plan_new(call, kind, &plan, err));
    rc = prepare(call, plan, body, call->vars[i], err);
    if (tsec_failed(rc)) {
        drop(&plan->work);
        return rc;
    }
    work = &plan->work;
    TSEC_TRY(api_work(call, &work, err));
    plan = (struct transit_plan *)(void *)work;
    if (tsec_failed(plan->fault)) {
        return TSEC_FAIL(err, tsec_error_info(plan->fault.code)->code,
                         "an operation with a transit key");
    }
    if (plan->settings != NULL) {
        TSEC_TRY(keep_key(call, plan, call->vars[i], err));
    }
    return transit_items_answer(call, plan, err);
}

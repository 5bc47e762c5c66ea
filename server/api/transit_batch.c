/* SPDX-License-Identifier: Apache-2.0 */
/* batch_input and batch_results. */
#include "api/transit_plan.h"

enum { PARTIAL_MIN = 200, PARTIAL_MAX = 599 };
/* Names and the like of one result, with a share of the envelope. */
enum { RESULT_MORE = 80 };

static tsec_rc
items_new(struct transit_plan *plan, size_t n, struct tsec_err *err)
{
    plan->items = tsec_arena_alloc(plan->arena, n * sizeof(*plan->items));
    plan->len = n;
    return plan->items == NULL ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "items of a batch") : TSEC_OK;
}

static size_t
count(struct tsec_span array)
{
    struct tsec_json_walk walk = tsec_json_walk(array);
    struct tsec_json_member member;
    size_t n = 0;

    while (tsec_json_next(&walk, &member)) {
        n++;
    }
    return n;
}

static tsec_rc
read_one(struct transit_plan *plan, size_t i, struct tsec_span value, struct tsec_err *err)
{
    struct transit_body body;

    if (tsec_json_type_of(value) != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse batch input: [%zu] expected a map",
                         i);
    }
    transit_body_of(value, &body);
    body.item = true;
    body.index = i;
    return plan->kind->read(plan, &plan->items[i], &body, err);
}

static tsec_rc
read_batch(struct transit_plan *plan, const struct transit_value *input, struct tsec_err *err)
{
    struct tsec_json_walk walk = tsec_json_walk(input->raw);
    struct tsec_json_member member;
    size_t n;

    if (input->type != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "failed to parse batch input: source data must be an array or slice");
    }
    n = count(input->raw);
    if (n == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "missing batch input to process");
    }
    if (n > TRANSIT_BATCH_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "batch_input has more than %d items",
                         TRANSIT_BATCH_MAX);
    }
    TSEC_TRY(items_new(plan, n, err));
    for (size_t i = 0; i < n && tsec_json_next(&walk, &member); i++) {
        TSEC_TRY(read_one(plan, i, member.value, err));
    }
    return TSEC_OK;
}

static tsec_rc
check_contexts(const struct transit_plan *plan, struct tsec_err *err)
{
    for (size_t i = 1; plan->kind->contexts && i < plan->len; i++) {
        if ((plan->items[i].context.len == 0) != (plan->items[0].context.len == 0)) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "context should be set either in all the request blocks or in none");
        }
    }
    return TSEC_OK;
}

tsec_rc
transit_items_read(struct transit_plan *plan, const struct transit_body *body, struct tsec_err *err)
{
    plan->batch = plan->kind->batches && transit_given(body, TRANSIT_IN_BATCH);
    if (plan->batch) {
        TSEC_TRY(read_batch(plan, &body->values[TRANSIT_IN_BATCH], err));
        return check_contexts(plan, err);
    }
    TSEC_TRY(items_new(plan, 1, err));
    return plan->kind->read(plan, &plan->items[0], body, err);
}

static void
put_result(const struct transit_plan *plan, const struct transit_item *item,
           struct tsec_json_out *out)
{
    tsec_json_object(out);
    if (item->error == NULL || plan->kind->verdict) {
        plan->kind->put(plan, item, out);
    }
    if (item->error != NULL) {
        tsec_json_put_str(out, "error", item->error);
    }
    tsec_json_put_span(out, "reference", item->reference);
    tsec_json_object_end(out);
}

static size_t
failures(const struct transit_plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->len; i++) {
        n += plan->items[i].error != NULL ? 1 : 0;
    }
    return n;
}

/* 400 tells a client that looks no further; one that does says which status it wants. */
static int
status_of(struct api_call *call, const struct transit_plan *plan)
{
    const size_t failed = failures(plan);

    if (failed == 0) {
        return 200;
    }
    if (plan->partial == 0 || failed == plan->len) {
        return plan->kind->fails ? 400 : 200;
    }
    if (plan->partial < PARTIAL_MIN || plan->partial > PARTIAL_MAX) {
        api_warn(call, "invalid HTTP response code override from partial_failure_response_code");
        return plan->kind->fails ? 400 : 200;
    }
    return (int)plan->partial;
}

static tsec_rc
answer_batch(struct api_call *call, const struct transit_plan *plan, struct tsec_err *err)
{
    const int status = status_of(call, plan);
    struct tsec_json_out out = api_data(call);

    transit_expect(out.buf, plan->out.len + plan->len * RESULT_MORE);
    tsec_json_object(&out);
    tsec_json_key(&out, "batch_results");
    tsec_json_array(&out);
    for (size_t i = 0; i < plan->len; i++) {
        put_result(plan, &plan->items[i], &out);
    }
    tsec_json_array_end(&out);
    tsec_json_object_end(&out);
    TSEC_TRY(api_data_end(call, &out, err));
    call->reply->status = status;
    return TSEC_OK;
}

tsec_rc
transit_items_answer(struct api_call *call, const struct transit_plan *plan, struct tsec_err *err)
{
    const struct transit_item *item = &plan->items[0];
    struct tsec_json_out out;

    if (plan->batch) {
        return answer_batch(call, plan, err);
    }
    if (item->error != NULL) {
        return api_refuse(call, TSEC_E_INVALID, item->error);
    }
    out = api_data(call);
    tsec_json_object(&out);
    plan->kind->put(plan, item, &out);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

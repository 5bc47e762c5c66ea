/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a transit operation found in its text, compared with what a parser makes of it; and
 * every string of it read as a ciphertext. */
#include "api/transit_body.h"
#include "api/transit_wire.h"
#include "codec/json_fields.h"
#include "tests/fuzz/fuzz.h"

enum { ARENA_MAX = 1 << 20 };

static const char *const names[TRANSIT_IN_MEMBERS] = {
#define X(name, text) [TRANSIT_IN_##name] = (text),
    TRANSIT_MEMBERS(X)
#undef X
};

/* What is read is written again as it was. */
static void
check_wire(struct tsec_span text)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(text.len + 64);
    struct tsec_span rest = { 0 };
    int64_t version = -1;

    if (transit_wire_read(TRANSIT_CIPHERTEXT, text, &version, &rest) != NULL) {
        return;
    }
    FUZZ_ASSERT(version >= 0);
    transit_wire_put(&again, version);
    tsec_buf_put_span(&again, rest);
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), text));
}

static void
check_text(const struct transit_body *body, enum transit_member m, const json_t *value,
           struct tsec_arena *arena)
{
    struct tsec_span text = { 0 };
    struct tsec_err err = { 0 };
    const tsec_rc rc = transit_text(body, m, arena, &text, &err);

    if (json_is_string(value)) {
        FUZZ_ASSERT(!tsec_failed(rc) || rc.code == TSEC_E_NO_MEMORY);
        FUZZ_ASSERT(tsec_failed(rc) || tsec_span_is(text, json_string_value(value)));
        check_wire(text);
    } else {
        FUZZ_ASSERT(tsec_failed(rc) == transit_given(body, m));
    }
}

static void
check_body(const struct transit_body *body, const json_t *object, struct tsec_arena *arena)
{
    for (enum transit_member m = 0; m < TRANSIT_IN_MEMBERS; m++) {
        const json_t *value = json_object_get(object, names[m]);
        int64_t n = 0;
        bool on = false;

        FUZZ_ASSERT(transit_given(body, m) == (value != NULL && !json_is_null(value)));
        check_text(body, m, value, arena);
        if (!tsec_failed(transit_number(body, m, &n, NULL)) && json_is_integer(value)) {
            FUZZ_ASSERT(n == json_integer_value(value));
        }
        if (!tsec_failed(transit_flag(body, m, &on, NULL)) && json_is_boolean(value)) {
            FUZZ_ASSERT(on == json_is_true(value));
        }
    }
}

static void
check_items(struct tsec_span array, const json_t *parsed, struct tsec_arena *arena)
{
    struct tsec_json_walk walk = tsec_json_walk(array);
    struct tsec_json_member member;
    struct transit_body item;
    size_t i = 0;

    for (; tsec_json_next(&walk, &member); i++) {
        const json_t *value = json_array_get(parsed, i);

        FUZZ_ASSERT((tsec_json_type_of(member.value) == TSEC_JSON_OBJECT)
                    == (json_is_object(value)));
        if (json_is_object(value)) {
            transit_body_of(member.value, &item);
            check_body(&item, value, arena);
        }
    }
    FUZZ_ASSERT(i == json_array_size(parsed));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    TSEC_AUTO(tsec_json_free) json_t *json = NULL;
    const struct tsec_span text = tsec_json_trim(tsec_span(data, size));
    struct transit_body body;
    static bool ready;

    if (!ready) {
        tsec_json_setup();
        ready = true;
    }
    check_wire(text);
    if (tsec_json_type_of(text) != TSEC_JSON_OBJECT
        || tsec_failed(tsec_json_parse(text, &json, NULL))) {
        return 0;
    }
    FUZZ_ASSERT(!tsec_failed(tsec_arena_new(ARENA_MAX, &arena, NULL)));
    transit_body_of(text, &body);
    check_body(&body, json, arena);
    if (body.values[TRANSIT_IN_BATCH].type == TSEC_JSON_ARRAY) {
        check_items(body.values[TRANSIT_IN_BATCH].raw,
                    json_object_get(json, names[TRANSIT_IN_BATCH]), arena);
    }
    return 0;
}

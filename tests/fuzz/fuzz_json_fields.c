/* SPDX-License-Identifier: Apache-2.0 */
/* A body with fields of every kind, read strictly and not. */
#include "codec/json_fields.h"

#include "tests/fuzz/fuzz.h"

enum { ARENA_MAX = 1 << 20, TEXT_MAX = 40, COUNT_MAX = 5 };

struct body {
    const char *s;
    bool b;
    int64_t i;
    int64_t d;
    struct tsec_strings l;
    struct tsec_string_map m;
    json_t *j;
};

static void
check_values(const struct body *v)
{
    FUZZ_ASSERT(v->s == NULL || strlen(v->s) <= TEXT_MAX);
    FUZZ_ASSERT(v->i >= -9 && v->i <= 9);
    FUZZ_ASSERT(v->d >= 0 && v->d <= 1000);
    FUZZ_ASSERT(v->l.len <= COUNT_MAX && v->m.len <= COUNT_MAX);
    for (size_t i = 0; i < v->l.len; i++) {
        FUZZ_ASSERT(tsec_utf8_valid(tsec_span_str(v->l.items[i])));
    }
    for (size_t i = 0; i < v->m.len; i++) {
        FUZZ_ASSERT(tsec_utf8_valid(tsec_span_str(v->m.values[i])));
        FUZZ_ASSERT(i == 0 || strcmp(v->m.keys[i - 1], v->m.keys[i]) < 0);
    }
}

static void
read_body(struct tsec_span text, bool strict)
{
    struct body v = { 0 };
    bool given = false;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("s", &v.s, NULL, TEXT_MAX),
        TSEC_JSON_BOOL("b", &v.b, &given),
        TSEC_JSON_INT("i", &v.i, NULL, -9, 9),
        TSEC_JSON_DURATION("d", &v.d, NULL, 1000),
        TSEC_JSON_LIST("l", &v.l, NULL, COUNT_MAX),
        TSEC_JSON_MAP("m", &v.m, NULL, COUNT_MAX),
        TSEC_JSON_ANY("j", &v.j, NULL),
    };
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    TSEC_AUTO(tsec_json_free) json_t *json = NULL;
    struct tsec_err err = { 0 };

    FUZZ_ASSERT(!tsec_failed(tsec_arena_new(ARENA_MAX, &arena, NULL)));
    if (tsec_failed(tsec_json_parse(text, &json, &err))) {
        FUZZ_ASSERT(json == NULL && err.code == TSEC_E_INVALID);
        return;
    }

    const tsec_rc rc = tsec_json_read(json, fields, TSEC_ARRAY_LEN(fields), strict, arena, &err);

    FUZZ_ASSERT(!tsec_failed(rc) || rc.code == TSEC_E_INVALID || rc.code == TSEC_E_NO_MEMORY);
    check_values(&v); /* what was filled before a failure holds too */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;

    if (!ready) {
        tsec_json_setup();
        ready = true;
    }
    read_body(tsec_span(data, size), false);
    read_body(tsec_span(data, size), true);
    return 0;
}

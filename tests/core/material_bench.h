/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/core/material_bench.h
 * @brief Versions of transit keys without rows, for tests of what is done with them.
 */
#ifndef TSEC_TESTS_MATERIAL_BENCH_H
#define TSEC_TESTS_MATERIAL_BENCH_H

#include "base/arena.h"
#include "base/hex.h"
#include "core/transit_crypt.h"
#include "tests/test.h"

#define OK(expr)                  CU_ASSERT_EQUAL_FATAL((expr).code, 0)
#define EXPECT_CODE(expr, wanted) CU_ASSERT_EQUAL((expr).code, (wanted))

static inline struct tsec_span
text(const char *s)
{
    return tsec_span_str(s);
}

/** 1, 2, 3 … */
static inline struct tsec_span
counting(size_t len)
{
    static uint8_t bytes[TRANSIT_KEY_SIZE_MAX];

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i + 1);
    }
    return tsec_span(bytes, len);
}

static inline const struct transit_material *
material_of(enum transit_type type, struct tsec_span raw)
{
    const struct transit_version version = { .number = 1,
                                             .material = raw,
                                             .hmac_key = counting(TRANSIT_HMAC_KEY_LEN) };
    const struct transit_material *material = NULL;

    OK(transit_material_new(type, &version, &material, NULL));
    return material;
}

/** As the server makes them; `public_only`: of what was imported so. */
static inline const struct transit_material *
material_made(enum transit_type type, bool public_only)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    const struct transit_material *material = NULL;
    struct transit_fresh fresh = { 0 };

    OK(tsec_arena_new(1 << 20, &arena, NULL));
    OK(transit_make(type, 0, arena, &fresh, NULL));

    const struct transit_version version = {
        .number = 1,
        .material = public_only ? tsec_span(NULL, 0) : fresh.material,
        .hmac_key = fresh.hmac_key,
        .spki = fresh.spki,
    };

    OK(transit_material_new(type, &version, &material, NULL));
    return material;
}

static inline bool
is_hex(struct tsec_span bytes, const char *hex)
{
    uint8_t wanted[1024];

    return strlen(hex) == 2 * bytes.len && bytes.len <= sizeof(wanted)
           && tsec_hex_decode(text(hex), wanted, bytes.len)
           && tsec_span_equal(bytes, tsec_span(wanted, bytes.len));
}

static inline void
release(const struct transit_material **material)
{
    transit_material_release(*material);
    *material = NULL;
}
#define AUTO_MATERIAL __attribute__((cleanup(release))) const struct transit_material

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors/flips.h"

#include <stdio.h>
#include <stdlib.h>

#include "nitro_verify.h"
#include "tests/test.h"
#include "tests/vectors/flips_ranges.h"

enum { FILE_MAX = 1024 * 1024 };

/* As long as the program: chains are checked once, as in a server. */
static struct tsec_memo *nitro_memo;
static struct verifier_cache cache;

static void
make_caches(void)
{
    if (nitro_memo != NULL) {
        return;
    }
    CU_ASSERT_FALSE_FATAL(tsec_failed(nitro_memo_new(&nitro_memo, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(snp_memo_new(&cache.snp, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(quote_memo_new(&cache.quote, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(maa_memo_new(&cache.token_keys, NULL)));
}

__attribute__((destructor)) static void
free_caches(void)
{
    tsec_memo_free(nitro_memo);
    tsec_memo_free(cache.snp);
    tsec_memo_free(cache.quote);
    tsec_memo_free(cache.token_keys);
}

void
flips_init(struct flips *flips, const char *format, int64_t now)
{
    memset(flips, 0, sizeof(*flips));
    (void)snprintf(flips->format, sizeof(flips->format), "%s", format);
    flips->now = now;
    tsec_buf_init(&flips->evidence, FILE_MAX);
    tsec_buf_init(&flips->jwks, FILE_MAX);
    make_caches();
}

void
flips_done(struct flips *flips)
{
    tsec_buf_done(&flips->evidence);
    tsec_buf_done(&flips->jwks);
    collateral_free(flips->collateral);
    flips->collateral = NULL;
}

static tsec_rc
verify_nitro(const struct flips *f, const struct tsec_expectation *expect,
             struct tsec_claims *claims)
{
    const struct nitro_input in = {
        .root = f->nitro_root,
        .chains = nitro_memo,
        .evidence = tsec_buf_span(&f->evidence),
        .expect = expect,
        .now = f->now,
        .claims = claims,
    };

    return nitro_verify(&in, NULL);
}

static tsec_rc
verify_by_maa(const struct flips *f, const struct tsec_expectation *expect,
              struct tsec_claims *claims)
{
    const struct verifier_input in = {
        .anchors = f->anchors,
        .cache = &cache,
        .collateral = f->collateral,
        .evidence = tsec_buf_span(&f->evidence),
        .expect = expect,
        .now = f->now,
        .claims = claims,
    };

    if (strcmp(f->format, "snp") == 0) {
        return snp_verify(&in, NULL);
    }
    if (strcmp(f->format, "az-vtpm") == 0) {
        return az_vtpm_verify(&in, NULL);
    }
    if (strcmp(f->format, "maa") == 0) {
        return maa_verify(&in, NULL);
    }
    return quote_verify(&in, strcmp(f->format, "tdx") == 0, NULL);
}

static bool
is_refused(const struct flips *f)
{
    static struct tsec_claims claims;
    static struct tsec_checks checks;
    const struct tsec_expectation expect = {
        .struct_size = sizeof(expect),
        .allow_debug = !f->strict,
        .allow_tcb = f->strict ? 0 : TSEC_TCB_ANY,
        .issuer = f->issuer[0] == '\0' ? NULL : f->issuer,
        .jwks = tsec_buf_span(&f->jwks),
        .checks = &checks,
    };

    memset(&claims, 0, sizeof(claims));
    memset(&checks, 0, sizeof(checks));
    claims.struct_size = sizeof(claims);
    checks.struct_size = sizeof(checks);

    const tsec_rc rc = strcmp(f->format, "nitro") == 0 ? verify_nitro(f, &expect, &claims)
                                                       : verify_by_maa(f, &expect, &claims);

    CU_ASSERT_EQUAL(tsec_failed(rc), checks.reason != TSEC_REASON_NONE);
    return tsec_failed(rc) && (rc.code == TSEC_E_DENIED || rc.code == TSEC_E_INVALID)
           && checks.reason != TSEC_REASON_INTERNAL;
}

bool
flips_genuine(const struct flips *flips)
{
    return !is_refused(flips);
}

static size_t
flip_byte(struct flips *f, size_t at, bool all)
{
    size_t flipped = 0;

    for (unsigned bit = 0; bit < 8; bit++) {
        if (!all && bit != at % 8) {
            continue;
        }
        f->evidence.ptr[at] ^= (uint8_t)(1u << bit);
        if (!is_refused(f)) {
            CU_FAIL("taken");
            (void)printf("%s: taken with bit %u of byte %zu flipped\n", f->format, bit, at);
        }
        f->evidence.ptr[at] ^= (uint8_t)(1u << bit);
        flipped++;
    }
    return flipped;
}

void
flips_run(struct flips *flips, size_t least)
{
    const char *text = getenv("TSEC_FLIPS");
    const bool all = text != NULL && strcmp(text, "all") == 0;
    struct flips_ranges ranges;
    size_t flipped = 0;

    CU_ASSERT_TRUE(flips_genuine(flips));
    flips_signed(flips->format, tsec_buf_span(&flips->evidence), &ranges);
    CU_ASSERT_TRUE(ranges.len > 0);
    for (size_t i = 0; i < ranges.len; i++) {
        for (size_t at = ranges.items[i].at; at < ranges.items[i].at + ranges.items[i].len; at++) {
            flipped += flip_byte(flips, at, all);
        }
    }
    CU_ASSERT_TRUE(flipped >= least);
    CU_ASSERT_TRUE(flips_genuine(flips)); /* as it was */
}

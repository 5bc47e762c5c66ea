/* SPDX-License-Identifier: Apache-2.0 */
/* An expression that is taken holds for claims made of its own parts, and no longer when any one of
 * them is missing or another; how near claims are agrees with whether they match. */
#include "appraisal/expr.h"

#include "appraisal/claims.h"
#include "tests/fuzz/fuzz.h"

static void
add(struct tsec_claims *claims, const struct tsec_expr_part *part, const char *name, bool other)
{
    uint8_t value[sizeof(part->value)];

    memcpy(value, part->value, sizeof(value));
    value[0] ^= other ? 1 : 0;
    switch (part->kind) {
    case TSEC_CLAIM_BYTES:
        tsec_claims_add_bytes(claims, name, tsec_span(value, part->len));
        break;
    case TSEC_CLAIM_TEXT:
        tsec_claims_add_text(claims, name, tsec_span(value, part->len));
        break;
    case TSEC_CLAIM_NUMBER:
        tsec_claims_add_number(claims, name, other ? part->number - 1 : part->number);
        break;
    default:
        FUZZ_ASSERT(part->kind == TSEC_CLAIM_BOOL && part->number <= 1);
        tsec_claims_add_bool(claims, name, (part->number != 0) != other);
        break;
    }
}

/* Claims that say what the expression asks for, but for the part at `but`: left out, or another. */
static bool
holds(const struct tsec_expr *expr, size_t but, bool other)
{
    static struct tsec_claims claims;
    TSEC_AUTO_BUF struct tsec_buf why = TSEC_BUF_INIT(4096);

    const bool bare = expr->tee[0] == '\0';
    const bool pcr0 = expr->parts[0].len == 48;

    tsec_claims_init(&claims, !bare ? expr->tee : pcr0 ? "nitro" : "sgx", "fuzz");
    for (size_t i = 0; i < expr->parts_len; i++) {
        if (i != but || other) {
            add(&claims, &expr->parts[i],
                !bare  ? expr->parts[i].name
                : pcr0 ? "pcr0"
                       : "mrenclave",
                i == but);
        }
    }
    const bool match = tsec_expr_match(expr, &claims, &why);

    FUZZ_ASSERT(match == (tsec_expr_nearness(expr, &claims) == 1 + expr->parts_len));
    FUZZ_ASSERT(match == tsec_expr_match(expr, &claims, NULL));
    FUZZ_ASSERT(match == (why.len == 0));
    return match;
}

static bool
named_twice(const struct tsec_expr *expr, size_t at)
{
    for (size_t i = 0; i < expr->parts_len; i++) {
        if (i != at && strcmp(expr->parts[i].name, expr->parts[at].name) == 0) {
            return true;
        }
    }
    return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tsec_expr expr;
    struct tsec_err err = { .code = 0 };
    const tsec_rc rc = tsec_expr_parse(tsec_span(data, size), &expr, &err);

    FUZZ_ASSERT(rc.code == 0 || (rc.code == TSEC_E_CONFIG && err.detail[0] != '\0'));
    if (rc.code != 0) {
        return 0;
    }
    FUZZ_ASSERT(expr.parts_len >= 1 && expr.parts_len <= TSEC_EXPR_PARTS);
    (void)tsec_expr_warning(&expr);
    for (size_t i = 0; i < expr.parts_len; i++) {
        FUZZ_ASSERT(memchr(expr.parts[i].name, '\0', sizeof(expr.parts[i].name)) != NULL);
        FUZZ_ASSERT(expr.parts[i].len <= sizeof(expr.parts[i].value));
        FUZZ_ASSERT(!named_twice(&expr, i));
        FUZZ_ASSERT(!holds(&expr, i, false));
        FUZZ_ASSERT(!holds(&expr, i, true)
                    || (expr.parts[i].at_least && expr.parts[i].number == 0));
    }
    FUZZ_ASSERT(holds(&expr, SIZE_MAX, false));
    return 0;
}

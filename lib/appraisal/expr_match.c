/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/expr.h"

#include <stdio.h>
#include <string.h>

#include "appraisal/claims.h"
#include "base/hex.h"

enum { SHOWN = 4 }; /* bytes of a value that a difference shows */

/* What a bare entry speaks of, in each TEE that it may speak of: never a simulated one. */
static const struct {
    const char *tee;
    const char *name;
    size_t bytes;
} bare[] = {
    { "nitro", "pcr0", 48 }, { "snp", "measurement", 48 }, { "azure-cvm", "measurement", 48 },
    { "tdx", "mrtd", 48 },   { "sgx", "mrenclave", 32 },
};

/* The claim's name in this TEE; NULL: the expression is not about it. */
static const char *
name_in(const struct tsec_expr *expr, const struct tsec_expr_part *part, const char *tee)
{
    if (expr->tee[0] != '\0') {
        return strcmp(expr->tee, tee) == 0 ? part->name : NULL;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bare); i++) {
        if (strcmp(bare[i].tee, tee) == 0 && bare[i].bytes == part->len) {
            return bare[i].name;
        }
    }
    return NULL;
}

/* An entry of that name, or the member of struct tsec_claims that says the same. */
static bool
find(const struct tsec_claims *claims, const char *name, struct tsec_claim *out)
{
    const struct tsec_claim *entry = tsec_claims_find(claims, name);

    if (entry != NULL) {
        *out = *entry;
        return true;
    }
    memset(out, 0, sizeof(*out));
    if (strcmp(name, "svn") == 0 && claims->has_svn) {
        out->kind = TSEC_CLAIM_NUMBER;
        out->number = claims->svn;
        return true;
    }
    if (strcmp(name, "measurement") == 0 && claims->measurement_len > 0
        && claims->measurement_len <= sizeof(claims->measurement)) {
        out->kind = TSEC_CLAIM_BYTES;
        out->len = (uint16_t)claims->measurement_len;
        memcpy(out->value, claims->measurement, claims->measurement_len);
        return true;
    }
    return false;
}

static bool
holds(const struct tsec_expr_part *part, const struct tsec_claim *claim)
{
    if (part->kind != claim->kind) {
        return false;
    }
    if (part->kind == TSEC_CLAIM_NUMBER || part->kind == TSEC_CLAIM_BOOL) {
        return part->at_least ? claim->number >= part->number : claim->number == part->number;
    }
    return claim->len <= sizeof(claim->value)
           && tsec_span_equal(tsec_span(part->value, part->len),
                              tsec_span(claim->value, claim->len));
}

static void
put_bytes(struct tsec_buf *why, struct tsec_span bytes)
{
    const size_t shown = bytes.len > SHOWN + 1 ? SHOWN : bytes.len;

    tsec_hex_append(why, tsec_span(bytes.ptr, shown));
    if (shown < bytes.len) {
        tsec_buf_put_str(why, "…");
    }
}

static void
put_value(struct tsec_buf *why, uint8_t kind, uint64_t number, struct tsec_span value)
{
    switch (kind) {
    case TSEC_CLAIM_NUMBER:
        tsec_buf_put_u64(why, number);
        return;
    case TSEC_CLAIM_BOOL:
        tsec_buf_put_str(why, number != 0 ? "true" : "false");
        return;
    case TSEC_CLAIM_TEXT:
        tsec_buf_printf(why, "\"%.*s\"", (int)value.len, (const char *)value.ptr);
        return;
    default:
        put_bytes(why, value);
    }
}

static void
put_difference(struct tsec_buf *why, const char *name, const struct tsec_expr_part *part,
               const struct tsec_claim *claim)
{
    tsec_buf_printf(why, "%s: allowed %s", name, part->at_least ? ">= " : "");
    put_value(why, part->kind, part->number, tsec_span(part->value, part->len));
    if (claim == NULL) {
        tsec_buf_put_str(why, ", evidence has none");
        return;
    }
    tsec_buf_put_str(why, ", evidence has ");
    put_value(why, claim->kind, claim->number, tsec_span(claim->value, claim->len));
}

static void
put_other_tee(struct tsec_buf *why, const struct tsec_expr *expr, const char *tee)
{
    if (expr->tee[0] != '\0') {
        tsec_buf_printf(why, "tee: allowed %s, evidence is of %s", expr->tee, tee);
    } else {
        tsec_buf_printf(why, "tee: a bare measurement of %zu digits is not about %s",
                        2 * expr->parts[0].len, tee);
    }
}

bool
tsec_expr_match(const struct tsec_expr *expr, const struct tsec_claims *claims,
                struct tsec_buf *why)
{
    for (size_t i = 0; i < expr->parts_len; i++) {
        const struct tsec_expr_part *part = &expr->parts[i];
        const char *name = name_in(expr, part, claims->tee);
        struct tsec_claim claim;

        if (name == NULL) {
            if (why != NULL) {
                put_other_tee(why, expr, claims->tee);
            }
            return false;
        }

        const bool found = find(claims, name, &claim);

        if (!found || !holds(part, &claim)) {
            if (why != NULL) {
                put_difference(why, name, part, found ? &claim : NULL);
            }
            return false;
        }
    }
    return expr->parts_len > 0;
}

size_t
tsec_expr_nearness(const struct tsec_expr *expr, const struct tsec_claims *claims)
{
    size_t near = 0;

    for (size_t i = 0; i < expr->parts_len; i++) {
        const char *name = name_in(expr, &expr->parts[i], claims->tee);
        struct tsec_claim claim;

        if (name == NULL) {
            return 0;
        }
        if (find(claims, name, &claim) && holds(&expr->parts[i], &claim)) {
            near++;
        }
    }
    return expr->parts_len == 0 ? 0 : near + 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/attest_role.h"

#include "appraisal/claims.h"
#include "appraisal/expr.h"
#include "base/clock.h"
#include "base/hex.h"
#include "core/strings.h"

static const struct record_field role_fields[] = {
    RECORD_FIELD(attest_role, name, RECORD_STR),
    RECORD_FIELD(attest_role, match, RECORD_STRINGS),
    RECORD_FIELD(attest_role, formats, RECORD_STRINGS),
    RECORD_FIELD(attest_role, min_tcb, RECORD_STR),
    RECORD_FIELD(attest_role, max_evidence_age_s, RECORD_I64),
    RECORD_FIELD(attest_role, bound_config_digest, RECORD_STRINGS),
    RECORD_FIELD(attest_role, bound_instances, RECORD_STRINGS),
    RECORD_FIELD(attest_role, modes, RECORD_STRINGS),
    RECORD_FIELD(attest_role, token_policies, RECORD_STRINGS),
    RECORD_FIELD(attest_role, token_bound_cidrs, RECORD_STRINGS),
    RECORD_FIELD(attest_role, token_ttl_s, RECORD_I64),
    RECORD_FIELD(attest_role, token_max_ttl_s, RECORD_I64),
    RECORD_FIELD(attest_role, token_explicit_max_ttl_s, RECORD_I64),
    RECORD_FIELD(attest_role, token_period_s, RECORD_I64),
    RECORD_FIELD(attest_role, token_num_uses, RECORD_I64),
    RECORD_FIELD(attest_role, token_no_default_policy, RECORD_BOOL),
};
static const struct record_type role_record = { "attest role", 1, sizeof(struct attest_role),
                                                role_fields, TSEC_ARRAY_LEN(role_fields) };

static tsec_rc
role_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&role_record, payload, object, err);
}

static const struct txn_object_type role_object = { "attest role", role_decode, record_free };

/* ---- rows ---- */

static struct tsec_span
role_key(struct txn *txn, const char *mount, const char *name)
{
    const struct tsec_span parts[] = { tsec_span_str("sys/attest/"), tsec_span_str(mount),
                                       tsec_span_str("/role/"), tsec_span_str(name) };

    return txn_key(txn, parts, TSEC_ARRAY_LEN(parts));
}

const char *
attest_role_name(struct tsec_arena *arena, struct tsec_span name)
{
    char *out;

    if (name.len == 0 || name.len > ATTEST_ROLE_NAME_MAX
        || memchr(name.ptr, '/', name.len) != NULL) {
        return NULL;
    }
    out = tsec_arena_dup(arena, name);
    for (char *c = out; c != NULL && *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
    return out;
}

tsec_rc
attest_role_find(struct txn *txn, const char *mount, const char *name,
                 const struct attest_role **out, struct tsec_err *err)
{
    const void *object = NULL;

    *out = NULL;
    TSEC_TRY(txn_object(txn, role_key(txn, mount, name), &role_object, &object, err));
    *out = object;
    return TSEC_OK;
}

tsec_rc
attest_role_store(struct txn *txn, const char *mount, const struct attest_role *role,
                  struct tsec_err *err)
{
    return record_put(txn, role_key(txn, mount, role->name), &role_record, role, err);
}

tsec_rc
attest_role_delete(struct txn *txn, const char *mount, const char *name, struct tsec_err *err)
{
    return txn_delete(txn, role_key(txn, mount, name), err);
}

tsec_rc
attest_role_names(struct txn *txn, const char *mount, struct tsec_strings *out,
                  struct tsec_err *err)
{
    return record_names(txn, role_key(txn, mount, ""), tsec_span(NULL, 0), 0, true, out, err);
}

/* ---- what a role admits ---- */

/* A text member that a plugin filled. */
static const char *
text_of(const char *member, size_t size)
{
    return memchr(member, '\0', size) == NULL ? "" : member;
}

static void
explain(const struct attest_role *role, const struct tsec_claims *claims, struct tsec_buf *why)
{
    struct tsec_expr expr;
    size_t best = 0;
    size_t nearest = 0;

    for (size_t i = 0; i < role->match.len; i++) {
        const bool parsed =
            !tsec_failed(tsec_expr_parse(tsec_span_str(role->match.items[i]), &expr, NULL));
        const size_t nearness = parsed ? tsec_expr_nearness(&expr, claims) : 0;

        if (nearness > nearest) {
            nearest = nearness;
            best = i;
        }
    }
    if (nearest == 0) {
        tsec_buf_printf(why, "no expression of %zu is about %s", role->match.len,
                        text_of(claims->tee, sizeof(claims->tee)));
        return;
    }
    if (!tsec_failed(tsec_expr_parse(tsec_span_str(role->match.items[best]), &expr, NULL))) {
        (void)tsec_expr_match(&expr, claims, why);
    }
}

static bool
measurement_holds(const struct attest_role *role, const struct tsec_claims *claims, size_t *match,
                  struct tsec_buf *why)
{
    struct tsec_expr expr;

    for (size_t i = 0; i < role->match.len; i++) {
        if (!tsec_failed(tsec_expr_parse(tsec_span_str(role->match.items[i]), &expr, NULL))
            && tsec_expr_match(&expr, claims, NULL)) {
            *match = i;
            return true;
        }
    }
    if (why != NULL) {
        explain(role, claims, why);
    }
    return false;
}

static bool
format_holds(const struct attest_role *role, const struct tsec_claims *claims, struct tsec_buf *why)
{
    const char *format = text_of(claims->format, sizeof(claims->format));

    if (role->formats.len == 0 || strings_have(role->formats, format)) {
        return true;
    }
    if (why != NULL) {
        tsec_buf_printf(why, "format %s is not one of the role's", format);
    }
    return false;
}

/* The statuses stand in the order of their badness, behind two that say nothing. */
static bool
tcb_holds(const struct attest_role *role, const struct tsec_claims *claims, struct tsec_buf *why)
{
    const char *date = text_of(claims->tcb_date, sizeof(claims->tcb_date));
    enum tsec_tcb_status worst;
    int64_t least_ns;
    int64_t date_ns;
    bool holds;

    if (role->min_tcb[0] == '\0') {
        return true;
    }
    if (tsec_tcb_status_parse(tsec_span_str(role->min_tcb), &worst)) {
        holds = claims->tcb_status >= TSEC_TCB_UP_TO_DATE && claims->tcb_status <= worst;
    } else {
        holds = tsec_rfc3339_parse(tsec_span_str(role->min_tcb), &least_ns)
                && tsec_rfc3339_parse(tsec_span_str(date), &date_ns) && date_ns >= least_ns;
    }
    if (!holds && why != NULL) {
        tsec_buf_printf(why, "TCB status \"%s\" of \"%s\", and the role wants %s or better",
                        tsec_tcb_status_name(claims->tcb_status), date, role->min_tcb);
    }
    return holds;
}

static bool
age_holds(const struct attest_role *role, const struct tsec_claims *claims, int64_t now_s,
          struct tsec_buf *why)
{
    if (role->max_evidence_age_s == 0) {
        return true;
    }
    if (claims->has_issued_at && claims->issued_at >= now_s - role->max_evidence_age_s) {
        return true;
    }
    if (why != NULL) {
        if (claims->has_issued_at) {
            tsec_buf_printf(why, "made %lld s ago, and the role takes %lld s",
                            (long long)(now_s - claims->issued_at),
                            (long long)role->max_evidence_age_s);
        } else {
            tsec_buf_put_str(why, "it does not say when it was made");
        }
    }
    return false;
}

/* What the launcher's configuration is measured into, by TEE.  A TEE that is not here has no such
 * field, and its evidence is of no role that binds one. */
static const struct tsec_claim *
config_digest_of(const struct tsec_claims *claims)
{
    static const struct {
        const char *tee;
        const char *claim;
    } fields[] = {
        { "nitro", "pcr16" },         { "nitro-tpm", "pcr16" }, { "snp", "host_data" },
        { "azure-cvm", "host_data" }, { "sgx", "config_id" },   { "tdx", "mrconfigid" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(fields); i++) {
        if (strcmp(text_of(claims->tee, sizeof(claims->tee)), fields[i].tee) == 0) {
            return tsec_claims_find(claims, fields[i].claim);
        }
    }
    return NULL;
}

/* A field that is longer than the digest has zeroes behind it. */
static bool
is_digest(const struct tsec_claim *claim, const char *hex)
{
    const size_t len = strlen(hex) / 2;
    uint8_t digest[TSEC_CLAIM_VALUE_MAX];

    return claim->kind == TSEC_CLAIM_BYTES && strlen(hex) == 2 * len
           && len >= ATTEST_ROLE_DIGEST_MIN && len <= claim->len
           && claim->len <= sizeof(claim->value) && tsec_hex_decode(tsec_span_str(hex), digest, len)
           && tsec_span_equal(tsec_span(digest, len), tsec_span(claim->value, len))
           && tsec_span_zero(tsec_span(claim->value + len, claim->len - len));
}

static bool
config_holds(const struct attest_role *role, const struct tsec_claims *claims, struct tsec_buf *why)
{
    const struct tsec_claim *claim;

    if (role->bound_config_digest.len == 0) {
        return true;
    }
    claim = config_digest_of(claims);
    for (size_t i = 0; claim != NULL && i < role->bound_config_digest.len; i++) {
        if (is_digest(claim, role->bound_config_digest.items[i])) {
            return true;
        }
    }
    if (why != NULL) {
        tsec_buf_put_str(why, claim == NULL ? "it has no digest of a configuration"
                                            : "its configuration's digest is another");
    }
    return false;
}

static bool
instance_holds(const struct attest_role *role, const struct tsec_claims *claims,
               struct tsec_buf *why)
{
    const char *instance = text_of(claims->instance, sizeof(claims->instance));

    if (role->bound_instances.len == 0
        || (instance[0] != '\0' && strings_have(role->bound_instances, instance))) {
        return true;
    }
    if (why != NULL) {
        tsec_buf_printf(why, "instance \"%s\" is not one of the role's", instance);
    }
    return false;
}

static bool
mode_holds(const struct attest_role *role, const char *mode, struct tsec_buf *why)
{
    if (role->modes.len == 0 ? strcmp(mode, "fresh") == 0 : strings_have(role->modes, mode)) {
        return true;
    }
    if (why != NULL) {
        tsec_buf_printf(why, "mode \"%s\" is not one of the role's", mode);
    }
    return false;
}

bool
attest_role_admits(const struct attest_role *role, const struct tsec_claims *claims,
                   const char *mode, int64_t now_s, size_t *match, const char **reason,
                   struct tsec_buf *why)
{
    if (!measurement_holds(role, claims, match, why)) {
        *reason = "role-measurement";
    } else if (!format_holds(role, claims, why)) {
        *reason = "role-format";
    } else if (!tcb_holds(role, claims, why)) {
        *reason = "role-tcb";
    } else if (!age_holds(role, claims, now_s, why)) {
        *reason = "role-age";
    } else if (!config_holds(role, claims, why)) {
        *reason = "role-config";
    } else if (!instance_holds(role, claims, why)) {
        *reason = "role-instance";
    } else if (!mode_holds(role, mode, why)) {
        *reason = "role-mode";
    } else {
        *reason = NULL;
        return true;
    }
    return false;
}

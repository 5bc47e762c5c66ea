/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/evidence_case.h"

#include <stdlib.h>
#include <string.h>

#include "attest-nitro/nitro_root.h"
#include "bench/evidence_source.h"

/* A verification's claims and account, as a caller has them; too much for a stack. */
static struct tsec_claims claims;
static struct tsec_checks checks;

struct evidence_case *
evidence_case_new(const char *kind)
{
    struct evidence_case *c = calloc(1, sizeof(*c));

    if (c == NULL) {
        return NULL;
    }
    c->kind = kind;
    c->anchors = verifier_anchors_pinned;
    memcpy(c->nitro_root, nitro_root_pinned, sizeof(c->nitro_root));
    tsec_buf_init(&c->evidence, TSEC_EVIDENCE_MAX);
    tsec_buf_init(&c->jwks, MAA_JWKS_MAX);
    return c;
}

static void
memory_done(struct evidence_memory *memory)
{
    verifier_cache_done(&memory->cache);
    tsec_memo_free(memory->chains);
    memory->chains = NULL;
}

static tsec_rc
memory_new(struct evidence_memory *memory, struct tsec_err *err)
{
    memory_done(memory);
    TSEC_TRY(nitro_memo_new(&memory->chains, err));
    return verifier_cache_init(&memory->cache, err);
}

void
evidence_case_free(struct evidence_case *c)
{
    if (c == NULL) {
        return;
    }
    tsec_buf_done(&c->evidence);
    tsec_buf_done(&c->jwks);
    for (size_t i = 0; i < c->collateral_len; i++) {
        tsec_buf_done(&c->collateral[i]);
    }
    collateral_free(c->kept);
    maa_jwks_free(c->keys);
    memory_done(&c->cached);
    memory_done(&c->cold);
    free(c);
}

struct tsec_buf *
evidence_case_more(struct evidence_case *c)
{
    if (c->collateral_len == CASE_COLLATERAL_MAX) {
        return NULL;
    }
    tsec_buf_init(&c->collateral[c->collateral_len], TSEC_COLLATERAL_MAX);
    return &c->collateral[c->collateral_len++];
}

bool
evidence_case_has_beside(const struct evidence_case *c)
{
    return c->collateral_len > 0 || c->jwks.len > 0;
}

bool
evidence_case_keys_inside(const struct evidence_case *c)
{
    return strcmp(c->kind, "maa") != 0; /* whose keys are its issuer's, and kept */
}

/* ---- verifying ---- */

static tsec_rc
read_collateral(const struct evidence_case *c, struct collateral **out, struct tsec_err *err)
{
    TSEC_TRY(collateral_new(out, err));
    for (size_t i = 0; i < c->collateral_len; i++) {
        TSEC_TRY(collateral_add(*out, tsec_buf_span(&c->collateral[i]), err));
    }
    return TSEC_OK;
}

static tsec_rc
dispatch(const struct evidence_case *c, const struct verifier_input *in, struct tsec_err *err)
{
    if (strcmp(c->kind, "snp") == 0) {
        return snp_verify(in, err);
    }
    if (strncmp(c->kind, "az-snp-vtpm", 11) == 0) {
        return az_vtpm_verify(in, err);
    }
    if (strcmp(c->kind, "maa") == 0) {
        return maa_verify(in, err);
    }
    if (strcmp(c->kind, "sgx") == 0 || strcmp(c->kind, "tdx") == 0) {
        return quote_verify(in, strcmp(c->kind, "tdx") == 0, err);
    }
    return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no verifier of %s", c->kind);
}

static struct tsec_expectation
expectation(const struct evidence_case *c, enum evidence_how how)
{
    const struct tsec_expectation expect = {
        .struct_size = (uint32_t)sizeof(expect),
        .allow_debug = true,
        .allow_tcb = TSEC_TCB_ANY,
        .issuer = c->issuer[0] != '\0' ? c->issuer : NULL,
        .jwks = how == EVIDENCE_BESIDE ? tsec_buf_span(&c->jwks) : tsec_span(NULL, 0),
        .checks = &checks,
    };

    return expect;
}

static tsec_rc
verify_nitro(struct evidence_case *c, enum evidence_how how, struct tsec_err *err)
{
    const struct tsec_expectation expect = expectation(c, how);
    const struct nitro_input in = {
        .root = c->nitro_root,
        .chains = how == EVIDENCE_CACHED ? c->cached.chains : c->cold.chains,
        .evidence = tsec_buf_span(&c->evidence),
        .expect = &expect,
        .now = c->at,
        .claims = &claims,
    };

    return nitro_verify(&in, err);
}

static tsec_rc
verify_other(struct evidence_case *c, enum evidence_how how, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *fresh = NULL;
    const struct tsec_expectation expect = expectation(c, how);

    if (how == EVIDENCE_BESIDE) {
        TSEC_TRY(read_collateral(c, &fresh, err));
    }

    const struct verifier_input in = {
        .anchors = &c->anchors,
        .cache = how == EVIDENCE_CACHED ? &c->cached.cache : &c->cold.cache,
        .collateral = fresh != NULL ? fresh : c->kept,
        .token_keys = how == EVIDENCE_BESIDE ? NULL : c->keys,
        .evidence = tsec_buf_span(&c->evidence),
        .expect = &expect,
        .now = c->at,
        .claims = &claims,
    };

    return dispatch(c, &in, err);
}

tsec_rc
evidence_case_verify(struct evidence_case *c, enum evidence_how how, struct tsec_err *err)
{
    claims.struct_size = (uint32_t)sizeof(claims);
    checks.struct_size = (uint32_t)sizeof(checks);
    checks.reason = 0;
    checks.len = 0;
    return strncmp(c->kind, "nitro", 5) == 0 ? verify_nitro(c, how, err)
                                             : verify_other(c, how, err);
}

/* ---- what is kept ---- */

tsec_rc
evidence_case_keep(struct evidence_case *c, struct tsec_err *err)
{
    TSEC_TRY(memory_new(&c->cached, err));
    TSEC_TRY(memory_new(&c->cold, err));
    TSEC_TRY(read_collateral(c, &c->kept, err));
    if (c->jwks.len > 0) {
        TSEC_TRY(maa_jwks_parse(tsec_buf_span(&c->jwks), tsec_span(NULL, 0), &c->keys, err));
    }
    return TSEC_OK;
}

void
evidence_case_forget(struct evidence_case *c)
{
    if (tsec_failed(memory_new(&c->cold, NULL))) {
        abort();
    }
}

static bool
is_kind(const struct evidence_case *c)
{
    const bool plain = strncmp(c->kind, "nitro", 5) != 0 || strcmp(claims.tee, c->kind) == 0;

    return plain && checks.len > 0;
}

bool
evidence_case_holds(struct evidence_case *c)
{
    return !tsec_failed(evidence_case_keep(c, NULL))
           && !tsec_failed(evidence_case_verify(c, EVIDENCE_BESIDE, NULL))
           && !tsec_failed(evidence_case_verify(c, EVIDENCE_CACHED, NULL)) && is_kind(c);
}

void
evidence_case_read_issuer(struct evidence_case *c)
{
    claims.struct_size = (uint32_t)sizeof(claims);
    if (!tsec_failed(maa_decode(tsec_buf_span(&c->evidence), &claims, NULL))) {
        memcpy(c->issuer, claims.issuer, sizeof(c->issuer));
    }
}

struct evidence_case *
evidence_case_load(const char *kind)
{
    struct evidence_case *c = evidence_vectors_load(kind);

    return c != NULL ? c : evidence_minted_load(kind);
}

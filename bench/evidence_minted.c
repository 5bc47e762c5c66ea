/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/evidence_source.h"
#include "tests/mint/mint_nitro.h"

static struct evidence_case *
mint_enclave(const char *kind)
{
    TSEC_AUTO(evidence_case_free) struct evidence_case *c = evidence_case_new(kind);
    struct mint_nitro_spec spec;

    if (c == NULL) {
        return NULL;
    }
    if (strcmp(kind, "nitro-tpm") == 0) {
        mint_nitro_genuine_tpm(&spec);
    } else {
        mint_nitro_genuine(&spec);
    }
    mint_nitro(&spec, &c->evidence, c->nitro_root);
    c->at = MINT_NITRO_NOW;
    return TSEC_TAKE(c);
}

static const struct {
    const char *kind;
    struct evidence_case *(*mint)(const char *kind);
} mints[] = {
    { "nitro", mint_enclave },
    { "nitro-tpm", mint_enclave },
};

struct evidence_case *
evidence_minted_load(const char *kind)
{
    TSEC_AUTO(evidence_case_free) struct evidence_case *c = NULL;

    for (size_t i = 0; c == NULL && i < TSEC_ARRAY_LEN(mints); i++) {
        if (strcmp(mints[i].kind, kind) == 0) {
            c = mints[i].mint(kind);
        }
    }
    if (c == NULL || !evidence_case_holds(c)) {
        return NULL;
    }
    c->source = "minted";
    return TSEC_TAKE(c);
}

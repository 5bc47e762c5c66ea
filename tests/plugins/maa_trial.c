/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/maa_trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "tests/plugins/account.h"

void
maa_trial_init(struct maa_trial *trial, enum mint_maa_family family)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        abort();
    }
    memset(trial, 0, sizeof(*trial));
    mint_maa_genuine(family, &trial->spec);
    trial->keys[0] = mint_maa_jwk();
    trial->keys_len = 1;
    trial->expect.struct_size = (uint32_t)sizeof(trial->expect);
    trial->expect.checks = &trial->checks;
    trial->expect.issuer = MINT_MAA_ISSUER;
    trial->now = MINT_MAA_NOW;
}

tsec_rc
maa_trial_verify(struct maa_trial *trial, struct tsec_span token)
{
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    const struct verifier_input in = {
        .anchors = &verifier_anchors_pinned,
        .cache = trial->cache,
        .evidence = token,
        .expect = &trial->expect,
        .now = trial->now,
        .claims = &trial->claims,
    };
    tsec_rc rc;

    if (!trial->no_keys) {
        mint_maa_jwks(trial->keys, trial->keys_len, &jwks);
        trial->expect.jwks = tsec_buf_span(&jwks);
    }
    memset(&trial->checks, 0, sizeof(trial->checks));
    trial->checks.struct_size = (uint32_t)sizeof(trial->checks);
    memset(&trial->err, 0, sizeof(trial->err));
    rc = maa_verify(&in, &trial->err);
    trial->expect.jwks = tsec_span(NULL, 0);
    return rc;
}

static tsec_rc
run(struct maa_trial *trial)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);

    mint_maa(&trial->spec, &token);
    return maa_trial_verify(trial, tsec_buf_span(&token));
}

bool
maa_trial_genuine(struct maa_trial *trial)
{
    return account_genuine(&trial->checks, run(trial));
}

bool
maa_trial_was_refused(const struct maa_trial *trial, tsec_rc rc, enum tsec_reason reason,
                      const char *check)
{
    return account_refused(&trial->checks, rc, reason, check)
           && strncmp(trial->err.detail, check, strlen(check)) == 0;
}

bool
maa_trial_refused(struct maa_trial *trial, enum tsec_reason reason, const char *check)
{
    return maa_trial_was_refused(trial, run(trial), reason, check);
}

bool
maa_trial_says(const struct maa_trial *trial, const char *words)
{
    return account_ends_with(&trial->checks, words);
}

bool
maa_trial_edit_refused(enum mint_maa_family family, struct mint_maa_edit edit,
                       enum tsec_reason reason, const char *check)
{
    static struct maa_trial trial;

    maa_trial_init(&trial, family);
    if (family == MINT_MAA_CVM && strncmp(edit.name, "x-ms-sevsnpvm", 13) == 0) {
        trial.spec.inner[0] = edit;
    } else {
        trial.spec.outer[0] = edit;
    }
    if (maa_trial_refused(&trial, reason, check)) {
        return true;
    }
    (void)fprintf(stderr, "... of %s: %s\n", edit.name, edit.json == NULL ? "-" : edit.json);
    return false;
}

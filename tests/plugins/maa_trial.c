/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/maa_trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraisal/report.h"
#include "crypto/crypto.h"

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

static void
show(const struct maa_trial *trial)
{
    for (size_t i = 0; i < trial->checks.len; i++) {
        const struct tsec_check *check = &trial->checks.items[i];

        (void)fprintf(stderr, "%s %s: %s\n", check->ok ? "ok    " : "FAILED", check->name,
                      check->detail);
    }
}

bool
maa_trial_genuine(struct maa_trial *trial)
{
    const bool genuine = !tsec_failed(run(trial)) && trial->checks.reason == TSEC_REASON_NONE
                         && trial->checks.len > 0 && trial->checks.items[trial->checks.len - 1].ok;

    if (!genuine) {
        show(trial);
    }
    return genuine;
}

static bool
last_alone_refused(const struct maa_trial *trial, const char *check)
{
    const size_t len = trial->checks.len;

    for (size_t i = 0; i + 1 < len; i++) {
        if (!trial->checks.items[i].ok) {
            return false;
        }
    }
    return len > 0 && !trial->checks.items[len - 1].ok
           && strcmp(trial->checks.items[len - 1].name, check) == 0
           && strncmp(trial->err.detail, check, strlen(check)) == 0;
}

bool
maa_trial_was_refused(const struct maa_trial *trial, tsec_rc rc, enum tsec_reason reason,
                      const char *check)
{
    const int32_t code = reason == TSEC_REASON_MALFORMED ? TSEC_E_INVALID : TSEC_E_DENIED;

    if (rc.code == code && trial->checks.reason == (uint32_t)reason
        && last_alone_refused(trial, check)) {
        return true;
    }
    (void)fprintf(stderr, "wanted %s by %s; got code %d, %s\n", tsec_reason_info(reason)->slug,
                  check, rc.code, tsec_reason_info(trial->checks.reason)->slug);
    show(trial);
    return false;
}

bool
maa_trial_refused(struct maa_trial *trial, enum tsec_reason reason, const char *check)
{
    return maa_trial_was_refused(trial, run(trial), reason, check);
}

bool
maa_trial_says(const struct maa_trial *trial, const char *words)
{
    const size_t len = trial->checks.len;

    return len > 0 && strstr(trial->checks.items[len - 1].detail, words) != NULL;
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

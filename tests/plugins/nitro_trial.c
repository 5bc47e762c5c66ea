/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/nitro_trial.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "tests/plugins/account.h"

void
nitro_trial_init(struct nitro_trial *trial)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        abort();
    }
    memset(trial, 0, sizeof(*trial));
    mint_nitro_genuine(&trial->spec);
    trial->expect.struct_size = (uint32_t)sizeof(trial->expect);
    trial->expect.checks = &trial->checks;
    trial->now = MINT_NITRO_NOW;
}

tsec_rc
nitro_trial_verify(struct nitro_trial *trial, struct tsec_span document)
{
    const struct nitro_input in = {
        .root = trial->root,
        .chains = trial->chains,
        .kept_root = trial->kept_root,
        .evidence = document,
        .expect = &trial->expect,
        .now = trial->now,
        .claims = &trial->claims,
    };

    memset(&trial->checks, 0, sizeof(trial->checks));
    trial->checks.struct_size = (uint32_t)sizeof(trial->checks);
    memset(&trial->err, 0, sizeof(trial->err));
    return nitro_verify(&in, &trial->err);
}

static tsec_rc
run(struct nitro_trial *trial)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);

    mint_nitro(&trial->spec, &document, trial->root);
    return nitro_trial_verify(trial, tsec_buf_span(&document));
}

bool
nitro_trial_genuine(struct nitro_trial *trial)
{
    return account_genuine(&trial->checks, run(trial));
}

bool
nitro_trial_was_refused(const struct nitro_trial *trial, tsec_rc rc, enum tsec_reason reason,
                        const char *check)
{
    return account_refused(&trial->checks, rc, reason, check)
           && strncmp(trial->err.detail, check, strlen(check)) == 0;
}

bool
nitro_trial_refused(struct nitro_trial *trial, enum tsec_reason reason, const char *check)
{
    return nitro_trial_was_refused(trial, run(trial), reason, check);
}

bool
nitro_trial_says(const struct nitro_trial *trial, const char *words)
{
    return account_ends_with(&trial->checks, words);
}

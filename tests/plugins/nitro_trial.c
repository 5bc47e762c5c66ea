/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/nitro_trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraisal/report.h"
#include "crypto/crypto.h"

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

static void
show(const struct nitro_trial *trial)
{
    for (size_t i = 0; i < trial->checks.len; i++) {
        const struct tsec_check *check = &trial->checks.items[i];

        (void)fprintf(stderr, "%s %s: %s\n", check->ok ? "ok    " : "FAILED", check->name,
                      check->detail);
    }
}

bool
nitro_trial_genuine(struct nitro_trial *trial)
{
    const bool genuine = !tsec_failed(run(trial)) && trial->checks.reason == TSEC_REASON_NONE
                         && trial->checks.len > 0 && trial->checks.items[trial->checks.len - 1].ok;

    if (!genuine) {
        show(trial);
    }
    return genuine;
}

static bool
is_last_alone_refused(const struct nitro_trial *trial, const char *check)
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
nitro_trial_was_refused(const struct nitro_trial *trial, tsec_rc rc, enum tsec_reason reason,
                        const char *check)
{
    const int32_t code = reason == TSEC_REASON_MALFORMED ? TSEC_E_INVALID : TSEC_E_DENIED;

    if (rc.code == code && trial->checks.reason == (uint32_t)reason
        && is_last_alone_refused(trial, check)) {
        return true;
    }
    (void)fprintf(stderr, "wanted %s by %s; got code %d, %s\n", tsec_reason_info(reason)->slug,
                  check, rc.code, tsec_reason_info(trial->checks.reason)->slug);
    show(trial);
    return false;
}

bool
nitro_trial_refused(struct nitro_trial *trial, enum tsec_reason reason, const char *check)
{
    return nitro_trial_was_refused(trial, run(trial), reason, check);
}

bool
nitro_trial_says(const struct nitro_trial *trial, const char *words)
{
    const struct tsec_check *last = &trial->checks.items[trial->checks.len - 1];

    if (trial->checks.len > 0 && strstr(last->detail, words) != NULL) {
        return true;
    }
    (void)fprintf(stderr, "wanted \"%s\"\n", words);
    show(trial);
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_config.h"

#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"

/* What is measured when nothing is said: a name that no real image has. */
static const char default_image[] = "tee-secrets simulated image";

static const int64_t svn_max = INT64_C(9007199254740991); /* exact in every JSON reader */

static tsec_rc
read_measurement(const char *text, uint8_t *out, struct tsec_err *err)
{
    if (text == NULL) {
        tsec_sha384(tsec_span_str(default_image), out);
        return TSEC_OK;
    }
    if (!tsec_hex_decode(tsec_span_str(text), out, SIM_MEASUREMENT_LEN)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "attest-sim: measurement: write %d hex digits",
                         2 * (int)SIM_MEASUREMENT_LEN);
    }
    return TSEC_OK;
}

static tsec_rc
read_debug(const char *text, bool *out, struct tsec_err *err)
{
    *out = text != NULL && strcmp(text, "true") == 0;
    if (text != NULL && !*out && strcmp(text, "false") != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "attest-sim: debug: write true or false");
    }
    return TSEC_OK;
}

static tsec_rc
read_svn(const char *text, int64_t *out, struct tsec_err *err)
{
    *out = 0;
    if (text == NULL) {
        return TSEC_OK;
    }
    for (const char *c = text; *c != '\0' || c == text; c++) {
        if (*c < '0' || *c > '9' || *out > (svn_max - 9) / 10) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "attest-sim: svn: write a number from 0");
        }
        *out = *out * 10 + (*c - '0');
    }
    return TSEC_OK;
}

tsec_rc
sim_config_read(const struct tsec_host *host, struct sim_config *out, struct tsec_err *err)
{
    *out = (struct sim_config){ .state_dir = host->setting(host->ctx, "state_dir"),
                                .trusted_roots = host->setting(host->ctx, "trusted_roots") };
    TSEC_TRY(read_measurement(host->setting(host->ctx, "measurement"), out->measurement, err));
    TSEC_TRY(read_debug(host->setting(host->ctx, "debug"), &out->debug, err));
    return read_svn(host->setting(host->ctx, "svn"), &out->svn, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/claims.h"
#include "base/span.h"

/* Intel's own words (PCS API v4, TCB info), which attestation services use as well. */
static const char *const names[] = {
    [TSEC_TCB_NONE] = "",
    [TSEC_TCB_UNKNOWN] = "unknown",
    [TSEC_TCB_UP_TO_DATE] = "UpToDate",
    [TSEC_TCB_SW_HARDENING_NEEDED] = "SWHardeningNeeded",
    [TSEC_TCB_CONFIGURATION_NEEDED] = "ConfigurationNeeded",
    [TSEC_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED] = "ConfigurationAndSWHardeningNeeded",
    [TSEC_TCB_TD_RELAUNCH_ADVISED] = "TDRelaunchAdvised",
    [TSEC_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED] = "TDRelaunchAdvisedConfigurationNeeded",
    [TSEC_TCB_OUT_OF_DATE] = "OutOfDate",
    [TSEC_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED] = "OutOfDateConfigurationNeeded",
    [TSEC_TCB_REVOKED] = "Revoked",
};

const char *
tsec_tcb_status_name(uint32_t status)
{
    return names[status < TSEC_ARRAY_LEN(names) ? status : TSEC_TCB_UNKNOWN];
}

bool
tsec_tcb_status_parse(struct tsec_span name, enum tsec_tcb_status *out)
{
    for (size_t i = TSEC_TCB_UNKNOWN; i < TSEC_ARRAY_LEN(names); i++) {
        if (tsec_span_is(name, names[i])) {
            *out = (enum tsec_tcb_status)i;
            return true;
        }
    }
    return false;
}

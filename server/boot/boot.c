/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot.h"

tsec_rc
boot_run(const struct tsec_conf *conf, struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s: this build cannot serve", conf->name);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Where this server notes how far it saw the ledger. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "boot/boot_internal.h"

static void
say(const struct seen_file *file)
{
    tsec_log(TSEC_LOG_INFO,
             seen_file_new(file)
                 ? "no note of how far the ledger was seen: this start takes any copy of the "
                   "database, later ones none that is older"
                 : "a copy of the database that is older than what was seen here is refused",
             TSEC_F_STR("file", seen_file_path(file)));
}

/* Without a word about it in the configuration, a folder that cannot be written is no reason not to
 * serve: an enclave has none that outlives it. */
tsec_rc
boot_open_seen(struct boot *boot, struct tsec_err *err)
{
    const struct tsec_conf *conf = boot->conf;
    const bool told = conf->last_seen[0] != '\0';
    char path[PATH_MAX];
    const int n = told ? snprintf(path, sizeof(path), "%s", conf->last_seen)
                       : snprintf(path, sizeof(path), "%s/last-seen", conf->state_dir);

    if (strcmp(conf->last_seen, "none") == 0) {
        return TSEC_OK;
    }

    const tsec_rc rc =
        n > 0 && (size_t)n < sizeof(path)
            ? seen_file_open(path, &boot->seen, err)
            : TSEC_FAIL(err, TSEC_E_CONFIG, "the name of the last-seen file is too long");

    if (!tsec_failed(rc)) {
        say(boot->seen);
        return TSEC_OK;
    }
    if (told) {
        return rc;
    }
    tsec_log_err("how far the ledger was seen is not noted: an older copy of the database will not "
                 "be noticed at a start",
                 err);
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file boot/boot.h
 * @brief From settings to a serving server, and back down.
 */
#ifndef TSEC_BOOT_BOOT_H
#define TSEC_BOOT_BOOT_H

#include "conf/conf.h"

/** Opens plugins, keys and ledger, serves until SIGTERM or SIGINT, and closes everything.  The
 *  process is hardened, is its final user, and logs.  `conf` stays the caller's and constant; its
 *  `name` is what a reload reads. */
TSEC_MUST_CHECK tsec_rc boot_run(const struct tsec_conf *conf, struct tsec_err *err);

/** Has the store plugin make or update its tables, and opens nothing else.  The process is
 * hardened, is its final user, and logs. */
TSEC_MUST_CHECK tsec_rc boot_migrate(const struct tsec_conf *conf, struct tsec_err *err);

#endif

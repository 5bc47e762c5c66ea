/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/diag.h
 * @brief One shape for everything that is wrong with a file: "FILE:LINE:COLUMN: setting: sentence".
 */
#ifndef TSEC_CONF_DIAG_H
#define TSEC_CONF_DIAG_H

#include "conf/setting.h"

/** TSEC_E_CONFIG at a place of file `name`.  `key`: the setting's whole name, or NULL.  A mark of
 *  line 0 leaves the place out; a long `name` is cut at the front. */
TSEC_MUST_CHECK __attribute__((format(printf, 5, 6))) tsec_rc
conf_wrong(struct tsec_err *err, const char *name, struct conf_mark mark, const char *key,
           const char *fmt, ...);

/** The same for a setting, where the file has it. */
#define CONF_WRONG(conf, field, err, ...)                           \
    conf_wrong((err), (conf)->name, (conf)->marks[CONF_ID_##field], \
               conf_settings[CONF_ID_##field].key, __VA_ARGS__)

/** A sentence for the log at start, at the place of the setting. */
TSEC_MUST_CHECK __attribute__((format(printf, 5, 6))) tsec_rc
conf_warn(struct tsec_conf *conf, struct conf_mark mark, enum conf_id id, struct tsec_err *err,
          const char *fmt, ...);

#endif

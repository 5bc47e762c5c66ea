/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const struct tsec_error_info table[] = {
#define TSEC_ERROR(name, slug, code, http, whose, text) \
    { TSEC_E_##name, (http), TSEC_BLAME_##whose, slug, (text) },
#include <tsec/errors.def>
#undef TSEC_ERROR
};

const struct tsec_error_info *
tsec_error_info(int32_t code)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if ((int32_t)table[i].code == code) {
            return &table[i];
        }
    }
    return &table[0];
}

tsec_rc
tsec_fail_at(struct tsec_err *err, enum tsec_code code, const char *file, int line, const char *fmt,
             ...)
{
    if (err != NULL) {
        va_list ap;

        err->code = (int32_t)code;
        err->file = file;
        err->line = (uint32_t)line;
        va_start(ap, fmt);
        (void)vsnprintf(err->detail, sizeof(err->detail), fmt, ap);
        va_end(ap);
    }
    return (tsec_rc){ (int32_t)code };
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_say.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "client/settings.h"

static atomic_bool wanted;

void
p11_say_setup(void)
{
    atomic_store(&wanted, atomic_load(&wanted) || cli_settings_env("PKCS11_DEBUG") != NULL);
}

void
p11_say(const char *fmt, ...)
{
    char line[512];
    va_list args;

    if (!atomic_load(&wanted)) {
        return;
    }
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    (void)fprintf(stderr, "tee-secrets-pkcs11: %s\n", line);
}

ck_rv_t
p11_rv_of(tsec_rc rc, const struct tsec_err *err)
{
    if (!tsec_failed(rc)) {
        return CKR_OK;
    }
    p11_say("%s", err->detail[0] != '\0' ? err->detail : tsec_error_info(rc.code)->title);
    switch (rc.code) {
    case TSEC_E_NO_MEMORY:
        return CKR_HOST_MEMORY;
    case TSEC_E_UNAVAILABLE:
    case TSEC_E_BUSY:
    case TSEC_E_RATE_LIMITED:
    case TSEC_E_SEALED:
        return CKR_DEVICE_ERROR;
    case TSEC_E_DENIED:
        return CKR_USER_NOT_LOGGED_IN;
    case TSEC_E_TOO_LARGE:
        return CKR_DATA_LEN_RANGE;
    default:
        return CKR_FUNCTION_FAILED;
    }
}

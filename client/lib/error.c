/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [TEES_OK] = "ok",
    [TEES_INVALID] = "invalid",
    [TEES_UNAVAILABLE] = "unavailable",
    [TEES_REFUSED] = "refused",
    [TEES_UNTRUSTED] = "untrusted",
    [TEES_EVIDENCE] = "evidence",
    [TEES_PROTOCOL] = "protocol",
    [TEES_CLOSED] = "closed",
    [TEES_NO_MEMORY] = "no-memory",
    [TEES_INTERNAL] = "internal",
};

const char *
tees_result_name(enum tees_result result)
{
    return (unsigned)result < TSEC_ARRAY_LEN(names) ? names[result] : names[TEES_INTERNAL];
}

const char *
tees_version(void)
{
    return CLI_VERSION;
}

enum tees_result
tees_fail(struct tees_error *error, enum tees_result result, const char *reason, const char *fmt,
          ...)
{
    va_list args;

    if (error == NULL) {
        return result;
    }
    *error = (struct tees_error){ .result = result };
    (void)snprintf(error->reason, sizeof(error->reason), "%s",
                   reason == NULL ? tees_result_name(result) : reason);
    va_start(args, fmt);
    (void)vsnprintf(error->message, sizeof(error->message), fmt, args);
    va_end(args);
    return result;
}

enum tees_result
tees_fail_err(struct tees_error *error, enum tees_result result, const char *reason,
              const struct tsec_err *err)
{
    if (err->code == TSEC_E_NO_MEMORY) {
        return tees_fail(error, TEES_NO_MEMORY, NULL, "no memory");
    }
    return tees_fail(error, result, reason, "%s", err->detail);
}

enum tees_result
tees_give(struct tsec_buf *buf, struct tees_bytes *out, struct tees_error *error)
{
    unsigned char *data = buf->failed ? NULL : malloc(buf->len + 1);

    if (data == NULL) {
        return tees_fail(error, TEES_NO_MEMORY, NULL, "no memory for the answer");
    }
    if (buf->len > 0) {
        memcpy(data, buf->ptr, buf->len);
    }
    data[buf->len] = '\0';
    *out = (struct tees_bytes){ data, buf->len };
    tsec_buf_reset(buf);
    return TEES_OK;
}

void
tees_bytes_free(struct tees_bytes *bytes)
{
    if (bytes->data != NULL) {
        explicit_bzero(bytes->data, bytes->len);
        free(bytes->data);
    }
    *bytes = (struct tees_bytes){ NULL, 0 };
}

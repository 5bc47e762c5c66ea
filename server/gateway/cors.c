/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/cors.h"

#include <stdio.h>

/* "https://dashboard.example:8443": no path, no wildcard, nothing to interpret. */
static bool
is_origin(const char *text)
{
    static const char host_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
    const char *host = strstr(text, "://");
    const size_t scheme_len = host == NULL ? 0 : (size_t)(host - text);

    if (scheme_len == 0 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != scheme_len) {
        return false;
    }
    host += 3;
    return host[0] != '\0' && strspn(host, host_chars) == strlen(host)
           && strlen(text) <= CORS_ORIGIN_LEN;
}

tsec_rc
cors_init(struct cors *cors, const char *const *origins, size_t n, struct tsec_err *err)
{
    *cors = (struct cors){ 0 };
    if (n == 1 && strcmp(origins[0], "*") == 0) {
        cors->any = true;
        return TSEC_OK;
    }
    if (n > CORS_ORIGINS_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "more than %d CORS origins", CORS_ORIGINS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_origin(origins[i])) {
            return TSEC_FAIL(err, TSEC_E_CONFIG,
                             "a CORS origin is scheme://host[:port] in lower case");
        }
        (void)snprintf(cors->origins[i], sizeof(cors->origins[i]), "%s", origins[i]);
        cors->n++;
    }
    return TSEC_OK;
}

const char *
cors_allow(const struct cors *cors, struct tsec_span origin)
{
    if (origin.len == 0) {
        return NULL;
    }
    if (cors->any) {
        return "*";
    }
    for (size_t i = 0; i < cors->n; i++) {
        if (tsec_span_is(origin, cors->origins[i])) {
            return cors->origins[i];
        }
    }
    return NULL;
}

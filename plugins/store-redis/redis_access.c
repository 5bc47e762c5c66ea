/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_access.h"

#include "base/span.h"

static tsec_rc
read_bool(const struct tsec_host *host, const char *key, bool *out, struct tsec_err *err)
{
    const char *text = host->setting(host->ctx, key);

    *out = text != NULL && strcmp(text, "true") == 0;
    if (text != NULL && !*out && strcmp(text, "false") != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "plugins.store-redis.%s: true or false", key);
    }
    return TSEC_OK;
}

static tsec_rc
read_number(const struct tsec_host *host, const char *key, unsigned min, unsigned max,
            unsigned *out, struct tsec_err *err)
{
    const char *text = host->setting(host->ctx, key);
    unsigned n = 0;
    size_t i = 0;

    if (text == NULL) {
        return TSEC_OK;
    }
    for (; text[i] >= '0' && text[i] <= '9' && i < 6; i++) {
        n = n * 10 + (unsigned)(text[i] - '0');
    }
    if (i == 0 || text[i] != '\0' || n < min || n > max) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "plugins.store-redis.%s: a number, %u to %u", key, min,
                         max);
    }
    *out = n;
    return TSEC_OK;
}

static tsec_rc
read_settings(struct redis_access *out, struct tsec_err *err)
{
    unsigned links = REDIS_LINKS;

    TSEC_TRY(read_bool(out->host, "allow_volatile", &out->allow_volatile, err));
    TSEC_TRY(read_number(out->host, "call_timeout_ms", REDIS_CALL_MS_MIN, REDIS_CALL_MS_MAX,
                         &out->call_ms, err));
    TSEC_TRY(read_number(out->host, "connections", 1, REDIS_LINKS_MAX, &links, err));
    out->links = links;
    return TSEC_OK;
}

tsec_rc
redis_access_read(const struct tsec_host *host, const char *uri, struct redis_access *out,
                  struct tsec_err *err)
{
    tsec_rc rc;

    *out = (struct redis_access){ .host = host, .call_ms = REDIS_CALL_MS, .links = REDIS_LINKS };
    TSEC_TRY(redis_uri_parse(uri, &out->uri, err));
    rc = read_settings(out, err);
    if (tsec_failed(rc)) {
        redis_access_done(out);
    }
    return rc;
}

void
redis_access_done(struct redis_access *access)
{
    redis_uri_done(&access->uri);
}

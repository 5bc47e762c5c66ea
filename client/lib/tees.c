/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/tees.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "crypto/crypto.h"

static enum tees_result
set_up(struct tees *tees, const struct tees_options *options, struct tees_error *error)
{
    struct tsec_err err = { 0 };
    enum tees_result result;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return tees_fail(error, TEES_INTERNAL, NULL, "libcurl cannot be used");
    }
    if (tsec_failed(tsec_crypto_setup_guest(&err))) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    result = tees_config_read(options, &tees->config, error);
    if (result != TEES_OK) {
        return result;
    }
    tees->config.settings.see_peer = tees->config.https;
    if (tsec_failed(cli_http_new(&tees->config.settings, &tees->http, &err))) {
        return tees_fail_err(error, TEES_INVALID, NULL, &err);
    }
    tees_peer_formats(tees->formats, TEES_FORMATS_MAX);
    return tees_own_open(&tees->config, &tees->own, error);
}

enum tees_result
tees_open(const struct tees_options *options, struct tees **out, struct tees_error *error)
{
    struct tees *tees = calloc(1, sizeof(*tees));
    enum tees_result result;

    if (tees == NULL) {
        return tees_fail(error, TEES_NO_MEMORY, NULL, "no memory");
    }
    (void)pthread_mutex_init(&tees->lock, NULL);
    tsec_crypto_enter();
    result = set_up(tees, options, error);
    tsec_crypto_leave();
    if (result != TEES_OK) {
        tees_close(tees);
        return result;
    }
    *out = tees;
    return TEES_OK;
}

void
tees_close(struct tees *tees)
{
    if (tees == NULL) {
        return;
    }
    tees_own_close(tees->own);
    cli_http_free(tees->http);
    tees_config_done(&tees->config);
    (void)pthread_mutex_destroy(&tees->lock);
    explicit_bzero(tees, sizeof(*tees));
    free(tees);
}

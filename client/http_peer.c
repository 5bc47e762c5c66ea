/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>

#include "base/base64.h"
#include "client/http_internal.h"
#include "codec/pem.h"
#include "crypto/x509.h"

#define PIN_PREFIX "sha256//"

static const char certificate[] = "Cert:";

/** The first certificate of the chain is the server's own. */
static const char *
own_certificate(const struct curl_certinfo *chain)
{
    if (chain == NULL || chain->num_of_certs < 1) {
        return NULL;
    }
    for (const struct curl_slist *line = chain->certinfo[0]; line != NULL; line = line->next) {
        if (strncmp(line->data, certificate, strlen(certificate)) == 0) {
            return line->data + strlen(certificate);
        }
    }
    return NULL;
}

tsec_rc
cli_http_peer_key(struct cli_http *http, struct tsec_buf *spki, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CERT_MAX);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;
    struct curl_certinfo *chain = NULL;
    struct tsec_span label = { NULL, 0 };
    struct tsec_span rest;
    bool found = false;
    const char *pem;

    (void)curl_easy_getinfo(http->curl, CURLINFO_CERTINFO, &chain);
    pem = own_certificate(chain);
    if (pem == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the connection has no certificate");
    }
    rest = tsec_span_str(pem);
    TSEC_TRY(tsec_pem_next(&rest, &label, &der, &found, err));
    if (!found || !tsec_span_is(label, "CERTIFICATE")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the server's certificate is none");
    }
    TSEC_TRY(tsec_cert_parse(tsec_buf_span(&der), &cert, err));
    tsec_buf_put_span(spki, tsec_cert_spki(cert));
    return tsec_buf_check(spki, err);
}

tsec_rc
cli_http_fresh(struct cli_http *http, bool fresh, struct tsec_err *err)
{
    if (curl_easy_setopt(http->curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L) != CURLE_OK) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "libcurl refuses a setting");
    }
    return TSEC_OK;
}

tsec_rc
cli_http_pin(struct cli_http *http, struct tsec_span spki, struct tsec_err *err)
{
    uint8_t digest[TSEC_SHA256_LEN];
    char pin[sizeof(PIN_PREFIX) + TSEC_BASE64_LEN(TSEC_SHA256_LEN)] = PIN_PREFIX;

    tsec_sha256(spki, digest);
    tsec_base64_encode(TSEC_BASE64_STD, tsec_span(digest, sizeof(digest)),
                       pin + strlen(PIN_PREFIX));
    if (curl_easy_setopt(http->curl, CURLOPT_PINNEDPUBLICKEY, spki.len == 0 ? NULL : pin)
        != CURLE_OK) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "libcurl cannot pin a key");
    }
    return TSEC_OK;
}

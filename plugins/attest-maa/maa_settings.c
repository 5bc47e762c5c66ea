/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_settings.h"

#include <string.h>

#include "base/hex.h"

static bool
plain(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 0x7f || *c == '"' || *c == '\\' || *c == '?' || *c == '#'
            || *c == '@') {
            return false;
        }
    }
    return true;
}

/* Never plain HTTP: what is fetched decides whom the server trusts. */
static tsec_rc
read_url(const struct tsec_host *host, const char *key, const char **out, struct tsec_err *err)
{
    static const char scheme[] = "https://";
    const char *url = host->setting(host->ctx, key);
    const size_t len = url == NULL ? 0 : strlen(url);

    *out = NULL;
    if (len == 0) {
        return TSEC_OK;
    }
    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || len < sizeof(scheme) || len > MAA_URL_MAX
        || url[len - 1] == '/' || !plain(url)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "attest-maa: %s: write https://HOST, without a slash at the end", key);
    }
    *out = url;
    return TSEC_OK;
}

static const char *
read_path(const struct tsec_host *host, const char *key)
{
    const char *path = host->setting(host->ctx, key);

    return path != NULL && path[0] != '\0' ? path : NULL;
}

static tsec_rc
read_fmspcs(const char *text, struct maa_settings *out, struct tsec_err *err)
{
    enum { DIGITS = 2 * MAA_FMSPC_LEN };

    while (text != NULL && *text != '\0') {
        const size_t len = strcspn(text, ", ");

        if (len > 0) {
            if (out->fmspc_len == MAA_FMSPCS || len != DIGITS
                || !tsec_hex_decode(tsec_span(text, len), out->fmspc[out->fmspc_len],
                                    MAA_FMSPC_LEN)) {
                return TSEC_FAIL(err, TSEC_E_CONFIG,
                                 "attest-maa: fmspc: write at most %d numbers of %d hex digits, "
                                 "with commas between",
                                 MAA_FMSPCS, DIGITS);
            }
            out->fmspc_len++;
        }
        text += len + (text[len] == '\0' ? 0 : 1);
    }
    return TSEC_OK;
}

tsec_rc
maa_settings_read(const struct tsec_host *host, struct maa_settings *out, struct tsec_err *err)
{
    *out = (struct maa_settings){
        .jwks_file = read_path(host, "jwks_file"),
        .collateral_dir = read_path(host, "collateral_dir"),
        .collateral_cache = read_path(host, "collateral_cache"),
        .ca_file = read_path(host, "ca_file"),
    };
    TSEC_TRY(read_url(host, "issuer", &out->issuer, err));
    TSEC_TRY(read_url(host, "intel_url", &out->intel_url, err));
    TSEC_TRY(read_url(host, "intel_root_crl_url", &out->intel_root_crl_url, err));
    TSEC_TRY(read_url(host, "amd_url", &out->amd_url, err));
    TSEC_TRY(read_fmspcs(host->setting(host->ctx, "fmspc"), out, err));
    if (out->jwks_file != NULL && out->issuer == NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "attest-maa: jwks_file: say whose keys they are, with issuer");
    }
    return TSEC_OK;
}

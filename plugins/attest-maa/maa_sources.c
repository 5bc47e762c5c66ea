/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_sources.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

/* The one document that is on another host than the rest (Intel SGX PCS API 4.0). */
static const char intel_root_crl[] =
    "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

__attribute__((format(printf, 4, 5))) static void
add(struct maa_sources *out, const char *name, bool may_lack, const char *fmt, ...)
{
    struct maa_source *source = &out->items[out->len];
    va_list ap;
    int n;

    if (out->len >= MAA_SOURCES_MAX) {
        return;
    }
    (void)snprintf(source->name, sizeof(source->name), "%s", name);
    source->may_lack = may_lack;
    va_start(ap, fmt);
    n = vsnprintf(source->url, sizeof(source->url), fmt, ap);
    va_end(ap);
    if (n > 0 && (size_t)n < sizeof(source->url)) {
        out->len++;
    }
}

/* ---- Intel ---- */

/* ".../sgx/certification/v4" has its sibling ".../tdx/certification/v4". */
static bool
tdx_base(const char *sgx, char *out, size_t size)
{
    const char *at = strstr(sgx, "/sgx/");
    int n;

    if (at == NULL) {
        return false;
    }
    n = snprintf(out, size, "%.*s/tdx/%s", (int)(at - sgx), sgx, at + strlen("/sgx/"));
    return n > 0 && (size_t)n < size;
}

static void
add_tcb_infos(struct maa_sources *out, const char *kind, const char *base,
              const uint8_t (*fmspc)[MAA_FMSPC_LEN], size_t fmspc_len)
{
    char digits[2 * MAA_FMSPC_LEN + 1];
    char name[MAA_SOURCE_NAME_MAX];

    for (size_t i = 0; i < fmspc_len; i++) {
        tsec_hex_encode(tsec_span(fmspc[i], MAA_FMSPC_LEN), digits);
        (void)snprintf(name, sizeof(name), "%s-tcb-%s", kind, digits);
        add(out, name, true, "%s/tcb?fmspc=%s", base, digits);
    }
    (void)snprintf(name, sizeof(name), "%s-qe-identity", kind);
    add(out, name, true, "%s/qe/identity", base);
}

static void
add_intel(const char *base, const uint8_t (*fmspc)[MAA_FMSPC_LEN], size_t fmspc_len,
          struct maa_sources *out)
{
    char tdx[MAA_URL_MAX + 1];

    add_tcb_infos(out, "sgx", base, fmspc, fmspc_len);
    if (tdx_base(base, tdx, sizeof(tdx))) {
        add_tcb_infos(out, "tdx", tdx, fmspc, fmspc_len);
    }
    add(out, "pck-crl-processor", false, "%s/pckcrl?ca=processor&encoding=der", base);
    add(out, "pck-crl-platform", false, "%s/pckcrl?ca=platform&encoding=der", base);
}

/* ---- AMD ---- */

static void
add_amd(const char *base, struct maa_sources *out)
{
    static const char *const products[] = { "Milan", "Genoa", "Turin" };
    static const char *const keys[] = { "vcek", "vlek" };
    char name[MAA_SOURCE_NAME_MAX];

    for (size_t p = 0; p < TSEC_ARRAY_LEN(products); p++) {
        for (size_t k = 0; k < TSEC_ARRAY_LEN(keys); k++) {
            (void)snprintf(name, sizeof(name), "amd-%s-chain-%s", keys[k], products[p]);
            add(out, name, true, "%s/%s/v1/%s/cert_chain", base, keys[k], products[p]);
            (void)snprintf(name, sizeof(name), "amd-%s-crl-%s", keys[k], products[p]);
            add(out, name, true, "%s/%s/v1/%s/crl", base, keys[k], products[p]);
        }
    }
}

void
maa_sources_list(const struct maa_settings *settings, const uint8_t (*fmspc)[MAA_FMSPC_LEN],
                 size_t fmspc_len, struct maa_sources *out)
{
    out->len = 0;
    if (settings->issuer != NULL) {
        add(out, MAA_JWKS_NAME, false, "%s/certs", settings->issuer);
    }
    if (settings->intel_url != NULL) {
        add_intel(settings->intel_url, fmspc, fmspc_len, out);
        add(out, "intel-root-crl", false, "%s",
            settings->intel_root_crl_url != NULL ? settings->intel_root_crl_url : intel_root_crl);
    }
    if (settings->amd_url != NULL) {
        add_amd(settings->amd_url, out);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The one key pair that all TLS listeners answer with, and its certificate: given, or made here and
 * vouched for by the TEE. */
#include "appraisal/ra_tls.h"
#include "base/log.h"
#include "boot/boot_internal.h"
#include "codec/pem.h"
#include "conf/file.h"
#include "crypto/sign.h"
#include "crypto/x509.h"

enum { SELF_SIGNED_DAYS = 397, CLOCKS_DIFFER_S = 300, CERT_EVIDENCE_MAX = 12 * 1024 };

static tsec_rc
read_pem(const char *path, struct tsec_buf *out, struct tsec_err *err)
{
    struct tsec_err why = { 0 };

    if (tsec_failed(conf_file_read(path, out, &why))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: %s", path, why.detail);
    }
    return TSEC_OK;
}

/* ---- given ---- */

/* Of the chain's leaf, which comes first. */
static tsec_rc
take_spki(struct boot *boot, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(BOOT_PEM_MAX);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;
    struct tsec_span text = tsec_buf_span(&boot->cert);
    struct tsec_span label;
    bool found = false;

    if (tsec_failed(tsec_pem_next(&text, &label, &der, &found, NULL)) || !found
        || !tsec_span_equal(label, tsec_span_str("CERTIFICATE"))
        || tsec_failed(tsec_cert_parse(tsec_buf_span(&der), &cert, NULL))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: not a certificate that can be read",
                         boot->conf->tls_certificate_file);
    }
    tsec_buf_put_span(&boot->tls_spki, tsec_cert_spki(cert));
    return tsec_buf_check(&boot->tls_spki, err);
}

static tsec_rc
take_given(struct boot *boot, struct tsec_err *err)
{
    TSEC_TRY(read_pem(boot->conf->tls_certificate_file, &boot->cert, err));
    TSEC_TRY(read_pem(boot->conf->tls_key_file, &boot->key, err));
    return take_spki(boot, err);
}

/* ---- made here ---- */

static tsec_rc
attest_key(struct boot *boot, struct tsec_buf *extension, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf claims = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(CERT_EVIDENCE_MAX);
    struct tsec_evidence_request request = { .struct_size = sizeof(request) };
    const struct tsec_sink sink = tsec_buf_sink(&evidence);
    const char *format = "";

    tsec_ra_tls_claims(tsec_buf_span(&boot->tls_spki), tsec_span(NULL, 0), &claims);
    TSEC_TRY(tsec_buf_check(&claims, err));
    tsec_ra_tls_binding(tsec_buf_span(&claims), request.binding);
    TSEC_TRY(
        boot->attest_plugin.plugin->attest->evidence(boot->attest, &request, &format, &sink, err));
    TSEC_TRY(tsec_buf_check(&evidence, err));
    return tsec_ra_tls_extension(format, tsec_buf_span(&evidence), tsec_buf_span(&claims),
                                 extension, err);
}

/* Without evidence it is a certificate all the same: clients ask for fresh evidence anyway. */
static tsec_rc
make_certificate(struct boot *boot, const struct tsec_key *key, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf extension = TSEC_BUF_INIT(TSEC_RA_TLS_MAX);
    const int64_t now_s = tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S;
    struct tsec_cert_spec spec = {
        .name = "localhost",
        /* From a moment ago: the client's clock may be behind. */
        .not_before = now_s > CLOCKS_DIFFER_S ? now_s - CLOCKS_DIFFER_S : 0,
        .days = SELF_SIGNED_DAYS,
    };
    struct tsec_err why = { 0 };

    if (tsec_failed(attest_key(boot, &extension, &why))) {
        tsec_log_err("the TLS certificate carries no evidence", &why);
    } else {
        spec.extension_oid = TSEC_RA_TLS_OID;
        spec.extension = tsec_buf_span(&extension);
    }
    return tsec_self_signed_of(key, &spec, &boot->cert, err);
}

static tsec_rc
make_own(struct boot *boot, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;

    TSEC_TRY(tsec_key_generate(TSEC_KEY_P384, &key, err));
    TSEC_TRY(tsec_key_spki(key, &boot->tls_spki, err));
    TSEC_TRY(make_certificate(boot, key, err));
    return tsec_key_pem(key, &boot->key, err);
}

bool
boot_listens_with_tls(const struct tsec_conf *conf, const char *address)
{
    const bool local = strncmp(address, "unix:", 5) == 0;

    return strcmp(conf->tls_mode, "off") != 0 && (!local || conf->tls_local);
}

tsec_rc
boot_open_tls(struct boot *boot, struct tsec_err *err)
{
    const struct tsec_conf *conf = boot->conf;
    bool wanted = false;

    for (size_t i = 0; i < conf->listeners.len; i++) {
        wanted = wanted || boot_listens_with_tls(conf, conf->listeners.items[i].value);
    }
    if (!wanted) {
        return TSEC_OK;
    }
    return strcmp(conf->tls_mode, "given") == 0 ? take_given(boot, err) : make_own(boot, err);
}

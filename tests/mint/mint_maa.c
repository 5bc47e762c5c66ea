/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_maa.h"

#include <stdlib.h>

#include "base/base64.h"
#include "codec/jose.h"
#include "crypto/hash.h"
#include "crypto/x509.h"
#include "tests/mint/mint_maa_json.h"

enum { LIFE_S = 8 * 3600, AGE_S = 60 };

/* ---- claims ---- */

#define ZEROS_32 "0000000000000000000000000000000000000000000000000000000000000000"
#define HEX_16   "000102030405060708090a0b0c0d0e0f"

static void
put_filled(struct mint_maa_object *o, const char *name, uint8_t fill, size_t len)
{
    uint8_t bytes[64];

    memset(bytes, fill, sizeof(bytes));
    mint_maa_hex(o, name, tsec_span(bytes, len));
}

static void
put_sgx(struct mint_maa_object *o, const struct mint_maa_spec *spec)
{
    TSEC_AUTO_BUF struct tsec_buf ehd = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);

    mint_maa_member(o, "x-ms-sgx-is-debuggable", spec->debug ? "true" : "false");
    put_filled(o, "x-ms-sgx-mrenclave", 0x29, 32);
    put_filled(o, "x-ms-sgx-mrsigner", 0x4a, 32);
    mint_maa_member(o, "x-ms-sgx-product-id", "7");
    mint_maa_member(o, "x-ms-sgx-svn", "3");
    mint_maa_hex(o, "x-ms-sgx-report-data", tsec_span(spec->report_data, 64));
    /* the older names, which say something else and must not count */
    mint_maa_member(o, "is-debuggable", "true");
    mint_maa_member(o, "sgx-mrenclave", "\"" ZEROS_32 "\"");
    if (spec->ehd.ptr != NULL) {
        tsec_base64_append(&ehd, TSEC_BASE64_URL, spec->ehd);
        tsec_buf_put_byte(&ehd, '\0');
        mint_maa_text(o, "x-ms-sgx-ehd", (const char *)ehd.ptr);
    }
}

static void
put_snp(struct mint_maa_object *o, const struct mint_maa_spec *spec)
{
    put_filled(o, "x-ms-sevsnpvm-authorkeydigest", 0, 48);
    mint_maa_member(o, "x-ms-sevsnpvm-bootloader-svn", "3");
    mint_maa_text(o, "x-ms-sevsnpvm-familyId", HEX_16);
    mint_maa_member(o, "x-ms-sevsnpvm-guestsvn", "2");
    put_filled(o, "x-ms-sevsnpvm-hostdata", 0x73, 32);
    put_filled(o, "x-ms-sevsnpvm-idkeydigest", 0x57, 48);
    mint_maa_text(o, "x-ms-sevsnpvm-imageId", HEX_16);
    mint_maa_member(o, "x-ms-sevsnpvm-is-debuggable", spec->debug ? "true" : "false");
    put_filled(o, "x-ms-sevsnpvm-launchmeasurement", 0xad, 48);
    mint_maa_member(o, "x-ms-sevsnpvm-microcode-svn", "115");
    mint_maa_member(o, "x-ms-sevsnpvm-migration-allowed", "false");
    mint_maa_hex(o, "x-ms-sevsnpvm-reportdata", tsec_span(spec->report_data, 64));
    put_filled(o, "x-ms-sevsnpvm-reportid", 0xa9, 32);
    mint_maa_member(o, "x-ms-sevsnpvm-smt-allowed", "true");
    mint_maa_member(o, "x-ms-sevsnpvm-snpfw-svn", "8");
    mint_maa_member(o, "x-ms-sevsnpvm-tee-svn", "0");
    mint_maa_member(o, "x-ms-sevsnpvm-vmpl", "0");
}

static void
put_tdx(struct mint_maa_object *o, const struct mint_maa_spec *spec)
{
    mint_maa_member(o, "tdx_td_attributes_debug", spec->debug ? "true" : "false");
    put_filled(o, "tdx_mrtd", 0xbd, 48);
    put_filled(o, "tdx_rtmr0", 0x10, 48);
    mint_maa_text(o, "tdx_td_attributes", "0000001000000000");
    mint_maa_hex(o, "tdx_report_data", tsec_span(spec->report_data, 64));
    mint_maa_text(o, "attester_tcb_status", "UpToDate");
    mint_maa_text(o, "attester_tcb_date", "2024-03-13T00:00:00Z");
}

/* The SEV-SNP machine below the virtual one. */
static void
put_isolation(struct mint_maa_object *o, const struct mint_maa_spec *spec)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);
    struct mint_maa_object inner = mint_maa_begin(&text, spec->inner, MINT_MAA_EDITS);

    mint_maa_text(&inner, "x-ms-attestation-type", "sevsnpvm");
    mint_maa_text(&inner, "x-ms-compliance-status", "azure-compliant-cvm");
    put_snp(&inner, spec);
    mint_maa_end(&inner);
    tsec_buf_put_byte(&text, '\0');
    mint_maa_member(o, "x-ms-isolation-tee", (const char *)text.ptr);
}

static void
put_vm(struct mint_maa_object *o, const struct mint_maa_spec *spec)
{
    mint_maa_member(o, "secureboot", "true");
    mint_maa_member(o, "x-ms-azurevm-bootdebug-enabled", "false");
    mint_maa_member(o, "x-ms-azurevm-hypervisordebug-enabled", "false");
    mint_maa_member(o, "x-ms-azurevm-kerneldebug-enabled", "false");
    mint_maa_text(o, "x-ms-azurevm-vmid", "D3FD4B09-37A3-40D5-8F2A-EA80762213CC");
    put_isolation(o, spec);
}

static void
put_payload(const struct mint_maa_spec *spec, struct tsec_buf *out)
{
    static const char *const types[] = { "sgx", "sevsnpvm", "azurevm", "tdxvm" };
    static void (*const families[])(struct mint_maa_object *,
                                    const struct mint_maa_spec *) = { put_sgx, put_snp, put_vm,
                                                                      put_tdx };
    struct mint_maa_object o = mint_maa_begin(out, spec->outer, MINT_MAA_EDITS);

    mint_maa_number(&o, "exp", spec->exp);
    mint_maa_number(&o, "iat", spec->iat);
    mint_maa_text(&o, "iss", spec->issuer);
    mint_maa_text(&o, "jti", "0d6eb4c30c0333b3c2bfbb98e7c4dd87fa4ddec65057087e5e9b5d382bc5a95e");
    mint_maa_number(&o, "nbf", spec->nbf);
    if (spec->nonce != NULL) {
        mint_maa_text(&o, "nonce", spec->nonce);
    }
    mint_maa_text(&o, "x-ms-attestation-type", types[spec->family]);
    mint_maa_text(&o, "x-ms-policy-hash", "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco");
    if (spec->runtime != NULL) {
        mint_maa_member(&o, "x-ms-runtime", spec->runtime);
    }
    mint_maa_text(&o, "x-ms-ver", "1.0");
    families[spec->family](&o, spec);
    mint_maa_end(&o);
}

/* ---- the token ---- */

void
mint_maa_genuine(enum mint_maa_family family, struct mint_maa_spec *spec)
{
    *spec = (struct mint_maa_spec){
        .family = family,
        .issuer = MINT_MAA_ISSUER,
        .iat = MINT_MAA_NOW - AGE_S,
        .nbf = MINT_MAA_NOW - AGE_S,
        .exp = MINT_MAA_NOW - AGE_S + LIFE_S,
        .alg = "RS256",
        .kid = MINT_MAA_KID,
        .jku = MINT_MAA_ISSUER "/certs",
        .sig = TSEC_SIG_RS256,
    };
}

static void
put_header(const struct mint_maa_spec *spec, struct tsec_buf *out)
{
    struct mint_maa_object o = mint_maa_begin(out, spec->header, MINT_MAA_EDITS);

    mint_maa_text(&o, "alg", spec->alg);
    if (spec->jku != NULL) {
        mint_maa_text(&o, "jku", spec->jku);
    }
    mint_maa_text(&o, "kid", spec->kid);
    mint_maa_text(&o, "typ", "JWT");
    mint_maa_end(&o);
}

static void
sign(const struct mint_maa_spec *spec, struct tsec_span message, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
    const struct mint_key *key = mint_rsa(2048, spec->rsa);

    if (!spec->hmac) {
        mint_sign(key, spec->sig, message, out);
        return;
    }
    mint_key_spki(key, &spki);

    uint8_t *room = tsec_buf_extend(out, TSEC_SHA256_LEN);

    if (room == NULL
        || tsec_failed(tsec_hmac(TSEC_SHA256, tsec_buf_span(&spki), message, room, NULL))) {
        abort();
    }
}

void
mint_maa(const struct mint_maa_spec *spec, struct tsec_buf *token)
{
    TSEC_AUTO_BUF struct tsec_buf header = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);
    TSEC_AUTO_BUF struct tsec_buf payload = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(1024);

    put_header(spec, &header);
    put_payload(spec, &payload);
    tsec_jws_signed_part(tsec_buf_span(&header), tsec_buf_span(&payload), token);
    if (!spec->unsig) {
        sign(spec, tsec_buf_span(token), &signature);
    }
    tsec_jws_add_signature(tsec_buf_span(&signature), token);
    if (token->failed) {
        abort();
    }
}

/* ---- JWKS ---- */

struct mint_maa_jwk
mint_maa_jwk(void)
{
    return (struct mint_maa_jwk){
        .kid = MINT_MAA_KID,
        .x5c = true,
        .not_before = MINT_MAA_NOW - 365 * 86400,
        .not_after = MINT_MAA_NOW + 365 * 86400,
    };
}

static void
put_cert(struct mint_maa_object *o, const struct mint_maa_jwk *jwk)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CERT_MAX);
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(2 * TSEC_CERT_MAX);
    const struct mint_key *key = mint_rsa(2048, jwk->cert_rsa);
    const struct mint_cert_spec spec = {
        .cn = MINT_MAA_ISSUER,
        .not_before = jwk->not_before,
        .not_after = jwk->not_after,
        .serial = 1,
        .path_len = -1,
        .md = "SHA256",
    };

    mint_cert(&spec, key, key, &der);
    tsec_buf_put_str(&json, "[\"");
    tsec_base64_append(&json, TSEC_BASE64_STD, tsec_buf_span(&der));
    tsec_buf_put(&json, "\"]", 3);
    mint_maa_member(o, "x5c", (const char *)json.ptr);
}

static void
put_numbers(struct mint_maa_object *o, const struct mint_maa_jwk *jwk)
{
    TSEC_AUTO_BUF struct tsec_buf n = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(2048);

    mint_key_modulus(mint_rsa(2048, jwk->rsa), &n);
    tsec_base64_append(&text, TSEC_BASE64_URL, tsec_buf_span(&n));
    tsec_buf_put_byte(&text, '\0');
    mint_maa_text(o, "n", (const char *)text.ptr);
    mint_maa_text(o, "e", "AQAB");
}

void
mint_maa_jwks(const struct mint_maa_jwk *keys, size_t n, struct tsec_buf *out)
{
    tsec_buf_put_str(out, "{\"keys\":[");
    for (size_t i = 0; i < n; i++) {
        struct mint_maa_object o;

        tsec_buf_put_str(out, i == 0 ? "" : ",");
        o = mint_maa_begin(out, &keys[i].edit, 1);
        mint_maa_text(&o, "kid", keys[i].kid);
        mint_maa_text(&o, "kty", "RSA");
        if (keys[i].bare) {
            put_numbers(&o, &keys[i]);
        }
        if (keys[i].x5c) {
            put_cert(&o, &keys[i]);
        }
        mint_maa_end(&o);
    }
    tsec_buf_put_str(out, "]}");
    if (out->failed) {
        abort();
    }
}

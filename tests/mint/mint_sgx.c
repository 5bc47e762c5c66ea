/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_sgx.h"

#include <string.h>

#include "tests/mint/mint_internal.h"

enum { YEAR = 365 * 24 * 3600, HOUR = 3600 };

static const char *const names[] = {
    [MINT_SGX_ROOT] = "Intel SGX Root CA",
    [MINT_SGX_CA] = "Intel SGX PCK Platform CA",
    [MINT_SGX_PCK] = "Intel SGX PCK Certificate",
    [MINT_SGX_SIGNING] = "Intel SGX TCB Signing",
};

struct mint_key *
mint_sgx_key(enum mint_sgx_key which)
{
    static struct mint_key *keys[MINT_SGX_KEYS];

    if (keys[which] == NULL) {
        keys[which] = mint_key(TSEC_PUBKEY_P256);
    }
    return keys[which];
}

static struct mint_key *
p384_key(void)
{
    static struct mint_key *key;

    if (key == NULL) {
        key = mint_key(TSEC_PUBKEY_P384);
    }
    return key;
}

void
mint_sgx_anchor(uint8_t spki[TSEC_SHA256_LEN])
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(MINT_SGX_MAX);

    mint_key_spki(mint_sgx_key(MINT_SGX_ROOT), &der);
    tsec_sha256(tsec_buf_span(&der), spki);
}

/* ---- what is genuine ---- */

static void
genuine_certs(struct mint_sgx *spec)
{
    static const enum mint_sgx_key issuers[] = {
        [MINT_SGX_ROOT] = MINT_SGX_ROOT,
        [MINT_SGX_CA] = MINT_SGX_ROOT,
        [MINT_SGX_PCK] = MINT_SGX_CA,
        [MINT_SGX_SIGNING] = MINT_SGX_ROOT,
    };

    for (enum mint_sgx_key i = MINT_SGX_ROOT; i < MINT_SGX_CERTS; i++) {
        const bool ca = i == MINT_SGX_ROOT || i == MINT_SGX_CA;

        spec->certs[i] = (struct mint_cert_spec){
            .cn = names[i],
            .issuer_cn = names[issuers[i]],
            .not_before = MINT_SGX_NOW - YEAR,
            .not_after = MINT_SGX_NOW + 5 * (int64_t)YEAR,
            .serial = 100 + (uint64_t)i,
            .basic_constraints = true,
            .ca = ca,
            .path_len = ca ? (i == MINT_SGX_ROOT ? 1 : 0) : -1,
            .key_usage = ca ? MINT_KU_CERT_SIGN | MINT_KU_CRL_SIGN : MINT_KU_DIGITAL_SIGNATURE,
            .md = "SHA256",
        };
        spec->signers[i] = issuers[i];
        spec->keys[i] = i;
    }
}

static void
genuine_platform(struct mint_sgx_platform *p)
{
    memset(p->ppid, 0x99, sizeof(p->ppid));
    memset(p->components, 5, sizeof(p->components));
    memset(p->cpu_svn, 5, sizeof(p->cpu_svn));
    memcpy(p->fmspc, "\x00\x80\x6f\x05\x00\x00", sizeof(p->fmspc));
    p->pce_svn = 11;
    p->has_instance = true;
    memset(p->instance, 0x77, sizeof(p->instance));
    p->has_configuration = true;
}

static void
fill(uint8_t *at, uint8_t byte, size_t len)
{
    memset(at, byte, len);
}

/* An enclave: MRENCLAVE 0x11.., MRSIGNER 0x22.., product 7, SVN 3.  A TD: MRTD 0x33.., module of
 * version 1 with SVN 4. */
static void
genuine_body(struct mint_sgx *spec)
{
    if (spec->tdx) {
        memcpy(spec->body, "\x04\x01\x05", 3);
        fill(spec->body + 128, 0xe7, 1);
        fill(spec->body + 136, 0x33, 48);
        fill(spec->body + 328, 0x44, 48);
        fill(spec->body + 520, 0x55, 64);
        memcpy(spec->body + 584, "\x04\x01\x05", 3);
    } else {
        fill(spec->body, 5, 16);
        spec->body[48] = 0x05;
        fill(spec->body + 64, 0x11, 32);
        fill(spec->body + 128, 0x22, 32);
        spec->body[256] = 7;
        spec->body[258] = 3;
        fill(spec->body + 320, 0x55, 64);
    }
}

static const char qe_signer[] = "8C4F5775D796503E96137F77C68A829A0056AC8DED70140B081B094490C57BFF";
static const char td_qe_signer[] =
    "DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5";

static void
genuine_qe(struct mint_sgx *spec)
{
    static const uint8_t qe[] = { 0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f,
                                  0x77, 0xc6, 0x8a, 0x82, 0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70,
                                  0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff };
    static const uint8_t td_qe[] = { 0xdc, 0x9e, 0x2a, 0x7c, 0x6f, 0x94, 0x8f, 0x17,
                                     0x47, 0x4e, 0x34, 0xa7, 0xfc, 0x43, 0xed, 0x03,
                                     0x0f, 0x7c, 0x15, 0x63, 0xf1, 0xba, 0xbd, 0xdf,
                                     0x63, 0x40, 0xc8, 0x2e, 0x0e, 0x54, 0xa8, 0xc5 };

    spec->qe_report[48] = 0x11;
    memcpy(spec->qe_report + 128, spec->tdx ? td_qe : qe, 32);
    spec->qe_report[256] = spec->tdx ? 2 : 1;
    spec->qe_report[258] = 8;
    spec->qe_auth = tsec_span_str("authentication data");
    spec->identity_id = spec->tdx ? "TD_QE" : "QE";
    spec->identity_issue_date = "2027-01-10T00:00:00Z";
    spec->identity_next_update = "2027-02-09T00:00:00Z";
    spec->identity_signer = spec->tdx ? td_qe_signer : qe_signer;
    spec->identity_prod_id = spec->tdx ? 2 : 1;
    spec->identity_levels[0] = (struct mint_sgx_svn){ 8, "UpToDate", "2026-11-13" };
    spec->identity_levels[1] = (struct mint_sgx_svn){ 6, "OutOfDate", "2025-11-10" };
    spec->identity_levels[2] = (struct mint_sgx_svn){ 5, "Revoked", "2021-11-10" };
}

static void
genuine_info(struct mint_sgx *spec)
{
    static const struct mint_sgx_level latest = { .pce_svn = 11,
                                                  .status = "UpToDate",
                                                  .date = "2026-11-12" };

    spec->info_version = 3;
    spec->info_id = spec->tdx ? "TDX" : "SGX";
    spec->issue_date = "2027-01-10T00:00:00Z";
    spec->next_update = "2027-02-09T00:00:00Z";
    spec->evaluation = 20;
    memcpy(spec->info_fmspc, spec->platform.fmspc, sizeof(spec->info_fmspc));
    for (size_t i = 0; i < 3; i++) {
        spec->levels[i] = latest;
        fill(spec->levels[i].sgx, (uint8_t)(5 - i), 16);
        memcpy(spec->levels[i].tdx, "\x04\x00\x05", 3);
        spec->levels[i].tdx[2] = (uint8_t)(5 - i);
    }
    spec->levels[1].status = "OutOfDate";
    spec->levels[1].date = "2025-08-09";
    spec->levels[1].advisories = "[\"INTEL-SA-00615\",\"INTEL-SA-00657\"]";
    spec->levels[2].status = "Revoked";
    spec->levels[2].date = "2024-08-09";
    spec->levels_len = 3;
    spec->modules[0] = (struct mint_sgx_module){
        .id = "TDX_01",
        .levels = { { 4, "UpToDate", "2026-11-13" }, { 2, "OutOfDate", "2025-03-13" } },
    };
}

void
mint_sgx_genuine(struct mint_sgx *spec, bool tdx)
{
    memset(spec, 0, sizeof(*spec));
    spec->tdx = tdx;
    spec->version = tdx ? 4 : 3;
    spec->body_type = tdx ? 2 : 1;
    spec->key_type = 2;
    spec->vendor = 0x93;
    spec->cert_type = 5;
    spec->qe_signer = MINT_SGX_PCK;
    spec->quote_signer = MINT_SGX_ATTESTATION;
    genuine_certs(spec);
    genuine_platform(&spec->platform);
    genuine_body(spec);
    genuine_qe(spec);
    genuine_info(spec);
}

/* ---- certificates ---- */

void
mint_sgx_cert(const struct mint_sgx *spec, enum mint_sgx_key which, struct tsec_buf *der)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(MINT_SGX_MAX);
    struct mint_extension extensions[2] = { { "1.2.840.113741.1.13.1", false, { NULL, 0 } },
                                            { NULL, false, { NULL, 0 } } };
    struct mint_cert_spec cert = spec->certs[which];
    struct mint_key *subject = mint_sgx_key(spec->keys[which]);
    struct mint_key *signer = mint_sgx_key(spec->signers[which]);

    if (which == MINT_SGX_PCK && !spec->no_extension) {
        mint_sgx_extension(&spec->platform, &value);
        extensions[0].value = spec->extension.ptr == NULL ? tsec_buf_span(&value) : spec->extension;
        cert.extensions = extensions;
    }
    if (spec->p384_ca && which == MINT_SGX_CA) {
        subject = p384_key();
    }
    if (spec->p384_ca && which == MINT_SGX_PCK) {
        signer = p384_key();
    }
    mint_cert(&cert, subject, signer, der);
}

static void
put_pem(const struct mint_sgx *spec, enum mint_sgx_key which, struct tsec_buf *pem)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(MINT_SGX_MAX);

    mint_sgx_cert(spec, which, &der);
    mint_pem("CERTIFICATE", tsec_buf_span(&der), pem);
}

void
mint_sgx_chain(const struct mint_sgx *spec, struct tsec_buf *pem)
{
    put_pem(spec, MINT_SGX_PCK, pem);
    put_pem(spec, MINT_SGX_CA, pem);
    put_pem(spec, MINT_SGX_ROOT, pem);
}

void
mint_sgx_signing_chain(const struct mint_sgx *spec, struct tsec_buf *pem)
{
    put_pem(spec, MINT_SGX_SIGNING, pem);
    put_pem(spec, MINT_SGX_ROOT, pem);
}

void
mint_sgx_crl(enum mint_sgx_key issuer, uint64_t revoked, struct tsec_buf *der)
{
    const struct mint_crl_spec spec = {
        .issuer_cn = names[issuer],
        .this_update = MINT_SGX_NOW - HOUR,
        .next_update = MINT_SGX_NOW + 30 * 24 * (int64_t)HOUR,
        .revoked = &revoked,
        .revoked_len = revoked == 0 ? 0 : 1,
        .md = "SHA256",
    };

    mint_crl(&spec, mint_sgx_key(issuer), der);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_snp.h"

#include <stdio.h>

#include "tests/mint/mint_internal.h"

#define AMD_OID "1.3.6.1.4.1.3704.1."
#define YEAR_S  (INT64_C(365) * 86400)

enum { RSA_BITS = 2048, EXTENSIONS_MAX = 10, VALUE_MAX = 160, SERIAL_ASK = 0x1001 };

const struct mint_key *
mint_snp_ca_key(enum mint_snp_ca which)
{
    return mint_rsa(RSA_BITS, (unsigned)which);
}

static void
ca_name(const char *product, enum mint_snp_ca which, char out[static 32])
{
    static const char *const prefixes[] = { "ARK-", "SEV-", "SEV-VLEK-" };

    (void)snprintf(out, 32, "%s%s", prefixes[which], product);
}

void
mint_snp_ca(const char *product, enum mint_snp_ca which, const struct mint_snp_ca_wrong *wrong,
            struct tsec_buf *der)
{
    static const struct mint_snp_ca_wrong right = { .not_ca = false };
    const struct mint_snp_ca_wrong *w = wrong == NULL ? &right : wrong;
    char cn[32];
    char issuer[32];

    ca_name(product, which, cn);
    ca_name(product, MINT_SNP_ARK, issuer);
    const struct mint_cert_spec spec = {
        .cn = cn,
        .issuer_cn = issuer,
        .not_before = MINT_SNP_NOW - 10 * YEAR_S,
        .not_after = w->not_after != 0 ? w->not_after : MINT_SNP_NOW + 10 * YEAR_S,
        .serial = SERIAL_ASK + (uint64_t)which,
        .basic_constraints = true,
        .ca = !w->not_ca,
        .path_len = which == MINT_SNP_ARK || w->not_ca ? -1 : 0,
        .key_usage = w->no_key_usage ? 0 : MINT_KU_CERT_SIGN | MINT_KU_CRL_SIGN,
        .md = w->sha256 ? "SHA256" : "SHA384",
        .pss = !w->pkcs1,
    };

    mint_cert(&spec, mint_snp_ca_key(which), mint_snp_ca_key(MINT_SNP_ARK), der);
}

void
mint_snp_crl(const char *product, bool revoked, int64_t this_update, int64_t next_update,
             struct tsec_buf *der)
{
    static const uint64_t serials[] = { SERIAL_ASK + MINT_SNP_ASK, SERIAL_ASK + MINT_SNP_ASVK };
    static const uint64_t others[] = { SERIAL_ASK + 100 };
    char issuer[32];

    ca_name(product, MINT_SNP_ARK, issuer);
    const struct mint_crl_spec spec = {
        .issuer_cn = issuer,
        .this_update = this_update,
        .next_update = next_update,
        .revoked = revoked ? serials : others,
        .revoked_len = revoked ? TSEC_ARRAY_LEN(serials) : TSEC_ARRAY_LEN(others),
        .md = "SHA384",
        .pss = true,
    };

    mint_crl(&spec, mint_snp_ca_key(MINT_SNP_ARK), der);
}

void
mint_snp_vek_init(struct mint_snp_vek *vek, const char *product, bool vlek)
{
    const bool turin = strcmp(product, "Turin") == 0;

    *vek = (struct mint_snp_vek){
        .product = product,
        .vlek = vlek,
        .tcb = { .fmc = turin ? 1 : 0, .bootloader = 4, .tee = 0, .snp = 24, .microcode = 219 },
        .chip_len = turin ? 8 : MINT_SNP_CHIP_LEN,
        .csp_id = "CN=cc-test-1.example.com",
        .not_before = MINT_SNP_NOW - YEAR_S,
        .not_after = MINT_SNP_NOW + YEAR_S,
    };
    for (size_t i = 0; i < vek->chip_len && !vlek; i++) {
        vek->chip[i] = (uint8_t)(0xc0 + i);
    }
}

/* Extensions as they are collected, with the bytes of each. */
struct extensions {
    const struct mint_snp_vek *vek;
    struct mint_extension items[EXTENSIONS_MAX + 1];
    uint8_t values[EXTENSIONS_MAX][VALUE_MAX];
    size_t len;
};

static void
add(struct extensions *e, const char *oid, uint8_t tag, const void *bytes, size_t len)
{
    static const char no_der[] = { 0x02, 0x7f, 0x01 };
    uint8_t *at = e->values[e->len];
    const size_t head = tag == 0 ? 0 : 2;

    mint_need(e->len < EXTENSIONS_MAX && len + head <= VALUE_MAX && len < 128, "an extension");
    if (e->vek->without != NULL && strcmp(e->vek->without, oid) == 0) {
        return;
    }
    if (tag != 0) {
        at[0] = tag;
        at[1] = (uint8_t)len;
    }
    memcpy(at + head, bytes, len);
    e->items[e->len] = (struct mint_extension){ .oid = oid, .value = tsec_span(at, len + head) };
    if (e->vek->instead != NULL && strcmp(e->vek->instead, oid) == 0) {
        e->items[e->len].value = tsec_span(no_der, sizeof(no_der));
    }
    e->len++;
}

/* An INTEGER of 128 and more has a zero in front. */
static void
add_spl(struct extensions *e, const char *oid, uint8_t value)
{
    const uint8_t bytes[] = { 0, value };

    if (value < 0x80) {
        add(e, oid, 0x02, bytes + 1, 1);
    } else {
        add(e, oid, 0x02, bytes, 2);
    }
}

static void
collect(struct extensions *e)
{
    const struct mint_snp_vek *vek = e->vek;

    add_spl(e, AMD_OID "1", 0);
    add(e, AMD_OID "2", 0x16, vek->product, strlen(vek->product));
    add_spl(e, AMD_OID "3.1", vek->tcb.bootloader);
    add_spl(e, AMD_OID "3.2", vek->tcb.tee);
    add_spl(e, AMD_OID "3.3", vek->tcb.snp);
    add_spl(e, AMD_OID "3.8", vek->tcb.microcode);
    if (strcmp(vek->product, "Turin") == 0) {
        add_spl(e, AMD_OID "3.9", vek->tcb.fmc);
    }
    if (vek->vlek) {
        add(e, AMD_OID "5", 0x16, vek->csp_id, strlen(vek->csp_id));
    } else {
        add(e, AMD_OID "4", vek->chip_wrapped ? 0x04 : 0, vek->chip, vek->chip_len);
    }
    e->items[e->len] = (struct mint_extension){ .oid = NULL };
}

void
mint_snp_vek_cert(const struct mint_snp_vek *vek, const struct mint_key *key, struct tsec_buf *der)
{
    const enum mint_snp_ca signer = vek->vlek ? MINT_SNP_ASVK : MINT_SNP_ASK;
    struct extensions e = { .vek = vek };
    char issuer[32];

    ca_name(vek->product, signer, issuer);
    collect(&e);
    const struct mint_cert_spec spec = {
        .cn = vek->vlek ? "SEV-VLEK" : "SEV-VCEK",
        .issuer_cn = vek->issuer_cn != NULL ? vek->issuer_cn : issuer,
        .not_before = vek->not_before,
        .not_after = vek->not_after,
        .serial = 0,
        .md = vek->sha256 ? "SHA256" : "SHA384",
        .pss = !vek->pkcs1,
        .path_len = -1,
        .extensions = e.items,
    };

    mint_cert(&spec, key, vek->signer != NULL ? vek->signer : mint_snp_ca_key(signer), der);
}

static void
put_tcb(const struct mint_snp_vek *vek, uint8_t *at)
{
    const struct mint_snp_tcb *tcb = &vek->tcb;

    memset(at, 0, 8);
    at[7] = tcb->microcode;
    if (strcmp(vek->product, "Turin") == 0) {
        at[0] = tcb->fmc;
        at[1] = tcb->bootloader;
        at[2] = tcb->tee;
        at[3] = tcb->snp;
    } else {
        at[0] = tcb->bootloader;
        at[1] = tcb->tee;
        at[6] = tcb->snp;
    }
}

static void
put_cpuid(const struct mint_snp_vek *vek, uint8_t *at)
{
    at[0] = strcmp(vek->product, "Turin") == 0 ? 0x1a : 0x19;
    at[1] = strcmp(vek->product, "Genoa") == 0 ? 0x11 : 0x01;
    at[2] = 1;
}

void
mint_snp_report(unsigned version, const struct mint_snp_vek *vek,
                uint8_t out[static MINT_SNP_REPORT_LEN])
{
    memset(out, 0, MINT_SNP_REPORT_LEN);
    out[0] = (uint8_t)version;
    out[4] = 7; /* guest SVN */
    out[MINT_SNP_POLICY + 2] = 3;
    out[MINT_SNP_ALGORITHM] = 1;
    out[MINT_SNP_FLAGS] = vek->vlek ? 4 : 0;
    memset(out + 0x010, 0x11, 16);
    memset(out + 0x020, 0x12, 16);
    memset(out + MINT_SNP_REPORT_DATA, 0xda, 64);
    memset(out + MINT_SNP_MEASUREMENT, 0x3e, 48);
    memset(out + 0x0c0, 0x05, 32);
    memset(out + 0x0e0, 0x1d, 48);
    memset(out + 0x140, 0x1e, 32);
    put_tcb(vek, out + MINT_SNP_REPORTED_TCB);
    put_tcb(vek, out + MINT_SNP_COMMITTED_TCB);
    put_tcb(vek, out + MINT_SNP_CURRENT_TCB);
    put_tcb(vek, out + 0x1f0);
    if (version >= 3) {
        put_cpuid(vek, out + MINT_SNP_CPUID);
    }
    memcpy(out + MINT_SNP_CHIP_ID, vek->chip, vek->chip_len);
}

static void
turn(const uint8_t *big, uint8_t *out)
{
    memset(out, 0, 72);
    for (size_t i = 0; i < 48; i++) {
        out[i] = big[47 - i];
    }
}

void
mint_snp_sign(const struct mint_key *key, uint8_t report[static MINT_SNP_REPORT_LEN])
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(256);

    mint_sign(key, TSEC_SIG_ES384, tsec_span(report, MINT_SNP_SIGNATURE), &raw);
    mint_need(raw.len == 96, "a signature on P-384");
    turn(raw.ptr, report + MINT_SNP_SIGNATURE);
    turn(raw.ptr + 48, report + MINT_SNP_SIGNATURE + 72);
}

static void
put_u32(struct tsec_buf *out, size_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        tsec_buf_put_byte(out, (uint8_t)(value >> 8 * i));
    }
}

void
mint_snp_table(const struct tsec_span *ders, size_t n, struct tsec_buf *out)
{
    /* VCEK, ASK, ARK, with the first groups in little-endian as UEFI has them */
    static const uint8_t guids[][16] = {
        { 0x8d, 0x75, 0xda, 0x63, 0x64, 0xe6, 0x64, 0x45, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac,
          0xcd },
        { 0x79, 0xb3, 0xb7, 0x4a, 0xac, 0xbb, 0xe4, 0x4f, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7,
          0x82 },
        { 0xa4, 0x06, 0xb4, 0xc0, 0x03, 0xa8, 0x52, 0x49, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0,
          0xae },
    };
    size_t offset = 24 * (n + 1);

    mint_need(n <= TSEC_ARRAY_LEN(guids), "a table");
    for (size_t i = 0; i < n; i++) {
        tsec_buf_put(out, guids[i], sizeof(guids[i]));
        put_u32(out, offset);
        put_u32(out, ders[i].len);
        offset += ders[i].len;
    }
    memset(tsec_buf_extend(out, 24), 0, 24);
    for (size_t i = 0; i < n; i++) {
        tsec_buf_put_span(out, ders[i]);
    }
}

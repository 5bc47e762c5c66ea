/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/evidence_source.h"
#include "crypto/x509.h"

static const char *
folder(void)
{
    const char *set = getenv("TSEC_VECTORS");

    return set != NULL ? set : "../shared/vectors";
}

static bool
read_file(const char *name, struct tsec_buf *out)
{
    char path[4096];
    uint8_t part[4096];
    size_t n = 0;

    if (name == NULL || out == NULL) {
        return false;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", folder(), name);

    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        return false;
    }
    while ((n = fread(part, 1, sizeof(part), in)) > 0) {
        tsec_buf_put(out, part, n);
    }
    (void)fclose(in);
    return !out->failed && out->len > 0;
}

static const char *
text(const json_t *item, const char *key)
{
    return json_string_value(json_object_get(item, key));
}

/* The VEK, and the two certificates of AMD's above it. */
static bool
read_amd(struct evidence_case *c, const json_t *item)
{
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *vek = NULL;
    struct tsec_buf *der = evidence_case_more(c);
    char product[32] = "";
    char path[128];

    if (!read_file(text(item, "vek"), der)
        || tsec_failed(tsec_cert_parse(tsec_buf_span(der), &vek, NULL))) {
        return false;
    }

    const char *issuer = tsec_cert_issuer_cn(vek); /* "SEV-Milan", "SEV-VLEK-Milan" */
    const bool vlek = strstr(issuer, "VLEK") != NULL;
    const char *name = strrchr(issuer, '-');

    (void)snprintf(product, sizeof(product), "%s", name != NULL ? name + 1 : "");
    product[0] |= 0x20;
    (void)snprintf(path, sizeof(path), "sev-snp/amd-roots/%s-%s.der", product,
                   vlek ? "asvk" : "ask");
    if (!read_file(path, evidence_case_more(c))) {
        return false;
    }
    (void)snprintf(path, sizeof(path), "sev-snp/amd-roots/%s-%s.der", product, "ark");
    return read_file(path, evidence_case_more(c));
}

/* As Intel's service sends them: the document and its signature in one object. */
static bool
read_signed(struct evidence_case *c, const char *name, const char *body, const char *signature)
{
    struct tsec_buf *out = evidence_case_more(c);

    if (out == NULL) {
        return false;
    }
    tsec_buf_printf(out, "{\"%s\":", name);
    if (!read_file(body, out)) {
        return false;
    }
    tsec_buf_put_str(out, ",\"signature\":\"");
    if (!read_file(signature, out)) {
        return false;
    }
    tsec_buf_put_str(out, "\"}");
    return true;
}

static bool
read_intel(struct evidence_case *c, const json_t *item)
{
    static const char *const plain[] = { "pck_crl", "root_ca_crl", "tcb_signing_chain" };
    const json_t *files = json_object_get(item, "collateral");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(plain); i++) {
        if (!read_file(text(files, plain[i]), evidence_case_more(c))) {
            return false;
        }
    }
    return read_signed(c, "tcbInfo", text(files, "tcb_info"), text(files, "tcb_info_sig"))
           && read_signed(c, "enclaveIdentity", text(files, "qe_identity"),
                          text(files, "qe_identity_sig"));
}

static bool
read_token(struct evidence_case *c, const json_t *item)
{
    evidence_case_read_issuer(c);
    return read_file(text(item, "jwks"), &c->jwks);
}

static const struct source {
    const char *kind;
    const char *manifest_kind;
    const char *evidence;
    bool (*read)(struct evidence_case *c, const json_t *item);
} sources[] = {
    { "nitro", "nitro", "path", NULL },     { "nitro-tpm", "nitro", "path", NULL },
    { "snp", "sev-snp", "path", read_amd }, { "az-snp-vtpm", "sev-snp", "hcl", read_amd },
    { "sgx", "sgx", "path", read_intel },   { "tdx", "sgx", "path", read_intel },
    { "maa", "maa", "path", read_token },
};

static struct evidence_case *
load_item(const struct source *s, const json_t *item)
{
    const json_t *expect = json_object_get(item, "expect");
    const char *verdict = text(expect, "verdict");
    const char *kind = text(item, "kind");

    if (kind == NULL || strcmp(kind, s->manifest_kind) != 0 || verdict == NULL
        || strcmp(verdict, "valid") != 0) {
        return NULL;
    }

    TSEC_AUTO(evidence_case_free) struct evidence_case *c = evidence_case_new(s->kind);

    if (c == NULL || !read_file(text(item, s->evidence), &c->evidence)
        || (s->read != NULL && !s->read(c, item))) {
        return NULL;
    }
    c->at = json_integer_value(json_object_get(expect, "at"));
    c->source = "real";
    return evidence_case_holds(c) ? TSEC_TAKE(c) : NULL;
}

static struct evidence_case *
first_of(const struct source *s, const json_t *manifest)
{
    struct evidence_case *c = NULL;
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach(json_object_get(manifest, "items"), i, item)
    {
        c = load_item(s, item);
        if (c != NULL) {
            break;
        }
    }
    return c;
}

struct evidence_case *
evidence_vectors_load(const char *kind)
{
    struct evidence_case *c = NULL;
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/manifest.json", folder());

    json_t *manifest = json_load_file(path, 0, NULL);

    for (size_t i = 0; manifest != NULL && c == NULL && i < TSEC_ARRAY_LEN(sources); i++) {
        if (strcmp(sources[i].kind, kind) == 0) {
            c = first_of(&sources[i], manifest);
        }
    }
    json_decref(manifest);
    return c;
}

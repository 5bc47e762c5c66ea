/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors/real.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/jose.h"
#include "nitro_root.h"
#include "tests/test.h"

enum { PATH_LEN = 4096, FILE_MAX = 1024 * 1024 };

static json_t *manifest;

bool
real_open(void)
{
    const char *folder = getenv("TSEC_VECTORS");
    char path[PATH_LEN];

    (void)snprintf(path, sizeof(path), "%s/manifest.json", folder == NULL ? "" : folder);
    manifest = json_load_file(path, 0, NULL);
    if (manifest == NULL) {
        (void)printf("no real evidence at %s\n",
                     folder == NULL ? "TSEC_VECTORS, which is not set" : folder);
    }
    return manifest != NULL;
}

void
real_close(void)
{
    json_decref(manifest);
}

static void
read_file(const char *name, struct tsec_buf *out)
{
    char path[PATH_LEN];
    size_t n;

    (void)snprintf(path, sizeof(path), "%s/%s", getenv("TSEC_VECTORS"), name);

    FILE *f = fopen(path, "rb");
    uint8_t *at = tsec_buf_extend(out, FILE_MAX);

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    n = fread(at, 1, FILE_MAX, f);
    CU_ASSERT_TRUE_FATAL(n > 0 && n < FILE_MAX && fclose(f) == 0);
    tsec_buf_truncate(out, n);
}

/* One more piece of collateral, when the item names one. */
static void
add_collateral(const char *name, struct flips *out)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(FILE_MAX);

    if (name == NULL) {
        return;
    }
    if (out->collateral == NULL) {
        CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_new(&out->collateral, NULL)));
    }
    read_file(name, &bytes);
    CU_ASSERT_FALSE(tsec_failed(collateral_add(out->collateral, tsec_buf_span(&bytes), NULL)));
}

static void
add_amd_roots(struct flips *out)
{
    static const char *const products[] = { "milan", "genoa", "turin" };
    static const char *const keys[] = { "ark", "ask", "asvk" };
    char name[PATH_LEN];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(products); i++) {
        for (size_t j = 0; j < TSEC_ARRAY_LEN(keys); j++) {
            (void)snprintf(name, sizeof(name), "sev-snp/amd-roots/%s-%s.der", products[i], keys[j]);
            add_collateral(name, out);
        }
    }
}

/* The token's own: that it is the right one is not what is tested here. */
static void
take_issuer(struct flips *out)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(sizeof(out->issuer) - 1);
    struct tsec_jws jws;
    struct tsec_span raw;

    if (!tsec_failed(tsec_jws_parse(tsec_buf_span(&out->evidence), FILE_MAX, &jws, NULL))
        && tsec_json_member(tsec_buf_span(&jws.payload), "iss", &raw) == TSEC_JSON_STRING) {
        tsec_json_unescape(&text, raw);
        CU_ASSERT_FALSE_FATAL(text.failed);
        memcpy(out->issuer, text.ptr, text.len);
    }
    tsec_jws_done(&jws);
}

static void
trim(struct tsec_buf *text)
{
    while (text->len > 0 && text->ptr[text->len - 1] <= ' ') {
        tsec_buf_truncate(text, text->len - 1);
    }
}

/* SGX and TDX stand under one kind, and tell themselves apart. */
static const char *
format_of(const char *kind, bool hcl, const struct tsec_buf *evidence)
{
    if (strcmp(kind, "sev-snp") == 0) {
        return hcl ? "az-vtpm" : "snp";
    }
    if (strcmp(kind, "sgx") == 0) {
        return evidence->len > 4 && evidence->ptr[4] == 0x81 ? "tdx" : "sgx";
    }
    return kind;
}

static void
fill(const json_t *item, const char *kind, bool hcl, struct flips *out)
{
    const char *key = NULL;
    json_t *value = NULL;

    flips_init(out, "", json_integer_value(json_object_get(json_object_get(item, "expect"), "at")));
    out->nitro_root = nitro_root_pinned;
    out->anchors = &verifier_anchors_pinned;
    read_file(json_string_value(json_object_get(item, hcl ? "hcl" : "path")), &out->evidence);
    (void)snprintf(out->format, sizeof(out->format), "%s", format_of(kind, hcl, &out->evidence));
    if (strcmp(kind, "sev-snp") == 0) {
        add_collateral(json_string_value(json_object_get(item, "vek")), out);
        add_amd_roots(out);
    }
    json_object_foreach(json_object_get(item, "collateral"), key, value)
    {
        add_collateral(json_string_value(value), out);
    }
    if (strcmp(kind, "maa") == 0) {
        trim(&out->evidence);
        read_file(json_string_value(json_object_get(item, "jwks")), &out->jwks);
        take_issuer(out);
    }
}

static bool
wanted(const json_t *item, const char *kind, bool hcl)
{
    const json_t *expect = json_object_get(item, "expect");
    const char *verdict = json_string_value(json_object_get(expect, "verdict"));
    const char *found = json_string_value(json_object_get(item, "kind"));

    return found != NULL && strcmp(found, kind) == 0 && verdict != NULL
           && strcmp(verdict, "valid") == 0 && json_is_integer(json_object_get(expect, "at"))
           && (!hcl || json_is_string(json_object_get(item, "hcl")));
}

bool
real_next(const char *kind, bool hcl, size_t *at, struct flips *out)
{
    const json_t *items = json_object_get(manifest, "items");

    while (*at < json_array_size(items)) {
        const json_t *item = json_array_get(items, (*at)++);

        if (wanted(item, kind, hcl)) {
            fill(item, kind, hcl, out);
            return true;
        }
    }
    return false;
}

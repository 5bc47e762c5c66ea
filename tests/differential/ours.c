/* SPDX-License-Identifier: Apache-2.0 */
/* Our verdicts for the differential test: reads the cases of cases.py from standard input, writes
 * "CASE accept" or "CASE refuse WHY" lines.  Debug and every TCB status that collateral tells are
 * allowed, since the other verifiers judge neither; collateral must be complete, as they need it.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest-maa/attest_maa.h"
#include "attest-nitro/attest_nitro.h"
#include "base/base64.h"
#include "base/buf.h"
#include "crypto/crypto.h"

enum { BASES_MAX = 512, ITEMS_MAX = 16, FIELD_MAX = 4 * 1024 * 1024 };

struct subject {
    struct tsec_attest *attest;
    const struct tsec_attest_ops *ops;
};

static const char *
no_setting(void *ctx, const char *key)
{
    (void)ctx;
    (void)key;
    return NULL;
}

static void
no_log(void *ctx, int level, const char *fmt, ...)
{
    (void)ctx;
    (void)level;
    (void)fmt;
}

static int64_t
no_time(void *ctx)
{
    (void)ctx;
    return 0;
}

static const struct tsec_host host = {
    .struct_size = sizeof(host), .log = no_log, .setting = no_setting, .now = no_time
};

/* The field of that name: of the case when it changes it, of the base otherwise. */
static bool
field(const json_t *base, const json_t *set, const char *name, struct tsec_buf *out)
{
    const json_t *value = json_object_get(set, name);

    if (value == NULL) {
        value = json_object_get(base, name);
    }
    tsec_buf_reset(out);
    if (value == NULL
        || tsec_failed(tsec_base64_decode(out, TSEC_BASE64_STD,
                                          tsec_span_str(json_string_value(value)), NULL))) {
        return false;
    }
    return true;
}

static const char *
format_of(const char *kind, struct tsec_span evidence)
{
    if (strcmp(kind, "quote") != 0) {
        return kind;
    }
    return evidence.len > 8 && evidence.ptr[4] == 0x81 ? "tdx" : "sgx";
}

struct fields {
    struct tsec_buf evidence;
    struct tsec_buf jwks;
    struct tsec_buf issuer;
    struct tsec_buf items[ITEMS_MAX];
    struct tsec_span spans[ITEMS_MAX];
    size_t spans_len;
};

static void
read_fields(const json_t *base, const json_t *set, struct fields *out)
{
    static const char *const collateral[] = { "vek",
                                              "ask",
                                              "asvk",
                                              "ark",
                                              "tcb_info",
                                              "tcb_info_sig",
                                              "qe_identity",
                                              "pck_crl",
                                              "qe_identity_sig",
                                              "root_ca_crl",
                                              "tcb_signing_chain" };

    out->spans_len = 0;
    (void)field(base, set, "evidence", &out->evidence);
    (void)field(base, set, "jwks", &out->jwks);
    if (field(base, set, "issuer", &out->issuer)) {
        tsec_buf_put_byte(&out->issuer, 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(collateral); i++) {
        if (field(base, set, collateral[i], &out->items[i])) {
            out->spans[out->spans_len++] = tsec_buf_span(&out->items[i]);
        }
    }
}

static void
judge(const struct subject *subject, const char *kind, const struct fields *f, int64_t now,
      int64_t number)
{
    static struct tsec_claims claims;
    static struct tsec_checks checks;
    struct tsec_err err = { 0 };
    struct tsec_expectation expect = {
        .struct_size = sizeof(expect),
        .allow_debug = true,
        .allow_tcb = TSEC_TCB_ANY & ~TSEC_TCB_BIT(TSEC_TCB_UNKNOWN),
        .require_revocation = strcmp(kind, "quote") == 0,
        .collateral = f->spans,
        .collateral_len = f->spans_len,
        .checks = &checks,
    };

    memset(&claims, 0, sizeof(claims));
    memset(&checks, 0, sizeof(checks));
    claims.struct_size = sizeof(claims);
    checks.struct_size = sizeof(checks);
    if (f->jwks.len > 0) {
        expect.jwks = tsec_buf_span(&f->jwks);
        expect.issuer = (const char *)f->issuer.ptr;
    }
    if (tsec_failed(
            subject->ops->verify(subject->attest, format_of(kind, tsec_buf_span(&f->evidence)),
                                 tsec_buf_span(&f->evidence), &expect, now, &claims, &err))) {
        for (char *c = err.detail; *c != '\0'; c++) {
            *c = (char)(*c == '\n' ? ' ' : *c);
        }
        printf("%" PRId64 " refuse %s\n", number, err.detail);
    } else {
        printf("%" PRId64 " accept\n", number);
    }
}

static struct fields *
fields_new(void)
{
    struct fields *f = calloc(1, sizeof(*f));

    if (f == NULL) {
        abort();
    }
    tsec_buf_init(&f->evidence, FIELD_MAX);
    tsec_buf_init(&f->jwks, FIELD_MAX);
    tsec_buf_init(&f->issuer, FIELD_MAX);
    for (size_t i = 0; i < ITEMS_MAX; i++) {
        tsec_buf_init(&f->items[i], FIELD_MAX);
    }
    return f;
}

static void
fields_free(struct fields *f)
{
    tsec_buf_done(&f->evidence);
    tsec_buf_done(&f->jwks);
    tsec_buf_done(&f->issuer);
    for (size_t i = 0; i < ITEMS_MAX; i++) {
        tsec_buf_done(&f->items[i]);
    }
    free(f);
}

static void
run(const struct subject *subject, const char *kind)
{
    json_t *bases[BASES_MAX] = { NULL };
    struct fields *f = fields_new();
    char *line = NULL;
    size_t cap = 0;

    while (getline(&line, &cap, stdin) > 0) {
        json_t *o = json_loads(line, 0, NULL);
        const json_int_t n = json_integer_value(json_object_get(o, "base"));
        const json_t *number = json_object_get(o, "case");

        if (o == NULL || n < 0 || n >= BASES_MAX) {
            (void)fprintf(stderr, "not a case\n");
            exit(1);
        }
        if (number == NULL) {
            bases[n] = o;
            continue;
        }
        read_fields(json_object_get(bases[n], "fields"), json_object_get(o, "set"), f);
        judge(subject, kind, f, json_integer_value(json_object_get(bases[n], "now")),
              json_integer_value(number));
        json_decref(o);
    }
    for (size_t i = 0; i < BASES_MAX; i++) {
        json_decref(bases[i]);
    }
    fields_free(f);
    free(line);
}

int
main(int argc, char **argv)
{
    struct subject subject = { NULL, NULL };
    struct tsec_err err = { 0 };

    if (argc != 2) {
        (void)fprintf(stderr, "usage: ours nitro|snp|quote|maa <CASES\n");
        return 1;
    }
    if (tsec_failed(tsec_crypto_setup(&err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return 1;
    }
    subject.ops =
        strcmp(argv[1], "nitro") == 0 ? attest_nitro_plugin.attest : attest_maa_plugin.attest;
    if (tsec_failed(subject.ops->open(&host, &subject.attest, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return 1;
    }
    run(&subject, argv[1]);
    subject.ops->close(subject.attest);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/attest_bench.h"

#include <stdio.h>

#include "appraisal/binding.h"
#include "audit/entry.h"
#include "base/base64.h"
#include "load/loader.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

static const struct tsec_attest_ops *ops;

static void
load(void)
{
    const struct tsec_plugin *plugin = NULL;

    if (ops == NULL) {
        CU_ASSERT_EQUAL_FATAL(
            tsec_plugin_load(PLUGIN_DIR, "attest-sim", TSEC_PLUGIN_ATTEST, &plugin, NULL).code, 0);
        ops = plugin->attest;
    }
}

/* ---- TEEs ---- */

void
sim_tee_open(struct sim_tee *tee, const char *measurement, bool debug, const char *svn)
{
    static char dir[256];
    size_t n = 0;

    load();
    *tee = (struct sim_tee){ .attest = NULL };
    temp_path("sim", dir, sizeof(dir));
    tee->settings[n++] = "state_dir";
    tee->settings[n++] = dir;
    tee->settings[n++] = "debug";
    tee->settings[n++] = debug ? "true" : "false";
    if (measurement != NULL) {
        tee->settings[n++] = "measurement";
        tee->settings[n++] = measurement;
    }
    if (svn != NULL) {
        tee->settings[n++] = "svn";
        tee->settings[n++] = svn;
    }
    fake_host_init(&tee->host, tee->settings);
    CU_ASSERT_EQUAL_FATAL(ops->open(&tee->host.host, &tee->attest, NULL).code, 0);
}

void
sim_tee_close(struct sim_tee *tee)
{
    ops->close(tee->attest);
    tee->attest = NULL;
}

void
sim_tee_prove(struct sim_tee *tee, const struct api_bench *api, struct tsec_span nonce,
              struct tsec_span spki, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&evidence);
    struct tsec_evidence_request request;
    const char *format = NULL;

    tee->host.now = tsec_clock_real_ns(&api->node.clock.clock) / TSEC_NS_PER_S;
    tsec_binding_release_request("sim", nonce, spki, &request);
    CU_ASSERT_EQUAL_FATAL(ops->evidence(tee->attest, &request, &format, &sink, NULL).code, 0);
    tsec_base64_append(out, TSEC_BASE64_STD, tsec_buf_span(&evidence));
}

/* ---- servers ---- */

void
attest_bench_allow(struct attest_bench *bench, const char *const *entries, size_t n, bool debug)
{
    const struct admission_policy policy = { .allow_simulated = true,
                                             .allow_debug = debug,
                                             .max_age_s = 300 };
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;
    struct tsec_span spans[8];

    CU_ASSERT_FATAL(n <= TSEC_ARRAY_LEN(spans));
    for (size_t i = 0; i < n; i++) {
        spans[i] = tsec_span_str(entries[i]);
    }
    CU_ASSERT_EQUAL_FATAL(allowlist_new(spans, n, &list, NULL).code, 0);
    appraiser_set_policy(bench->appraiser, &policy, list);
}

void
attest_bench_open(struct attest_bench *bench, const char *uri)
{
    const struct admission_policy none = { .max_age_s = 300 };

    load();
    api_bench_open(&bench->api, uri);
    sim_tee_open(&bench->verifier, NULL, false, NULL);

    const struct verifier item = { "attest-sim", ops, bench->verifier.attest };

    CU_ASSERT_EQUAL_FATAL(verifiers_new(&item, 1, &bench->verifiers, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(
        appraiser_new(bench->verifiers, &none, NULL, &bench->appraiser, NULL).code, 0);
    attest_bench_allow(bench, NULL, 0, false);
    bench->api.api->options.appraiser = bench->appraiser;
}

void
attest_bench_join(struct api_bench *second, const char *uri, const struct attest_bench *first)
{
    api_bench_join(second, uri, &first->api);
    second->api->options.appraiser = first->appraiser;
}

void
attest_bench_close(struct attest_bench *bench)
{
    api_bench_close(&bench->api);
    appraiser_free(bench->appraiser);
    verifiers_free(bench->verifiers);
    sim_tee_close(&bench->verifier);
}

/* ---- requests ---- */

void
bench_challenge(struct api_bench *api, struct bench_challenge *out)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(CHALLENGE_LEN);

    CU_ASSERT_EQUAL_FATAL(api_bench_call(api, API_POST, "/v1/tee/challenge", NULL, NULL), 200);
    (void)snprintf(out->text, sizeof(out->text), "%s", api_bench_str(api, "data.nonce"));
    CU_ASSERT_EQUAL_FATAL(
        tsec_base64_decode(&bytes, TSEC_BASE64_URL, tsec_span_str(out->text), NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(bytes.len, CHALLENGE_LEN);
    memcpy(out->nonce, bytes.ptr, CHALLENGE_LEN);
}

struct in_call {
    struct api_bench *api;
    struct bench_run *bench;
    struct tsec_arena *arena; /* of the request: it outlives the runs */
    struct api_ahead ahead;
    const struct appraisal *appraised;
};

static tsec_rc
run_call(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct in_call *in = ctx;
    struct bench_run *bench = in->bench;
    struct api_request req = { .arena = in->arena,
                               .id = "11111111-2222-3333-4444-555555555555",
                               .remote = "127.0.0.1",
                               .received_ns = txn_now(txn) };
    struct api_call call = { .api = in->api->api,
                             .req = &req,
                             .reply = &bench->reply,
                             .txn = txn,
                             .ahead = &in->ahead,
                             .appraised = &in->appraised };
    tsec_rc rc;

    bench->runs++;
    in->ahead.threads = bench->threads;
    in->ahead.may_park = bench->threads;
    api_reply_reset(&bench->reply);
    rc = bench->run(bench, &call, err);
    (void)snprintf(bench->reason, sizeof(bench->reason), "%s",
                   call.evidence == NULL || call.evidence->reason == NULL ? ""
                                                                          : call.evidence->reason);
    return rc;
}

tsec_rc
bench_in_call(struct api_bench *api, struct bench_run *bench)
{
    struct in_call in = { .api = api, .bench = bench };
    tsec_rc rc = TSEC_OK;

    bench->runs = 0;
    CU_ASSERT_EQUAL_FATAL(tsec_arena_new((size_t)16 * 1024 * 1024, &in.arena, NULL).code, 0);
    api_reply_init(&bench->reply);
    do {
        if (in.ahead.parked != NULL) {
            api_ahead_work(&in.ahead);
        }
        CU_ASSERT_EQUAL(node_bench_do(&api->node, run_call, &in, &rc, NULL, NULL).code, 0);
    } while (in.ahead.parked != NULL && bench->runs < 8);
    api_ahead_drop(&in.ahead);
    api_reply_done(&bench->reply);
    tsec_arena_free(in.arena);
    return rc;
}

void
bench_proof(const struct tsec_buf *evidence, const struct bench_challenge *challenge,
            struct tsec_span spki, const char *more, struct tsec_buf *out)
{
    tsec_buf_reset(out);
    tsec_buf_printf(out, "{%s,\"format\":\"sim-v1\",\"nonce\":\"%s\",\"recipient\":\"", more,
                    challenge->text);
    tsec_base64_append(out, TSEC_BASE64_STD, spki);
    tsec_buf_put_str(out, "\",\"evidence\":\"");
    tsec_buf_put_span(out, tsec_buf_span(evidence));
    tsec_buf_put_str(out, "\"}");
    tsec_buf_put_byte(out, '\0');
    CU_ASSERT_EQUAL_FATAL(tsec_buf_check(out, NULL).code, 0);
}

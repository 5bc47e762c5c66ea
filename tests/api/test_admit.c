/* SPDX-License-Identifier: Apache-2.0 */
#include "api/admit.h"

#include "appraisal/binding.h"
#include "audit/entry.h"
#include "core/strings.h"
#include "tests/api/login_bench.h"

#define ROLE_PATH "/v1/auth/attest/role/worker"

static struct tsec_buf raw; /* evidence of `tee` for `spki` and this nonce */
static uint8_t nonce[CHALLENGE_LEN];

/* One decision about that evidence. */
struct decision {
    struct bench_run bench; /* first */
    const char *role;
    const char *mode;
    const char *mount; /* NULL: the default */
    bool other_nonce;
    void (*meanwhile)(void); /* between the appraisal and the decision */
    int64_t later_s;         /* decided by the claims alone, so much later */
    /* what came of it */
    char keys[256];
    char match[256];
    char reason[64];
    bool role_found;
    uint64_t appraisals;
};

static void
note(struct decision *d, const struct api_admitted *who)
{
    size_t len = 0;

    for (size_t i = 0; i < who->attest.len; i++) {
        len += (size_t)snprintf(d->keys + len, sizeof(d->keys) - len, "%s ", who->attest.keys[i]);
        CU_ASSERT_TRUE(i == 0 || strcmp(who->attest.keys[i - 1], who->attest.keys[i]) < 0);
    }
    d->role_found = who->role != NULL;
    (void)snprintf(d->match, sizeof(d->match), "%s", who->match == NULL ? "" : who->match);
}

static tsec_rc
decide(struct bench_run *bench, struct api_call *call, struct tsec_err *err)
{
    struct decision *d = (struct decision *)(void *)bench;
    struct tsec_binding_expect *expect = tsec_arena_alloc(call->req->arena, sizeof(*expect));
    struct api_admit_ask ask = { .role = d->role, .mode = d->mode == NULL ? "fresh" : d->mode };
    const struct appraisal *appraisal = NULL;
    struct api_request later;
    struct api_admitted who;

    tsec_binding_release_expect(
        "sim-v1", tsec_span(nonce, d->other_nonce ? sizeof(nonce) - 1 : sizeof(nonce)),
        tsec_buf_span(&spki), expect);
    ask.evidence = (struct appraiser_request){ .format = "sim-v1",
                                               .evidence = tsec_buf_span(&raw),
                                               .binding = expect->binding,
                                               .nonce = expect->nonce,
                                               .public_key = expect->public_key };
    TSEC_TRY(api_admit_mount(call, d->mount, &ask.mount, err));
    TSEC_TRY(api_appraise(call, &ask.evidence, true, &appraisal, err));
    if (d->meanwhile != NULL) {
        d->meanwhile();
    }
    if (d->later_s == 0) {
        TSEC_TRY(api_admit(call, &ask, &who, err));
    } else {
        later = *call->req;
        later.received_ns += d->later_s * TSEC_NS_PER_S;
        call->req = &later;
        TSEC_TRY(api_admit_claims(call, appraisal, &ask, &who, err));
    }
    note(d, &who);
    CU_ASSERT_STRING_EQUAL(call->evidence->verdict, "genuine");
    return TSEC_OK;
}

static void
begin_admit(void)
{
    begin();
    memset(nonce, 9, sizeof(nonce));
    tsec_buf_init(&raw, TSEC_EVIDENCE_MAX);
    tsec_buf_reset(&evidence);
    sim_tee_prove(&tee, &b.api, tsec_span(nonce, sizeof(nonce)), tsec_buf_span(&spki), &evidence);
    CU_ASSERT_EQUAL_FATAL(
        tsec_base64_decode(&raw, TSEC_BASE64_STD, tsec_buf_span(&evidence), NULL).code, 0);
}

static void
end_admit(void)
{
    tsec_buf_done(&raw);
    end();
}

static bool
admitted(struct decision *d)
{
    d->bench.run = decide;
    d->bench.threads = true;
    d->keys[0] = '\0';

    const tsec_rc rc = bench_in_call(&b.api, &d->bench);

    CU_ASSERT_TRUE(rc.code == 0 || rc.code == TSEC_E_DENIED);
    return rc.code == 0;
}

static bool
refused_for(struct decision *d, const char *reason)
{
    return !admitted(d) && strcmp(d->bench.reason, reason) == 0;
}

static void
without_a_role_the_server_s_list_decides_alone(void)
{
    struct decision d = { .role = NULL };

    begin_admit();
    CU_ASSERT_TRUE(admitted(&d));
    CU_ASSERT_FALSE(d.role_found);
    CU_ASSERT_STRING_EQUAL(d.keys, "entry format instance measurement mode tee ");
    d.role = "";
    CU_ASSERT_TRUE(admitted(&d));
    CU_ASSERT_FALSE(d.role_found);
    end_admit();
}

static void
with_a_role_it_is_told_what_a_token_rests_on(void)
{
    struct decision d = { .role = "worker" };

    begin_admit();
    CU_ASSERT_TRUE(admitted(&d));
    CU_ASSERT_TRUE(d.role_found);
    CU_ASSERT_STRING_EQUAL(d.match, "sim:measurement=" IMAGE_A);
    CU_ASSERT_STRING_EQUAL(d.keys, "entry format instance match measurement mode mount role tee ");
    d.mount = "attest/";
    CU_ASSERT_TRUE(admitted(&d));
    end_admit();
}

static void
a_role_that_is_none_is_refused_after_the_evidence_was_looked_at(void)
{
    static const char *const mounts[] = { "approle", "token", "nowhere", "a//b", "..", "secret" };
    struct decision d = { .role = "nobody" };

    begin_admit();
    CU_ASSERT_TRUE(refused_for(&d, "role-unknown"));
    CU_ASSERT_EQUAL(appraiser_count(b.appraiser, 0, TSEC_REASON_NONE), 1);
    d.role = "a/b";
    CU_ASSERT_TRUE(refused_for(&d, "role-unknown"));
    d.role = "worker";
    for (size_t i = 0; i < TSEC_ARRAY_LEN(mounts); i++) {
        d.mount = mounts[i];
        CU_ASSERT_TRUE(refused_for(&d, "role-unknown"));
    }
    d.role = "nobody";
    d.other_nonce = true;
    d.mount = NULL;
    CU_ASSERT_FALSE(admitted(&d));
    CU_ASSERT_STRING_NOT_EQUAL(d.bench.reason, "role-unknown");
    end_admit();
}

static void
evidence_is_appraised_once_by_a_worker_however_often_a_handler_runs(void)
{
    struct decision d = { .role = "worker" };

    begin_admit();
    CU_ASSERT_TRUE(admitted(&d));
    CU_ASSERT_EQUAL(d.bench.runs, 2); /* the first was given up: no lock is held while it works */
    CU_ASSERT_EQUAL(appraiser_count(b.appraiser, 0, TSEC_REASON_NONE), 1);
    end_admit();
}

static void
take_it_off_the_list(void)
{
    static const char *const entries[] = { "sim:measurement=" IMAGE_B };

    attest_bench_allow(&b, entries, 1, false);
}

static void
forbid_simulated(void)
{
    const struct admission_policy policy = { .max_age_s = 300 };

    appraiser_set_policy(b.appraiser, &policy, NULL);
}

static void
what_is_taken_off_the_list_meanwhile_is_refused(void)
{
    struct decision d = { .role = "worker", .meanwhile = take_it_off_the_list };

    begin_admit();
    CU_ASSERT_TRUE(refused_for(&d, "measurement-removed"));
    attest_bench_allow(&b, NULL, 0, false);
    d.meanwhile = forbid_simulated;
    CU_ASSERT_TRUE(refused_for(&d, "measurement-removed"));
    end_admit();
}

static void
claims_made_earlier_are_held_against_the_role_as_it_is_now(void)
{
    struct decision d = { .role = "worker", .later_s = 3000 };

    begin_admit();
    CU_ASSERT_TRUE(admitted(&d));
    write_role("worker", "{\"max_evidence_age\":2999}");
    CU_ASSERT_TRUE(refused_for(&d, "role-age"));
    write_role("worker", "{\"max_evidence_age\":3000}");
    CU_ASSERT_TRUE(admitted(&d));
    write_role("worker", "{\"match\":[\"sim:measurement=" IMAGE_B "\"]}");
    CU_ASSERT_TRUE(refused_for(&d, "role-measurement"));
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_DELETE, ROLE_PATH, NULL), 204);
    CU_ASSERT_TRUE(refused_for(&d, "role-unknown"));
    d.role = NULL;
    CU_ASSERT_TRUE(admitted(&d));
    end_admit();
}

static void
a_mode_that_the_role_does_not_take_is_refused(void)
{
    struct decision d = { .role = "worker", .mode = "identity" };

    begin_admit();
    CU_ASSERT_TRUE(refused_for(&d, "role-mode"));
    write_role("worker", "{\"modes\":[\"identity\"]}");
    CU_ASSERT_TRUE(admitted(&d));
    end_admit();
}

static void
evidence_that_is_not_what_was_asked_for_is_refused(void)
{
    struct decision d = { .role = "worker", .other_nonce = true };

    begin_admit();
    CU_ASSERT_TRUE(refused_for(&d, "binding"));
    raw.ptr[raw.len - 8] ^= 1;
    d.other_nonce = false;
    CU_ASSERT_FALSE(admitted(&d));
    end_admit();
}

static const struct test_case cases[] = {
    { "without a role the server's list decides alone",
      without_a_role_the_server_s_list_decides_alone },
    { "with a role it is told what a token rests on",
      with_a_role_it_is_told_what_a_token_rests_on },
    { "a role that is none is refused after the evidence was looked at",
      a_role_that_is_none_is_refused_after_the_evidence_was_looked_at },
    { "evidence is appraised once, by a worker, however often a handler runs",
      evidence_is_appraised_once_by_a_worker_however_often_a_handler_runs },
    { "what is taken off the list meanwhile is refused",
      what_is_taken_off_the_list_meanwhile_is_refused },
    { "claims made earlier are held against the role as it is now",
      claims_made_earlier_are_held_against_the_role_as_it_is_now },
    { "a mode that the role does not take is refused",
      a_mode_that_the_role_does_not_take_is_refused },
    { "evidence that is not what was asked for is refused",
      evidence_that_is_not_what_was_asked_for_is_refused },
};

TEST_MAIN("api/admit", cases)

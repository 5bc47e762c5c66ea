/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_refresh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/crypto.h"
#include "tests/double/fake_host.h"
#include "tests/double/temp_dir.h"
#include "tests/mint/mint_maa.h"
#include "tests/plugins/https_double.h"
#include "tests/test.h"

/* A plugin's insides, and the service it asks. */
struct rig {
    struct https_double server;
    struct fake_host host;
    struct maa_settings settings;
    struct kept *kept;
    struct maa_refresh *refresh;
    char cache[256];
    char issuer[128];
    char intel[128];
    char root_crl[128];
    struct tsec_buf jwks;
    struct tsec_buf crl;
};

static struct rig rig;
static unsigned rigs;

static void
say(const char *path, unsigned status, struct tsec_span body)
{
    struct https_page page = { .status = status, .body = body };

    (void)snprintf(page.path, sizeof(page.path), "%s", path);
    https_double_page(&rig.server, &page);
}

/* A CRL is collateral whoever signed it: that is checked when it is used. */
static void
mint_documents(void)
{
    const struct mint_maa_jwk jwk = mint_maa_jwk();
    const struct mint_crl_spec crl = { .issuer_cn = "Test Root",
                                       .this_update = MINT_MAA_NOW - 60,
                                       .next_update = MINT_MAA_NOW + 86400,
                                       .md = "SHA256" };
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);

    tsec_buf_init(&rig.jwks, MINT_MAA_JWKS_MAX);
    tsec_buf_init(&rig.crl, 8192);
    mint_maa_jwks(&jwk, 1, &rig.jwks);
    mint_crl(&crl, key, &rig.crl);
}

static void
open_refresh(void)
{
    CU_ASSERT_EQUAL_FATAL(kept_new(&rig.kept, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL_FATAL(
        maa_refresh_new(&rig.host.host, &rig.settings, rig.kept, &rig.refresh, NULL).code,
        TSEC_OK_CODE);
}

static void
close_refresh(void)
{
    maa_refresh_free(rig.refresh);
    kept_free(rig.kept);
    rig.refresh = NULL;
    rig.kept = NULL;
}

static void
start(void)
{
    char name[32];
    char ca_file[256];

    memset(&rig, 0, sizeof(rig));
    temp_path("ca.pem", ca_file, sizeof(ca_file));
    https_double_start(&rig.server, ca_file);
    (void)snprintf(name, sizeof(name), "cache%u", rigs++);
    temp_path(name, rig.cache, sizeof(rig.cache));
    CU_ASSERT_EQUAL_FATAL(mkdir(rig.cache, 0700), 0);
    (void)snprintf(rig.issuer, sizeof(rig.issuer), "%s", rig.server.url);
    (void)snprintf(rig.intel, sizeof(rig.intel), "%s/sgx/certification/v4", rig.server.url);
    (void)snprintf(rig.root_crl, sizeof(rig.root_crl), "%s/root.der", rig.server.url);
    fake_host_init(&rig.host, NULL);
    rig.settings.issuer = rig.issuer;
    rig.settings.collateral_cache = rig.cache;
    rig.settings.ca_file = rig.server.ca_file;
    mint_documents();
    say("/certs", 200, tsec_buf_span(&rig.jwks));
    open_refresh();
}

static void
stop(void)
{
    close_refresh();
    https_double_stop(&rig.server);
    tsec_buf_done(&rig.jwks);
    tsec_buf_done(&rig.crl);
}

static size_t
usable_keys(void)
{
    const struct kept_view *view = kept_hold(rig.kept);
    const size_t n = maa_jwks_usable(view->keys);

    kept_release(rig.kept, view);
    return n;
}

static size_t
kept_crls(void)
{
    const struct kept_view *view = kept_hold(rig.kept);
    const size_t n = collateral_crls(view->collateral);

    kept_release(rig.kept, view);
    return n;
}

static bool
health_says(int32_t code, const char *words)
{
    struct tsec_err err = { 0 };
    const tsec_rc rc = maa_refresh_health(rig.refresh, &err);

    if (rc.code == code && strstr(err.detail, words) != NULL) {
        return true;
    }
    (void)fprintf(stderr, "wanted %d \"%s\", got %d \"%s\"\n", code, words, rc.code, err.detail);
    return false;
}

/* ---- token keys ---- */

static void
keys_are_fetched_kept_and_there_after_a_restart(void)
{
    start();
    CU_ASSERT_EQUAL(usable_keys(), 0);
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(usable_keys(), 1);
    rig.host.now += 3600;
    CU_ASSERT_TRUE(health_says(TSEC_OK_CODE, "token keys 3600 s old"));
    close_refresh();
    open_refresh();
    CU_ASSERT_EQUAL(usable_keys(), 1);
    CU_ASSERT_TRUE(health_says(TSEC_OK_CODE, "token keys 3600 s old"));
    stop();
}

static void
keys_of_an_issuer_set_before_are_not_used(void)
{
    start();
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    close_refresh();
    rig.settings.issuer = "https://other.weu.attest.azure.net";
    open_refresh();
    CU_ASSERT_EQUAL(usable_keys(), 0);
    close_refresh();
    rig.settings.issuer = NULL;
    open_refresh();
    CU_ASSERT_EQUAL(usable_keys(), 0);
    stop();
}

static void
it_asks_no_more_than_once_a_minute(void)
{
    start();
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    }
    CU_ASSERT_EQUAL(https_double_asked(&rig.server, "/certs"), 1);
    rig.host.now += MAA_REFRESH_PAUSE_S - 1;
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(https_double_asked(&rig.server, "/certs"), 1);
    rig.host.now += 1;
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(https_double_asked(&rig.server, "/certs"), 2);
    stop();
}

static void
a_failure_keeps_what_is_there_and_shows(void)
{
    static const struct {
        unsigned status;
        const char *body;
    } failures[] = { { 500, "no" }, { 404, "" },           { 200, "{\"keys\":[]}" },
                     { 200, "" },   { 200, "{\"keys\":" }, { 302, "" } };

    start();
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(failures); i++) {
        say("/certs", failures[i].status, tsec_span_str(failures[i].body));
        rig.host.now += MAA_REFRESH_PAUSE_S;
        CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_E_UNAVAILABLE);
        CU_ASSERT_EQUAL(usable_keys(), 1);
        CU_ASSERT_TRUE(health_says(TSEC_OK_CODE, "not refreshed: "));
    }
    rig.host.now += MAA_REFRESH_KEYS_S;
    CU_ASSERT_TRUE(health_says(TSEC_E_UNAVAILABLE, "token keys 86"));
    say("/certs", 200, tsec_buf_span(&rig.jwks));
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(health_says(TSEC_OK_CODE, "token keys 0 s old"));
    stop();
}

static void
a_service_that_is_gone_shows(void)
{
    char ca_file[256];

    start();
    https_double_stop(&rig.server);
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(health_says(TSEC_E_UNAVAILABLE, "not refreshed: https://localhost"));
    CU_ASSERT_TRUE(rig.host.warnings >= 1);
    temp_path("ca.pem", ca_file, sizeof(ca_file));
    https_double_start(&rig.server, ca_file);
    stop();
}

static void
without_a_folder_nothing_is_asked(void)
{
    start();
    close_refresh();
    rig.settings.collateral_cache = NULL;
    open_refresh();
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(https_double_asked(&rig.server, "/certs"), 0);
    CU_ASSERT_TRUE(health_says(TSEC_OK_CODE, ""));
    stop();
}

/* ---- collateral ---- */

static void
start_with_intel(void)
{
    start();
    close_refresh();
    rig.settings.intel_url = rig.intel;
    rig.settings.intel_root_crl_url = rig.root_crl;
    say("/sgx/certification/v4/pckcrl?ca=processor&encoding=der", 200, tsec_buf_span(&rig.crl));
    say("/sgx/certification/v4/pckcrl?ca=platform&encoding=der", 200, tsec_buf_span(&rig.crl));
    say("/root.der", 200, tsec_buf_span(&rig.crl));
    open_refresh();
}

static void
intels_documents_are_fetched_for_machines_that_were_seen(void)
{
    static const uint8_t fmspc[] = { 0x00, 0x90, 0x6e, 0xd5, 0x00, 0x00 };
    static const char tcb[] = "/sgx/certification/v4/tcb?fmspc=00906ed50000";

    start_with_intel();
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(kept_crls(), 1); /* the same one three times */
    CU_ASSERT_EQUAL(https_double_asked(&rig.server, tcb), 0);
    CU_ASSERT_EQUAL(https_double_asked(&rig.server, "/sgx/certification/v4/qe/identity"), 1);
    maa_refresh_seen(rig.refresh, fmspc);
    maa_refresh_seen(rig.refresh, fmspc);
    rig.host.now += MAA_REFRESH_PAUSE_S;
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(https_double_asked(&rig.server, tcb), 1);
    CU_ASSERT_EQUAL(https_double_asked(&rig.server, "/tdx/certification/v4/tcb?fmspc=00906ed50000"),
                    1);
    stop();
}

static void
one_that_fails_does_not_hold_up_the_others(void)
{
    start_with_intel();
    say("/sgx/certification/v4/pckcrl?ca=processor&encoding=der", 503, tsec_span_str("later"));
    say("/certs", 503, tsec_span_str("later"));
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(kept_crls(), 1);
    CU_ASSERT_EQUAL(usable_keys(), 0);
    stop();
}

static void
what_was_given_stays_beside_what_was_fetched(void)
{
    static const uint8_t loose[64] = { 1 };

    start_with_intel();
    CU_ASSERT_EQUAL(kept_give(rig.kept, tsec_span(loose, sizeof(loose)), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);

    const struct kept_view *view = kept_hold(rig.kept);

    CU_ASSERT_EQUAL(collateral_signatures(view->collateral), 1);
    CU_ASSERT_EQUAL(collateral_crls(view->collateral), 1);
    kept_release(rig.kept, view);
    stop();
}

static void
a_damaged_file_is_left_aside(void)
{
    char path[300];
    FILE *file;

    start_with_intel();
    CU_ASSERT_EQUAL(maa_refresh_run(rig.refresh, NULL).code, TSEC_OK_CODE);
    close_refresh();
    (void)snprintf(path, sizeof(path), "%s/jwks", rig.cache);
    file = fopen(path, "ae");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(fputs("x", file) >= 0 && fclose(file) == 0);
    rig.host.warnings = 0;
    open_refresh();
    CU_ASSERT_EQUAL(rig.host.warnings, 1);
    CU_ASSERT_EQUAL(usable_keys(), 0);
    CU_ASSERT_EQUAL(kept_crls(), 1);
    stop();
}

static const struct test_case cases[] = {
    { "keys are fetched, kept, and there after a restart",
      keys_are_fetched_kept_and_there_after_a_restart },
    { "keys of an issuer set before are not used", keys_of_an_issuer_set_before_are_not_used },
    { "it asks no more than once a minute", it_asks_no_more_than_once_a_minute },
    { "a failure keeps what is there and shows", a_failure_keeps_what_is_there_and_shows },
    { "a service that is gone shows", a_service_that_is_gone_shows },
    { "without a folder nothing is asked", without_a_folder_nothing_is_asked },
    { "Intel's documents are fetched for machines that were seen",
      intels_documents_are_fetched_for_machines_that_were_seen },
    { "one that fails does not hold up the others", one_that_fails_does_not_hold_up_the_others },
    { "what was given stays beside what was fetched",
      what_was_given_stays_beside_what_was_fetched },
    { "a damaged file is left aside", a_damaged_file_is_left_aside },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("maa-refresh", cases, TSEC_ARRAY_LEN(cases));
}

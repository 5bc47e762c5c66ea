/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/doctor.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/listen.h"
#include "tests/conf/sample.h"
#include "tests/double/temp_dir.h"

static struct doctor_report report;

/* What is found of a simulated server with these settings. */
static void
look(const char *provider, const char *uri, const char *more)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };
    char text[4096];

    (void)snprintf(text, sizeof(text),
                   "backend:\n  type: tee\n  tee:\n    provider: %s\n"
                   "    azure_cc: {tee_type: sevsnp}\n"
                   "    attestation: {allow_simulated: true}\n"
                   "    storage: {database_uri: \"%s\"}\n"
                   "state_dir: \"%s\"\n%s",
                   provider, uri, temp_dir(), more);
    report = (struct doctor_report){ .len = 0 };
    if (tsec_failed(sample_parse(text, &conf, &err))) {
        (void)fprintf(stderr, "\n  %s\n", err.detail);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    doctor_machine(conf, &report);
    doctor_services(conf, &report);
}

static bool
found(enum doctor_state state, const char *check, const char *part)
{
    for (size_t i = 0; i < report.len; i++) {
        const struct doctor_line *line = &report.lines[i];

        if (line->state == state && strcmp(line->check, check) == 0
            && strstr(line->found, part) != NULL
            && (state == DOCTOR_OK || line->advice[0] != '\0')) {
            return true;
        }
    }
    (void)fprintf(stderr, "\n  no line of state %d: %s: %s\n", (int)state, check, part);
    for (size_t i = 0; i < report.len; i++) {
        (void)fprintf(stderr, "  %d %s: %s\n", (int)report.lines[i].state, report.lines[i].check,
                      report.lines[i].found);
    }
    return false;
}

static void
settings(char *out, size_t len, const char *socket, const char *more)
{
    (void)snprintf(out, len, "plugins: {dir: \"%s\"%s}\nserver: {listen: [\"unix://%s/%s\"]}\n",
                   PLUGIN_DIR, more, temp_dir(), socket);
}

static void
sqlite_uri(char *out, size_t len, const char *name)
{
    (void)snprintf(out, len, "sqlite:%s/%s", temp_dir(), name);
}

static void
what_works_is_said_to_work(void)
{
    char uri[256];
    char more[1024];

    sqlite_uri(uri, sizeof(uri), "good.db");
    settings(more, sizeof(more), "free", "");
    look("simulated", uri, more);
    CU_ASSERT_EQUAL(report.failed, 0);
    CU_ASSERT_TRUE(found(DOCTOR_OK, "memlock", "KiB"));
    CU_ASSERT_TRUE(found(DOCTOR_OK, "state", "can be written"));
    CU_ASSERT_TRUE(found(DOCTOR_WARN, "device", "simulated"));
    CU_ASSERT_TRUE(found(DOCTOR_OK, "evidence", "sim-v1"));
    CU_ASSERT_TRUE(found(DOCTOR_OK, "plugins", "attest-nitro"));
    CU_ASSERT_TRUE(found(DOCTOR_OK, "collateral", "attest-maa"));
    CU_ASSERT_TRUE(found(DOCTOR_OK, "store", "store-sqlite"));
    CU_ASSERT_TRUE(found(DOCTOR_OK, "listener", "free"));
}

static void
a_database_that_is_away_or_taken_is_told_at_once(void)
{
    char more[1024];

    settings(more, sizeof(more), "a", "");
    look("simulated", "postgresql://u:hunter2@127.0.0.1:1/x", more);
    CU_ASSERT_EQUAL(report.failed, 1);
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "store", "connect"));
    for (size_t i = 0; i < report.len; i++) {
        CU_ASSERT_PTR_NULL(strstr(report.lines[i].found, "hunter2"));
    }
    look("simulated", "sqlite:/nonexistent/folder/x.db", more);
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "store", "/nonexistent/folder"));
}

static void
an_address_that_somebody_has_cannot_be_listened_on_and_stays_theirs(void)
{
    struct listen_socket theirs = { .fd = -1 };
    char uri[256];
    char more[1024];
    char address[512];

    sqlite_uri(uri, sizeof(uri), "taken.db");
    settings(more, sizeof(more), "taken", "");
    (void)snprintf(address, sizeof(address), "unix://%s/taken", temp_dir());
    CU_ASSERT_FALSE_FATAL(tsec_failed(listen_open(address, &theirs, NULL)));
    look("simulated", uri, more);
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "listener", "another process"));
    CU_ASSERT_EQUAL(access(address + strlen("unix://"), F_OK), 0);
    listen_close(&theirs);
    look("simulated", uri, more);
    CU_ASSERT_TRUE(found(DOCTOR_OK, "listener", "free"));
}

static void
a_plugin_that_is_not_there_is_named(void)
{
    char uri[256];
    char more[512];

    sqlite_uri(uri, sizeof(uri), "p.db");
    (void)snprintf(more, sizeof(more),
                   "plugins: {dir: \"%s\"}\nserver: {listen: [\"unix://%s/p\"]}\n", temp_dir(),
                   temp_dir());
    look("simulated", uri, more);
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "plugins", "attest-sim"));
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "store", "store-sqlite"));
}

static void
a_tee_without_its_device_cannot_make_evidence(void)
{
    char uri[256];
    char more[1024];

    if (access("/dev/nsm", F_OK) == 0) {
        return; /* it has one */
    }
    sqlite_uri(uri, sizeof(uri), "n.db");
    settings(more, sizeof(more), "n", "");
    look("aws_nitro", uri, more);
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "device", "/dev/nsm"));
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "evidence", "none can be made"));
}

static void
a_way_out_that_leads_nowhere_is_named(void)
{
    struct listen_socket parent = { .fd = -1 };
    char uri[256];
    char more[2048];
    char address[512];
    size_t len;

    sqlite_uri(uri, sizeof(uri), "e.db");
    settings(more, sizeof(more), "e", "");
    len = strlen(more);
    (void)snprintf(address, sizeof(address), "unix://%s/parent", temp_dir());
    CU_ASSERT_FALSE_FATAL(tsec_failed(listen_open(address, &parent, NULL)));
    (void)snprintf(more + len, sizeof(more) - len,
                   "egress: {\"gone.example:443\": \"unix:%s/gone\", "
                   "\"here.example:443\": \"unix:%s/parent\"}\n",
                   temp_dir(), temp_dir());
    look("simulated", uri, more);
    listen_close(&parent);
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "egress", "gone.example:443"));
    CU_ASSERT_TRUE(found(DOCTOR_OK, "egress", "here.example:443"));
}

static void
collateral_that_is_missing_is_noticed(void)
{
    char uri[256];
    char empty[256];
    char more[1024];
    char plugin[512];

    temp_path("collateral", empty, sizeof(empty));
    CU_ASSERT_EQUAL_FATAL(mkdir(empty, 0700), 0);
    sqlite_uri(uri, sizeof(uri), "c.db");
    (void)snprintf(plugin, sizeof(plugin), ", attest-maa: {collateral_dir: \"%s\"}", empty);
    settings(more, sizeof(more), "c", plugin);
    look("simulated", uri, more);
    CU_ASSERT_TRUE(found(DOCTOR_WARN, "collateral", "is empty"));
}

static void
a_file_that_does_not_load_is_one_line(void)
{
    struct tsec_conf *conf = NULL;

    report = (struct doctor_report){ .len = 0 };
    doctor_config("/nonexistent.yaml", &conf, &report);
    CU_ASSERT_PTR_NULL(conf);
    CU_ASSERT_EQUAL(report.len, 1);
    CU_ASSERT_TRUE(found(DOCTOR_FAIL, "configuration", "/nonexistent.yaml"));
}

static const struct test_case cases[] = {
    { "what works is said to work", what_works_is_said_to_work },
    { "a database that is away or taken is told at once",
      a_database_that_is_away_or_taken_is_told_at_once },
    { "an address that somebody has cannot be listened on, and stays theirs",
      an_address_that_somebody_has_cannot_be_listened_on_and_stays_theirs },
    { "a plugin that is not there is named", a_plugin_that_is_not_there_is_named },
    { "a TEE without its device cannot make evidence",
      a_tee_without_its_device_cannot_make_evidence },
    { "a way out that leads nowhere is named", a_way_out_that_leads_nowhere_is_named },
    { "collateral that is missing is noticed", collateral_that_is_missing_is_noticed },
    { "a file that does not load is one line", a_file_that_does_not_load_is_one_line },
};

TEST_MAIN("boot/doctor", cases)

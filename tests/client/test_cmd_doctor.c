/* SPDX-License-Identifier: Apache-2.0 */
/* How tee-secretsd is found, asked and believed; tests/e2e/cli.sh has the real one. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/settings.h"
#include "tests/client/run_cli.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

static struct cli_run run;

/* A program of that name, first in the PATH. */
static void
put_daemon(const char *script)
{
    char folder[256];
    char path[256];

    temp_path("", folder, sizeof(folder));
    temp_path("tee-secretsd", path, sizeof(path));
    CU_ASSERT_FALSE_FATAL(tsec_failed(cli_file_replace(path, tsec_span_str(script), NULL)));
    CU_ASSERT_EQUAL_FATAL(chmod(path, 0700), 0);
    CU_ASSERT_EQUAL_FATAL(setenv("PATH", folder, 1), 0);
}

static void
what_it_is_asked_and_says_is_passed_on(void)
{
    put_daemon("#!/bin/sh\necho \"$@\"\necho advice >&2\nexit 1\n");
    run_cli("doctor server.yaml", "", &run);
    CU_ASSERT_EQUAL(run.status, 1);
    CU_ASSERT_STRING_EQUAL(run.out, "--doctor server.yaml --format text\n");
    CU_ASSERT_STRING_EQUAL(run.err, "advice\n");
}

static void
json_and_the_usual_file_are_asked_for_by_name(void)
{
    put_daemon("#!/bin/sh\necho \"$@\"\n");
    run_cli("doctor -format=json", "", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    CU_ASSERT_STRING_EQUAL(run.out, "--doctor /etc/tee-secrets/tee-secrets.yaml --format json\n");
}

static void
one_that_is_not_there_or_dies_is_said(void)
{
    CU_ASSERT_EQUAL_FATAL(setenv("PATH", "/nonexistent", 1), 0);
    run_cli("doctor server.yaml", "", &run);
    CU_ASSERT_EQUAL(run.status, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "tee-secretsd cannot be run"));
    put_daemon("#!/bin/sh\nkill -9 $$\n");
    run_cli("doctor server.yaml", "", &run);
    CU_ASSERT_EQUAL(run.status, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "ended by a signal"));
}

static void
two_files_are_one_too_many(void)
{
    put_daemon("#!/bin/sh\nexit 0\n");
    run_cli("doctor one.yaml two.yaml", "", &run);
    CU_ASSERT_EQUAL(run.status, 1);
}

static const struct test_case cases[] = {
    { "what it is asked and says is passed on", what_it_is_asked_and_says_is_passed_on },
    { "JSON and the usual file are asked for by name",
      json_and_the_usual_file_are_asked_for_by_name },
    { "one that is not there or dies is said", one_that_is_not_there_or_dies_is_said },
    { "two files are one too many", two_files_are_one_too_many },
};

TEST_MAIN("client/doctor", cases)

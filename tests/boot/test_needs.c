/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/needs.h"

#include "tests/conf/sample.h"

static struct boot_needs
needs_of(const char *more, int64_t cpus)
{
    const struct conf_machine machine = { .cpus = cpus, .memory_mb = 512 };
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    struct boot_needs needs = { 0 };
    char text[1024];

    (void)snprintf(text, sizeof(text), SAMPLE "%s", more);
    conf = sample_loaded(text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    boot_needs(conf, &machine, &needs);
    return needs;
}

static void
threads_that_are_not_said_are_as_many_as_processors(void)
{
    const struct boot_needs two = needs_of("", 2);
    const struct boot_needs eight = needs_of("", 8);
    const struct boot_needs said = needs_of("server: {threads: 8}\n", 2);

    CU_ASSERT_TRUE(eight.locked > two.locked);
    CU_ASSERT_EQUAL(said.locked, eight.locked);
    CU_ASSERT_EQUAL(said.files, eight.files);
    CU_ASSERT_TRUE(two.heap < two.locked);
}

static void
connections_and_ways_out_need_files(void)
{
    const struct boot_needs few = needs_of("server: {limits: {connections: 8}}\n", 2);
    const struct boot_needs many = needs_of("server: {limits: {connections: 108}}\n", 2);
    const struct boot_needs out =
        needs_of("server: {limits: {connections: 8}}\negress: {\"a.example:443\": 7}\n", 2);

    CU_ASSERT_EQUAL(many.files, few.files + 100);
    CU_ASSERT_TRUE(out.files > few.files);
}

static const struct test_case cases[] = {
    { "threads that are not said are as many as processors",
      threads_that_are_not_said_are_as_many_as_processors },
    { "connections and ways out need files", connections_and_ways_out_need_files },
};

TEST_MAIN("boot/needs", cases)

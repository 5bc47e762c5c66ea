/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/setting.h"

#include "tests/test.h"

static void
a_name_is_found_in_its_section_only(void)
{
    CU_ASSERT_TRUE(conf_find("log", "level").leaf);
    CU_ASSERT_EQUAL(conf_find("log", "level").first, CONF_ID_log_level);
    CU_ASSERT_EQUAL(conf_find("", "backend").first, CONF_ID_type);
    CU_ASSERT_FALSE(conf_find("", "backend").leaf);
    CU_ASSERT_EQUAL(conf_find("", "level").first, CONF_COUNT);
    CU_ASSERT_EQUAL(conf_find("log", "lev").first, CONF_COUNT);
    CU_ASSERT_EQUAL(conf_find("", "log.level").first, CONF_COUNT);
    CU_ASSERT_EQUAL(conf_find("plugins", "*").first, CONF_COUNT);
    CU_ASSERT_EQUAL(conf_find("", "").first, CONF_COUNT);
    CU_ASSERT_PTR_EQUAL(conf_wildcard("plugins"), &conf_settings[CONF_ID_plugin_settings]);
    CU_ASSERT_PTR_NULL(conf_wildcard("log"));
}

static void
the_nearest_name_is_suggested_and_a_far_one_is_not(void)
{
    char out[64];

    CU_ASSERT_TRUE(conf_nearest("log", "lvl", out, sizeof(out)));
    CU_ASSERT_STRING_EQUAL(out, "level");
    CU_ASSERT_TRUE(conf_nearest("", "tls_certificate", out, sizeof(out)) == false);
    CU_ASSERT_TRUE(conf_nearest("", "parent_communication_socket", out, sizeof(out)));
    CU_ASSERT_STRING_EQUAL(out, "backend.tee.aws_nitro.parent_communication_socket");
    CU_ASSERT_FALSE(conf_nearest("log", "abcdefgh", out, sizeof(out)));
    CU_ASSERT_TRUE(conf_nearest_value("aws_nitro|azure_cc|simulated", "nitro", out, sizeof(out))
                   == false);
    CU_ASSERT_TRUE(
        conf_nearest_value("aws_nitro|azure_cc|simulated", "simulate", out, sizeof(out)));
    CU_ASSERT_STRING_EQUAL(out, "simulated");
}

static void
settings_of_a_section_stand_together_and_none_twice(void)
{
    for (size_t i = 0; i < CONF_COUNT; i++) {
        const char *key = conf_settings[i].key;
        const char *dot = strrchr(key, '.');
        const size_t len = dot == NULL ? 0 : (size_t)(dot - key) + 1;
        bool left = false;

        CU_ASSERT_NOT_EQUAL(conf_settings[i].doc[0], '\0');
        for (size_t j = i + 1; j < CONF_COUNT; j++) {
            const bool inside = len > 0 && strncmp(conf_settings[j].key, key, len) == 0;

            CU_ASSERT_STRING_NOT_EQUAL(conf_settings[j].key, key);
            CU_ASSERT_FALSE(inside && left);
            left = left || !inside;
        }
    }
}

static const struct test_case cases[] = {
    { "a name is found in its section only", a_name_is_found_in_its_section_only },
    { "the nearest name is suggested and a far one is not",
      the_nearest_name_is_suggested_and_a_far_one_is_not },
    { "settings of a section stand together and none twice",
      settings_of_a_section_stand_together_and_none_twice },
};

TEST_MAIN("conf/setting", cases)

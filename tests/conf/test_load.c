/* SPDX-License-Identifier: Apache-2.0 */
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/setting.h"
#include "crypto/hash.h"
#include "tests/conf/sample.h"

#define USERS_BLOCK SOURCE_DIR "/tests/conf/users_block.yaml"

static void
the_users_block_loads_as_it_stands(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };

    (void)setenv("SECRETS_SERVICE_DB_URI", "postgresql://u:secret@db/x", 1);
    CU_ASSERT_FALSE_FATAL(tsec_failed(conf_load(USERS_BLOCK, NULL, &conf, &err)));
    CU_ASSERT_STRING_EQUAL(conf->provider, "aws_nitro");
    CU_ASSERT_STRING_EQUAL(conf->database_uri, "postgresql://u:secret@db/x");
    CU_ASSERT_STRING_EQUAL(conf->tee_type, "sgx");
    CU_ASSERT_EQUAL(conf->enclave_cpu_count, 2);
    CU_ASSERT_EQUAL(conf->enclave_memory_mb, 4096);
    CU_ASSERT_EQUAL(conf->key_rotation_interval_sec, 3600);
    CU_ASSERT_EQUAL_FATAL(conf->listeners.len, 1);
    CU_ASSERT_STRING_EQUAL(conf->listeners.items[0].value, "vsock://:5000");
}

static void
measurements_that_are_only_names_admit_nobody_and_say_so(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;

    (void)setenv("SECRETS_SERVICE_DB_URI", "sqlite:/tmp/x", 1);
    CU_ASSERT_FALSE_FATAL(tsec_failed(conf_load(USERS_BLOCK, NULL, &conf, NULL)));
    CU_ASSERT_EQUAL(conf->allowed_measurements.len, 2);
    CU_ASSERT_EQUAL(conf->measurements.len, 0);
    CU_ASSERT_TRUE(sample_warns(conf, ":7:30: backend.tee.attestation.allowed_measurements: "
                                      "\"measurement1\" is a name"));
    CU_ASSERT_TRUE(sample_warns(conf, "\"measurement2\""));
}

static void
every_example_loads(void)
{
    glob_t found = { 0 };

    (void)setenv("SECRETS_SERVICE_DB_URI", "postgresql://db/x", 1);
    (void)setenv("TEE_SECRETS_DEV_DIR", "/tmp/tee-secrets-dev", 1);
    CU_ASSERT_EQUAL_FATAL(glob(SOURCE_DIR "/etc/*.yaml", 0, NULL, &found), 0);
    CU_ASSERT_TRUE(found.gl_pathc >= 5);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
        struct tsec_err err = { 0 };

        if (tsec_failed(conf_load(found.gl_pathv[i], NULL, &conf, &err))) {
            (void)fprintf(stderr, "\n  %s\n", err.detail);
            CU_FAIL("an example does not load");
        }
    }
    globfree(&found);
}

static char *
slurp(const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = calloc(1, (size_t)CONF_FILE_MAX);

    if (f != NULL && text != NULL) {
        (void)!fread(text, 1, (size_t)CONF_FILE_MAX - 1, f);
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return text;
}

static void
the_commented_example_shows_every_setting_where_it_belongs(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };
    char *text = slurp(SOURCE_DIR "/etc/tee-secrets.yaml");

    /* With the comment signs before settings taken away the whole file must still load: then each
     * setting stands in its section, with a value that it takes. */
    for (char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
        char *sign = p + strspn(p, " ");

        if (sign[0] == '#' && sign[1] != ' ' && sign[1] != '\n') {
            memmove(sign, sign + 1, strlen(sign));
        }
    }
    (void)setenv("SECRETS_SERVICE_DB_URI", "postgresql://db/x", 1);
    if (tsec_failed(sample_parse(text, &conf, &err))) {
        (void)fprintf(stderr, "\n  %s\n", err.detail);
        CU_FAIL_FATAL("the example with everything switched on does not load");
    }
    for (size_t i = 0; i < CONF_COUNT; i++) {
        const struct conf_setting *s = &conf_settings[i];
        const bool shown =
            s->type == CONF_T_MAP2 ? conf_list_at(conf, s)->len > 0 : conf->marks[i].line > 0;

        if (!shown) {
            (void)fprintf(stderr, "\n  not shown: %s\n", s->key);
        }
        CU_ASSERT_TRUE(shown);
    }
    free(text);
}

static void
the_manual_page_describes_every_setting(void)
{
    char *text = slurp(SOURCE_DIR "/docs/tee-secrets.yaml.5");

    for (size_t i = 0; i < CONF_COUNT; i++) {
        char item[128];
        const int len = snprintf(item, sizeof(item), ".It Cm %s",
                                 conf_settings[i].type == CONF_T_MAP2 ? "plugins.NAME.KEY"
                                                                      : conf_settings[i].key);
        const char *at = strstr(text, item);
        const bool described = at != NULL && (at[len] == '\n' || at[len] == ' ');

        if (!described) {
            (void)fprintf(stderr, "\n  not described: %s\n", conf_settings[i].key);
        }
        CU_ASSERT_TRUE(described);
    }
    free(text);
}

static void
the_digest_is_of_the_bytes_before_substitution(void)
{
    static const char text[] = SAMPLE "state_dir: \"${CONF_TEST_DIR}\"\n";
    uint8_t expected[TSEC_SHA384_LEN];
    uint8_t first[TSEC_SHA384_LEN];

    tsec_sha384(tsec_span_str(text), expected);
    for (int i = 0; i < 2; i++) {
        TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;

        (void)setenv("CONF_TEST_DIR", i == 0 ? "/a" : "/b", 1);
        conf = sample_loaded(text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
        CU_ASSERT_EQUAL(memcmp(conf->digest, expected, sizeof(expected)), 0);
        memcpy(first, conf->digest, sizeof(first));
    }
    {
        TSEC_AUTO(conf_free) struct tsec_conf *conf = sample_loaded(SAMPLE "state_dir: /a\n");

        CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
        CU_ASSERT_NOT_EQUAL(memcmp(conf->digest, first, sizeof(first)), 0);
    }
}

static void
a_file_that_cannot_be_read_is_named(void)
{
    struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(conf_load("/nonexistent/x.yaml", NULL, &conf, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "/nonexistent/x.yaml: cannot be opened: No such file or directory");
    CU_ASSERT_EQUAL(conf_load("/", NULL, &conf, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail, "/: is not a regular file");
    CU_ASSERT_PTR_NULL(conf);
}

static void
more_than_a_mebibyte_is_refused(void)
{
    const size_t len = (size_t)CONF_FILE_MAX + 1;
    char *text = malloc(len);
    struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, '#', len);
    CU_ASSERT_EQUAL(conf_parse("f.yaml", tsec_span(text, len), NULL, &conf, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail, "f.yaml: larger than 1048576 bytes");
    free(text);
}

static void
a_plugins_setting_is_found_by_plugin_and_name(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf =
        sample_loaded(SAMPLE "plugins:\n  store-sqlite: {cache_kib: 64}\n  store-pg: {pool: 4}\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_STRING_EQUAL(conf_plugin_setting(conf, "store-sqlite", "cache_kib"), "64");
    CU_ASSERT_PTR_NULL(conf_plugin_setting(conf, "store-pg", "cache_kib"));
    CU_ASSERT_PTR_NULL(conf_plugin_setting(conf, "store", "cache_kib"));
}

static const struct test_case cases[] = {
    { "the user's block loads as it stands", the_users_block_loads_as_it_stands },
    { "measurements that are only names admit nobody and say so",
      measurements_that_are_only_names_admit_nobody_and_say_so },
    { "every example loads", every_example_loads },
    { "the commented example shows every setting where it belongs",
      the_commented_example_shows_every_setting_where_it_belongs },
    { "the manual page describes every setting", the_manual_page_describes_every_setting },
    { "the digest is of the bytes before substitution",
      the_digest_is_of_the_bytes_before_substitution },
    { "a file that cannot be read is named", a_file_that_cannot_be_read_is_named },
    { "more than a mebibyte is refused", more_than_a_mebibyte_is_refused },
    { "a plugin's setting is found by plugin and name",
      a_plugins_setting_is_found_by_plugin_and_name },
};

TEST_MAIN("conf/load", cases)

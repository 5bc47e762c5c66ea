/* SPDX-License-Identifier: Apache-2.0 */
#include "load/loader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tsec/attest.h>
#include <tsec/store.h>

#include "tests/double/store_mem.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

/* ---- files ---- */

/* A copy of a module that the build left, under another name, in a folder of its own. */
static void
install(const char *module, const char *name, char *dir, size_t size)
{
    static unsigned n;
    char from[512];
    char to[512];
    struct stat st;

    (void)snprintf(dir, size, "%s/plugins%u", temp_dir(), n++);
    CU_ASSERT_EQUAL_FATAL(mkdir(dir, 0755), 0);
    CU_ASSERT_EQUAL_FATAL(chmod(dir, 0755), 0);
    (void)snprintf(from, sizeof(from), "%s/%s.so", PLUGIN_DIR, module);
    (void)snprintf(to, sizeof(to), "%s/%s.so", dir, name);

    const int in = open(from, O_RDONLY | O_CLOEXEC);
    const int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    CU_ASSERT_FATAL(in >= 0 && out >= 0 && fstat(in, &st) == 0);
    CU_ASSERT_EQUAL_FATAL(sendfile(out, in, NULL, (size_t)st.st_size), st.st_size);
    CU_ASSERT_EQUAL_FATAL(fchmod(out, 0644), 0);
    (void)close(in);
    (void)close(out);
}

static const char *
file_in(const char *dir, const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s.so", dir, name);
    return path;
}

/* Refused, nothing given out, and the one line says `says` and names no other reason. */
static bool
refused(const char *dir, const char *name, const char *says)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };
    const tsec_rc rc = tsec_plugin_load(dir, name, TSEC_PLUGIN_STORE, &plugin, &err);
    const bool as_wanted = rc.code == TSEC_E_PLUGIN && err.code == TSEC_E_PLUGIN && plugin == NULL
                           && strstr(err.detail, says) != NULL && strchr(err.detail, '\n') == NULL;

    if (!as_wanted) {
        (void)fprintf(stderr, "wanted \"%s\", got %d: %s\n", says, rc.code, err.detail);
    }
    return as_wanted;
}

static bool
loads(const char *dir, const char *name)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };
    const tsec_rc rc = tsec_plugin_load(dir, name, TSEC_PLUGIN_STORE, &plugin, &err);

    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return false;
    }
    return strcmp(plugin->name, name) == 0;
}

static void
loads_what_is_in_order(void)
{
    char dir[256];

    install("store-good", "store-good", dir, sizeof(dir));
    CU_ASSERT_TRUE(loads(dir, "store-good"));
    CU_ASSERT_TRUE(loads(dir, "store-good"));
}

/* The dynamic linker knows a module by its path, and the path is a descriptor's number. */
static void
two_plugins_are_two(void)
{
    char dir[256];
    char other[256];
    char magic[256];

    install("bad-magic", "store-magic", magic, sizeof(magic));
    install("store-good", "store-good", dir, sizeof(dir));
    install("store-other", "store-other", other, sizeof(other));
    CU_ASSERT_TRUE(refused(magic, "store-magic", "not a plugin"));
    CU_ASSERT_TRUE(loads(dir, "store-good"));
    CU_ASSERT_TRUE(loads(other, "store-other"));
    CU_ASSERT_TRUE(loads(dir, "store-good"));
}

static void
refuses_a_relative_folder(void)
{
    CU_ASSERT_TRUE(refused("plugins", "store-good", "not an absolute path"));
    CU_ASSERT_TRUE(refused("", "store-good", "not an absolute path"));
    CU_ASSERT_TRUE(refused("./x", "store-good", "not an absolute path"));
}

static void
refuses_names_that_are_paths(void)
{
    static const char *const bad[] = {
        "",    "../store-good", "a/b",  "Store",    "a.b",
        "a b", "store_good",    "a\nb", "\xc3\xa4", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    };
    char dir[256];

    install("store-good", "store-good", dir, sizeof(dir));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_TRUE(refused(dir, bad[i], "not a plugin's name"));
    }
}

static void
refuses_what_is_not_there(void)
{
    char dir[256];

    install("store-good", "store-good", dir, sizeof(dir));
    CU_ASSERT_TRUE(refused(dir, "store-none", "not installed"));
    CU_ASSERT_TRUE(refused("/nonexistent/plugins", "store-good", "cannot open the folder"));
}

static void
refuses_a_symbolic_link(void)
{
    char dir[256];
    char target[512];

    install("store-good", "store-real", dir, sizeof(dir));
    (void)snprintf(target, sizeof(target), "%s", file_in(dir, "store-real"));
    CU_ASSERT_EQUAL(symlink(target, file_in(dir, "store-good")), 0);
    CU_ASSERT_TRUE(refused(dir, "store-good", "symbolic link"));
}

static void
refuses_what_is_no_regular_file(void)
{
    char dir[256];

    install("store-good", "store-real", dir, sizeof(dir));
    CU_ASSERT_EQUAL(mkdir(file_in(dir, "store-good"), 0755), 0);
    CU_ASSERT_TRUE(refused(dir, "store-good", "not a regular file"));
    CU_ASSERT_EQUAL(mkfifo(file_in(dir, "store-fifo"), 0644), 0);
    CU_ASSERT_TRUE(refused(dir, "store-fifo", "not a regular file"));
}

static void
refuses_what_others_may_write(void)
{
    static const mode_t modes[] = { 0664, 0646, 0666 };
    char dir[256];

    install("store-good", "store-good", dir, sizeof(dir));
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        CU_ASSERT_EQUAL(chmod(file_in(dir, "store-good"), modes[i]), 0);
        CU_ASSERT_TRUE(refused(dir, "store-good", "others may write its file"));
        CU_ASSERT_EQUAL(chmod(file_in(dir, "store-good"), 0644), 0);
        CU_ASSERT_EQUAL(chmod(dir, modes[i] | 0111), 0);
        CU_ASSERT_TRUE(refused(dir, "store-good", "others may write its folder"));
        CU_ASSERT_EQUAL(chmod(dir, 0755), 0);
    }
    CU_ASSERT_TRUE(loads(dir, "store-good"));
}

static void
refuses_a_foreign_owner(void)
{
    char dir[256];

    if (geteuid() != 0) {
        (void)fputs("needs root to give a file away: not checked ", stderr);
        return;
    }
    install("store-good", "store-good", dir, sizeof(dir));
    CU_ASSERT_EQUAL(chown(file_in(dir, "store-good"), 12345, 0), 0);
    CU_ASSERT_TRUE(refused(dir, "store-good", "its file belongs to uid 12345"));
    CU_ASSERT_EQUAL(chown(file_in(dir, "store-good"), 0, 0), 0);
    CU_ASSERT_EQUAL(chown(dir, 12345, 0), 0);
    CU_ASSERT_TRUE(refused(dir, "store-good", "its folder belongs to uid 12345"));
    CU_ASSERT_EQUAL(chown(dir, 0, 0), 0);
}

static void
refuses_what_does_not_load(void)
{
    char dir[256];
    FILE *f;

    install("bad-symbol", "store-symbol", dir, sizeof(dir));
    CU_ASSERT_TRUE(refused(dir, "store-symbol", "has no tsec_plugin_v1"));
    install("bad-needs", "store-needs", dir, sizeof(dir));
    CU_ASSERT_TRUE(refused(dir, "store-needs", "nobody_has_this"));
    install("bad-magic", "store-magic", dir, sizeof(dir));
    CU_ASSERT_TRUE(refused(dir, "store-magic", "not a plugin of this server"));
    install("store-good", "store-renamed", dir, sizeof(dir));
    CU_ASSERT_TRUE(refused(dir, "store-renamed", "calls itself store-good"));
    f = fopen(file_in(dir, "store-text"), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs("not a shared object", f);
    (void)fclose(f);
    CU_ASSERT_TRUE(refused(dir, "store-text", "does not load"));
}

/* ---- descriptors ---- */

static bool
check_refuses(const struct tsec_plugin *plugin, enum tsec_plugin_kind kind, const char *says)
{
    struct tsec_err err = { 0 };
    const tsec_rc rc = tsec_plugin_check(plugin, "store-mem", kind, &err);
    const bool as_wanted = rc.code == TSEC_E_PLUGIN && strstr(err.detail, says) != NULL;

    if (!as_wanted) {
        (void)fprintf(stderr, "wanted \"%s\", got %d: %s\n", says, rc.code, err.detail);
    }
    return as_wanted;
}

static void
refuses_a_descriptor_from_elsewhere(void)
{
    struct tsec_plugin p = store_mem_plugin;

    CU_ASSERT_EQUAL(tsec_plugin_check(&p, "store-mem", TSEC_PLUGIN_STORE, NULL).code, 0);
    CU_ASSERT_TRUE(check_refuses(NULL, TSEC_PLUGIN_STORE, "not a plugin"));
    p.abi_magic = 0;
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "not a plugin"));
    p = store_mem_plugin;
    p.abi_major = 2;
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "ABI 2.1, this server 1.1: upgrade"));
    p.abi_major = 0;
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "ABI 0.1, this server 1.1: rebuild"));
    p = store_mem_plugin;
    p.abi_minor = 0;
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "ABI 1.0, this server 1.1: rebuild"));
    p = store_mem_plugin;
    p.struct_size = (uint32_t)offsetof(struct tsec_plugin, attest);
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "its descriptor ends"));
    CU_ASSERT_TRUE(check_refuses(&store_mem_plugin, TSEC_PLUGIN_ATTEST, "no attest plugin"));
    p = store_mem_plugin;
    p.name = NULL;
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "calls itself nothing"));
    p.name = "store-men";
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "calls itself store-men"));
    p = store_mem_plugin;
    p.version = NULL;
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "has no version"));
    p = store_mem_plugin;
    p.store = NULL;
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "brings no store operations"));
}

/* A newer minor is a plugin that can more; its longer structs are fine. */
static void
takes_a_newer_minor(void)
{
    struct tsec_store_ops ops = store_mem_ops;
    struct tsec_plugin p = store_mem_plugin;

    ops.struct_size += 64;
    p.store = &ops;
    p.struct_size += 64;
    p.abi_minor = 7;
    CU_ASSERT_EQUAL(tsec_plugin_check(&p, "store-mem", TSEC_PLUGIN_STORE, NULL).code, 0);
}

static void
refuses_a_store_that_lacks_one(void)
{
    static const struct {
        const char *says;
        size_t at;
    } t[] = {
        { "operation open:", offsetof(struct tsec_store_ops, open) },
        { "operation close:", offsetof(struct tsec_store_ops, close) },
        { "operation get:", offsetof(struct tsec_store_ops, get) },
        { "operation scan:", offsetof(struct tsec_store_ops, scan) },
        { "operation commit:", offsetof(struct tsec_store_ops, commit) },
        { "operation health:", offsetof(struct tsec_store_ops, health) },
    };
    struct tsec_store_ops ops = store_mem_ops;
    struct tsec_plugin p = store_mem_plugin;

    p.store = &ops;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        ops = store_mem_ops;
        memset((unsigned char *)&ops + t[i].at, 0, sizeof(void *));
        CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, t[i].says));
    }
    ops = store_mem_ops;
    ops.struct_size = (uint32_t)offsetof(struct tsec_store_ops, health);
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_STORE, "its operations end"));
}

static void
refuses_an_attester_that_lacks_one(void)
{
    static const struct {
        const char *says;
        size_t at;
    } t[] = {
        { "operation open:", offsetof(struct tsec_attest_ops, open) },
        { "operation close:", offsetof(struct tsec_attest_ops, close) },
        { "operation describe:", offsetof(struct tsec_attest_ops, describe) },
        { "operation evidence:", offsetof(struct tsec_attest_ops, evidence) },
        { "operation verify:", offsetof(struct tsec_attest_ops, verify) },
        { "operation refresh:", offsetof(struct tsec_attest_ops, refresh) },
        { "operation root_key_create:", offsetof(struct tsec_attest_ops, root_key_create) },
        { "operation root_key_open:", offsetof(struct tsec_attest_ops, root_key_open) },
        { "operation entropy:", offsetof(struct tsec_attest_ops, entropy) },
        { "operation health:", offsetof(struct tsec_attest_ops, health) },
    };
    struct tsec_attest_ops whole;
    struct tsec_attest_ops ops;
    struct tsec_plugin p = store_mem_plugin;

    /* Never called: that each is there is all that is looked at. */
    memset(&whole, 0x5a, sizeof(whole));
    whole.struct_size = (uint32_t)sizeof(whole);
    ops = whole;
    p.kind = TSEC_PLUGIN_ATTEST;
    p.attest = &ops;
    CU_ASSERT_EQUAL(tsec_plugin_check(&p, "store-mem", TSEC_PLUGIN_ATTEST, NULL).code, 0);
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        ops = whole;
        memset((unsigned char *)&ops + t[i].at, 0, sizeof(void *));
        CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_ATTEST, t[i].says));
    }
    ops = whole;
    ops.struct_size = (uint32_t)offsetof(struct tsec_attest_ops, health);
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_ATTEST, "its operations end"));
    p.attest = NULL;
    CU_ASSERT_TRUE(check_refuses(&p, TSEC_PLUGIN_ATTEST, "brings no attest operations"));
}

static const struct test_case cases[] = {
    { "loads what is in order", loads_what_is_in_order },
    { "two plugins are two", two_plugins_are_two },
    { "refuses a relative folder", refuses_a_relative_folder },
    { "refuses names that are paths", refuses_names_that_are_paths },
    { "refuses what is not there", refuses_what_is_not_there },
    { "refuses a symbolic link", refuses_a_symbolic_link },
    { "refuses what is no regular file", refuses_what_is_no_regular_file },
    { "refuses what others may write", refuses_what_others_may_write },
    { "refuses a foreign owner", refuses_a_foreign_owner },
    { "refuses what does not load", refuses_what_does_not_load },
    { "refuses a descriptor from elsewhere", refuses_a_descriptor_from_elsewhere },
    { "takes a newer minor", takes_a_newer_minor },
    { "refuses a store that lacks one operation", refuses_a_store_that_lacks_one },
    { "refuses an attester that lacks one operation", refuses_an_attester_that_lacks_one },
};

TEST_MAIN("load/loader", cases)

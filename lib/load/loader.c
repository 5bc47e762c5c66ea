/* SPDX-License-Identifier: Apache-2.0 */
#include "load/loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tsec/attest.h>
#include <tsec/store.h>

/* ---- the descriptor ---- */

struct operation {
    const char *name;
    size_t offset;
};

#define STORE_OP(op)                             \
    {                                            \
#op, offsetof(struct tsec_store_ops, op) \
    }
#define ATTEST_OP(op)                             \
    {                                             \
#op, offsetof(struct tsec_attest_ops, op) \
    }

static const struct operation store_operations[] = {
    STORE_OP(open), STORE_OP(close),  STORE_OP(get),
    STORE_OP(scan), STORE_OP(commit), STORE_OP(health),
};

static const struct operation attest_operations[] = {
    ATTEST_OP(open),    ATTEST_OP(close),   ATTEST_OP(describe),        ATTEST_OP(evidence),
    ATTEST_OP(verify),  ATTEST_OP(refresh), ATTEST_OP(root_key_create), ATTEST_OP(root_key_open),
    ATTEST_OP(entropy), ATTEST_OP(health),
};

/* What a kind of plugin has to bring. */
struct demand {
    const char *kind;
    const struct operation *operations;
    size_t n;
    size_t size;    /* of the table in ABI 1.0 */
    uint16_t minor; /* the first that the server can work with */
};

#define END_OF(type, member) (offsetof(type, member) + sizeof(((const type *)NULL)->member))

static const struct demand store_demand = {
    .kind = "store",
    .operations = store_operations,
    .n = sizeof(store_operations) / sizeof(store_operations[0]),
    .size = END_OF(struct tsec_store_ops, health),
    .minor = 1, /* TSEC_STORE_PRESENT */
};

static const struct demand attest_demand = {
    .kind = "attest",
    .operations = attest_operations,
    .n = sizeof(attest_operations) / sizeof(attest_operations[0]),
    .size = END_OF(struct tsec_attest_ops, health),
};

typedef void (*any_fn)(void);

/* `ops` begins with its size, as every table does. */
static tsec_rc
check_operations(const void *ops, const struct demand *demand, const char *name,
                 struct tsec_err *err)
{
    const unsigned char *bytes = ops;
    uint32_t size = 0;

    if (ops == NULL) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: brings no %s operations: install its release",
                         name, demand->kind);
    }
    memcpy(&size, bytes, sizeof(size));
    if (size < demand->size) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN,
                         "%s: its operations end at byte %u of %zu: rebuild it for this server",
                         name, size, demand->size);
    }
    for (size_t i = 0; i < demand->n; i++) {
        any_fn fn = NULL;

        memcpy(&fn, bytes + demand->operations[i].offset, sizeof(fn));
        if (fn == NULL) {
            return TSEC_FAIL(err, TSEC_E_PLUGIN,
                             "%s: lacks the operation %s: install a complete build of it", name,
                             demand->operations[i].name);
        }
    }
    return TSEC_OK;
}

static tsec_rc
check_abi(const struct tsec_plugin *plugin, const char *name, struct tsec_err *err)
{
    if (plugin == NULL || plugin->abi_magic != TSEC_ABI_MAGIC) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: not a plugin of this server: remove it", name);
    }
    if (plugin->abi_major > TSEC_ABI_MAJOR) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN,
                         "%s: speaks ABI %u.%u, this server %u.%u: upgrade the server", name,
                         (unsigned)plugin->abi_major, (unsigned)plugin->abi_minor,
                         (unsigned)TSEC_ABI_MAJOR, (unsigned)TSEC_ABI_MINOR);
    }
    if (plugin->abi_major < TSEC_ABI_MAJOR) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN,
                         "%s: speaks ABI %u.%u, this server %u.%u: rebuild the plugin", name,
                         (unsigned)plugin->abi_major, (unsigned)plugin->abi_minor,
                         (unsigned)TSEC_ABI_MAJOR, (unsigned)TSEC_ABI_MINOR);
    }
    if (plugin->struct_size < END_OF(struct tsec_plugin, attest)) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN,
                         "%s: its descriptor ends at byte %u of %zu: rebuild it for this server",
                         name, plugin->struct_size, END_OF(struct tsec_plugin, attest));
    }
    return TSEC_OK;
}

tsec_rc
tsec_plugin_check(const struct tsec_plugin *plugin, const char *name, enum tsec_plugin_kind kind,
                  struct tsec_err *err)
{
    const bool store = kind == TSEC_PLUGIN_STORE;
    const struct demand *demand = store ? &store_demand : &attest_demand;

    TSEC_TRY(check_abi(plugin, name, err));
    if (plugin->kind != (uint32_t)kind) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: of kind %u, no %s plugin: name another", name,
                         plugin->kind, demand->kind);
    }
    if (plugin->name == NULL || strcmp(plugin->name, name) != 0) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: calls itself %.32s: give the file that name",
                         name, plugin->name == NULL ? "nothing" : plugin->name);
    }
    if (plugin->abi_minor < demand->minor) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: speaks ABI %u.%u, this server %u.%u: rebuild it",
                         name, (unsigned)plugin->abi_major, (unsigned)plugin->abi_minor,
                         (unsigned)TSEC_ABI_MAJOR, (unsigned)TSEC_ABI_MINOR);
    }
    if (plugin->version == NULL) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: has no version: install a complete build of it",
                         name);
    }
    return store ? check_operations(plugin->store, demand, name, err)
                 : check_operations(plugin->attest, demand, name, err);
}

/* ---- the file ---- */

static bool
name_is_plain(const char *name)
{
    const size_t len = strlen(name);

    return len > 0 && len <= PLUGIN_NAME_MAX
           && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* Whoever may write it may run code in the server. */
static tsec_rc
check_owner(const struct stat *st, const char *what, const char *name, struct tsec_err *err)
{
    if (st->st_uid != 0 && st->st_uid != geteuid()) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: its %s belongs to uid %u: chown it to root", name,
                         what, (unsigned)st->st_uid);
    }
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: others may write its %s: chmod go-w it", name,
                         what);
    }
    return TSEC_OK;
}

static tsec_rc
open_folder(const char *dir, const char *name, int *out, struct tsec_err *err)
{
    struct stat st;
    tsec_rc rc;

    *out = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*out < 0 || fstat(*out, &st) != 0) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: cannot open the folder (errno %d), create it: %s",
                         name, errno, dir);
    }
    rc = check_owner(&st, "folder", name, err);
    if (tsec_failed(rc)) {
        (void)close(*out);
    }
    return rc;
}

static tsec_rc
check_file(int fd, const char *name, struct tsec_err *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: not a regular file: install the plugin anew",
                         name);
    }
    return check_owner(&st, "file", name, err);
}

static tsec_rc
open_file(int folder, const char *dir, const char *name, int *out, struct tsec_err *err)
{
    char file[PLUGIN_NAME_MAX + sizeof(".so")];
    tsec_rc rc;

    (void)snprintf(file, sizeof(file), "%s.so", name);
    /* NONBLOCK: a FIFO must not hold up the start. */
    *out = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*out < 0 && errno == ELOOP) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN,
                         "%s: a symbolic link: put the file itself into the folder: %s", name, dir);
    }
    if (*out < 0 && errno == ENOENT) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN,
                         "%s: not installed: install it, or set plugins.dir, now %s", name, dir);
    }
    if (*out < 0) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: cannot read the file (errno %d): chmod it: %s",
                         name, errno, dir);
    }
    rc = check_file(*out, name, err);
    if (tsec_failed(rc)) {
        (void)close(*out);
    }
    return rc;
}

/* ---- loading ---- */

/* By descriptor, so that what is mapped is what was checked.  The descriptor stays open for good:
 * the dynamic linker knows the module by this path, and would take the next plugin that happened to
 * get the same number for this one. */
static tsec_rc
map(int fd, const char *name, void **out, struct tsec_err *err)
{
    char path[32];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    *out = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (*out == NULL) {
        const char *why = dlerror();

        (void)close(fd);
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: does not load, install what it needs: %s", name,
                         why == NULL ? "" : why);
    }
    return TSEC_OK;
}

tsec_rc
tsec_plugin_load(const char *dir, const char *name, enum tsec_plugin_kind kind,
                 const struct tsec_plugin **out, struct tsec_err *err)
{
    tsec_plugin_entry_fn entry = NULL;
    const struct tsec_plugin *plugin;
    void *handle = NULL;
    int folder = -1;
    int fd = -1;
    tsec_rc rc;

    if (dir[0] != '/') {
        return TSEC_FAIL(err, TSEC_E_PLUGIN,
                         "the plugin folder is not an absolute path: write /%.64s", dir);
    }
    if (!name_is_plain(name)) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN,
                         "not a plugin's name: write 1 to %d of a-z, 0-9 and '-'", PLUGIN_NAME_MAX);
    }
    TSEC_TRY(open_folder(dir, name, &folder, err));
    rc = open_file(folder, dir, name, &fd, err);
    (void)close(folder);
    TSEC_TRY(rc);
    TSEC_TRY(map(fd, name, &handle, err));
    *(void **)(&entry) = dlsym(handle, TSEC_PLUGIN_ENTRY_NAME);
    if (entry == NULL) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: has no %s, is no plugin: remove it", name,
                         TSEC_PLUGIN_ENTRY_NAME);
    }
    plugin = entry();
    TSEC_TRY(tsec_plugin_check(plugin, name, kind, err));
    *out = plugin;
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/secret_bench.h"

#include <stdio.h>
#include <string.h>

#include "tests/double/store_mem.h"

#define MOUNT "m00000001"
#define STORE "mem:secrets"

static struct node_bench bench;

static tsec_rc
make_mount(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return txn_dek(txn, TXN_DEK_CREATE, MOUNT, err);
}

tsec_rc
bench_run(bench_run_fn run, void *ctx)
{
    tsec_rc run_rc = { 0 };
    struct tsec_err err = { 0 };
    const tsec_rc rc = node_bench_do(&bench, run, ctx, &run_rc, NULL, &err);

    return tsec_failed(run_rc) ? run_rc : rc;
}

void
bench_begin(void)
{
    struct tsec_err err = { 0 };

    bench = (struct node_bench){ .node = NULL };
    OK(node_bench_open(&bench, STORE, true, &err));
    OK(bench_run(make_mount, NULL));
}

void
bench_restart(void)
{
    struct tsec_err err = { 0 };

    node_bench_close(&bench);
    OK(node_bench_open(&bench, STORE, false, &err));
}

void
bench_end(void)
{
    node_bench_close(&bench);
    store_mem_forget();
}

void
bench_advance(int64_t ns)
{
    tsec_clock_fake_advance(&bench.clock, ns);
}

int64_t
bench_now(void)
{
    return bench.clock.real;
}

struct call {
    struct tsec_span path;
    const void *arg;
    uint64_t version;
    void *out;
};

static struct call
call_of(const char *path, const void *arg)
{
    return (struct call){ tsec_span_str(path), arg, 0, NULL };
}

/* ---- data ---- */

static tsec_rc
run_write(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    struct secret_reading reading;

    TSEC_TRY(secret_write(txn, MOUNT, c->path, c->arg, &reading, err));
    CU_ASSERT_TRUE(reading.live);
    CU_ASSERT_EQUAL(reading.version.number, reading.secret.current);
    CU_ASSERT_EQUAL(reading.version.created_ns, txn_now(txn));
    return TSEC_OK;
}

tsec_rc
bench_write(const char *path, const char *data)
{
    const struct secret_write write = { .data = tsec_span_str(data) };
    struct call c = call_of(path, &write);

    return bench_run(run_write, &c);
}

tsec_rc
bench_write_cas(const char *path, const char *data, uint64_t cas)
{
    const struct secret_write write = { tsec_span_str(data), true, cas };
    struct call c = call_of(path, &write);

    return bench_run(run_write, &c);
}

static char got[256];

static tsec_rc
run_read(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    struct secret_reading reading;

    TSEC_TRY(secret_read(txn, MOUNT, c->path, c->version, &reading, err));
    CU_ASSERT_TRUE(reading.live || reading.data.len == 0);
    (void)snprintf(got, sizeof(got), "%.*s", (int)reading.data.len,
                   reading.data.len == 0 ? "" : (const char *)reading.data.ptr);
    if (!reading.live) {
        (void)snprintf(got, sizeof(got), "(gone)");
    }
    return TSEC_OK;
}

tsec_rc
bench_read(const char *path, uint64_t version)
{
    struct call c = call_of(path, NULL);

    c.version = version;
    return bench_run(run_read, &c);
}

const char *
bench_data(const char *path, uint64_t version)
{
    const tsec_rc rc = bench_read(path, version);

    if (tsec_failed(rc)) {
        (void)snprintf(got, sizeof(got), rc.code == TSEC_E_NOT_FOUND ? "(none)" : "(%d)",
                       (int)rc.code);
    }
    return got;
}

/* ---- versions ---- */

static tsec_rc
run_change(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;

    return secret_change_versions(txn, MOUNT, c->path, c->arg, err);
}

tsec_rc
bench_change(const char *path, enum secret_change change, const uint64_t *versions, size_t n)
{
    const struct secret_changes changes = { change, versions, n };
    struct call c = call_of(path, &changes);

    return bench_run(run_change, &c);
}

tsec_rc
bench_change_one(const char *path, enum secret_change change, uint64_t version)
{
    return bench_change(path, change, &version, 1);
}

static tsec_rc
run_delete_current(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;

    return secret_delete_current(txn, MOUNT, c->path, err);
}

tsec_rc
bench_delete_current(const char *path)
{
    struct call c = call_of(path, NULL);

    return bench_run(run_delete_current, &c);
}

/* ---- metadata ---- */

static tsec_rc
run_settings(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;

    return secret_meta_write(txn, MOUNT, c->path, c->arg, err);
}

tsec_rc
bench_settings(const char *path, const struct secret_settings *settings)
{
    struct call c = call_of(path, settings);

    return bench_run(run_settings, &c);
}

static tsec_rc
run_config(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return secret_config_write(txn, MOUNT, ctx, err);
}

tsec_rc
bench_config(const struct secret_config *config)
{
    struct secret_config copy = *config;

    return bench_run(run_config, &copy);
}

static tsec_rc
run_remove(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;

    return secret_remove(txn, MOUNT, c->path, err);
}

tsec_rc
bench_remove(const char *path)
{
    struct call c = call_of(path, NULL);

    return bench_run(run_remove, &c);
}

static tsec_rc
run_exists(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;

    (void)err;
    *(bool *)c->out = secret_exists(txn, MOUNT, c->path);
    return TSEC_OK;
}

bool
bench_exists(const char *path)
{
    struct call c = call_of(path, NULL);
    bool exists = false;

    c.out = &exists;
    OK(bench_run(run_exists, &c));
    return exists;
}

static struct bench_meta meta;

static tsec_rc
run_meta(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    struct secret_head head;
    struct tsec_span payload;

    TSEC_TRY(secret_meta_read(txn, MOUNT, c->path, &meta.secret, err));
    TSEC_TRY(secret_head_load(txn, MOUNT, c->path, &head, err));
    memcpy(meta.versions, meta.secret.versions,
           meta.secret.versions_len * sizeof(meta.versions[0]));
    meta.secret.versions = NULL;
    meta.secret.custom = (struct tsec_string_map){ NULL, NULL, meta.secret.custom.len };
    meta.head_slot = head.slot;
    meta.members = 0;
    for (unsigned slot = 0; slot < SECRET_VERSIONS_MAX + 8; slot++) {
        meta.members +=
            !tsec_failed(txn_get_member(txn, head.group, (uint16_t)slot, &payload, NULL)) ? 1 : 0;
    }
    return TSEC_OK;
}

const struct bench_meta *
bench_meta(const char *path)
{
    struct call c = call_of(path, NULL);

    return tsec_failed(bench_run(run_meta, &c)) ? NULL : &meta;
}

/* ---- listings ---- */

static char names[4096];

static tsec_rc
add_name(void *ctx, struct tsec_span name)
{
    const size_t at = strlen(names);

    (void)ctx;
    (void)snprintf(names + at, sizeof(names) - at, "%.*s ", (int)name.len, (const char *)name.ptr);
    return TSEC_OK;
}

static tsec_rc
run_list(void *ctx, struct txn *txn, struct tsec_err *err)
{
    names[0] = '\0';
    return secret_list(txn, MOUNT, ctx, err);
}

const char *
bench_list(const char *folder, const char *after, size_t limit, bool deep)
{
    struct secret_listing listing = {
        tsec_span_str(folder), tsec_span_str(after), limit, deep, add_name, NULL
    };
    const tsec_rc rc = bench_run(run_list, &listing);

    if (tsec_failed(rc)) {
        (void)snprintf(names, sizeof(names), "(%d)", (int)rc.code);
    }
    return names;
}

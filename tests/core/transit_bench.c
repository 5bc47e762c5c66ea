/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/transit_bench.h"

#include <stdio.h>

#include "tests/double/store_mem.h"

#define STORE "mem:transit"
enum { FRESH_MAX = 512, FRESH_SLOTS = 8, STEP = 100, TEXT_MAX = 4096 };

static struct node_bench bench;
static struct tsec_err last;

static tsec_rc
make_mount(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return txn_dek(txn, TXN_DEK_CREATE, KEYS_MOUNT, err);
}

struct told {
    bench_run_fn run;
    void *ctx;
};

/* Keeps the sentence: it is not the commit's. */
static tsec_rc
run_told(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct told *told = ctx;
    const tsec_rc rc = told->run(told->ctx, txn, &last);

    if (tsec_failed(rc) && err != NULL) {
        *err = last;
    }
    return rc;
}

tsec_rc
keys_run(bench_run_fn run, void *ctx)
{
    struct told told = { run, ctx };
    tsec_rc run_rc = { 0 };
    struct tsec_err err = { 0 };
    tsec_rc rc;

    last = (struct tsec_err){ 0 };
    rc = node_bench_do(&bench, run_told, &told, &run_rc, NULL, &err);
    if (tsec_failed(rc) && !tsec_failed(run_rc)) {
        last = err;
    }
    return tsec_failed(run_rc) ? run_rc : rc;
}

const char *
keys_detail(void)
{
    return last.detail;
}

void
keys_begin(void)
{
    struct tsec_err err = { 0 };

    bench = (struct node_bench){ .node = NULL };
    OK(node_bench_open(&bench, STORE, true, &err));
    OK(keys_run(make_mount, NULL));
}

void
keys_restart(void)
{
    struct tsec_err err = { 0 };

    node_bench_close(&bench);
    OK(node_bench_open(&bench, STORE, false, &err));
}

void
keys_end(void)
{
    node_bench_close(&bench);
    store_mem_forget();
}

void
keys_advance(int64_t seconds)
{
    tsec_clock_fake_advance(&bench.clock, seconds * TSEC_NS_PER_S);
}

int64_t
keys_now(void)
{
    return bench.clock.real;
}

struct transit_fresh
keys_fresh(enum transit_type type, size_t len, uint8_t fill)
{
    static uint8_t materials[FRESH_SLOTS][FRESH_MAX];
    static uint8_t hmac_keys[FRESH_SLOTS][TRANSIT_HMAC_KEY_LEN];
    static size_t slot;
    uint8_t *material = materials[slot];
    uint8_t *hmac_key = hmac_keys[slot];

    CU_ASSERT_TRUE_FATAL(len <= FRESH_MAX);
    slot = (slot + 1) % FRESH_SLOTS;
    memset(material, fill, FRESH_MAX);
    memset(hmac_key, ~fill, TRANSIT_HMAC_KEY_LEN);
    return (struct transit_fresh){
        .type = type,
        .material = tsec_span(material, len),
        .hmac_key = tsec_span(hmac_key, TRANSIT_HMAC_KEY_LEN),
    };
}

struct call {
    const char *name;
    const void *arg;
    int64_t number;
    void *out;
};

static tsec_rc
find(const struct call *c, struct txn *txn, const struct transit_key **key, struct tsec_err *err)
{
    return transit_key_find(txn, KEYS_MOUNT, tsec_span_str(c->name), key, err);
}

/* What a change gave back is what is there now. */
static void
expect_there(struct txn *txn, const struct transit_key *out)
{
    const struct transit_key *there = NULL;

    OK(transit_key_find(txn, KEYS_MOUNT, tsec_span_str(out->name), &there, NULL));
    CU_ASSERT_EQUAL(there->revision, out->revision);
    CU_ASSERT_EQUAL(there->latest, out->latest);
    CU_ASSERT_STRING_EQUAL(there->id, out->id);
}

static tsec_rc
run_create(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    const struct transit_key *out = NULL;

    TSEC_TRY(transit_key_create(txn, KEYS_MOUNT, c->out, c->arg, &out, err));
    expect_there(txn, out);
    return TSEC_OK;
}

tsec_rc
keys_create(const struct transit_key *settings, const struct transit_fresh *first)
{
    struct transit_key copy = *settings;
    struct call c = { settings->name, first, 0, &copy };

    return keys_run(run_create, &c);
}

tsec_rc
keys_create_aes(const char *name)
{
    const struct transit_fresh first = keys_fresh(TRANSIT_AES256_GCM96, 32, 1);

    return keys_create(&(struct transit_key){ .name = name, .type_name = "aes256-gcm96" }, &first);
}

static tsec_rc
run_rotate(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    const struct transit_key *key = NULL;
    const struct transit_key *out = NULL;

    TSEC_TRY(find(c, txn, &key, err));
    for (int64_t i = 0; i < c->number; i++) {
        TSEC_TRY(transit_key_rotate(txn, KEYS_MOUNT, key, c->arg, &out, err));
        CU_ASSERT_EQUAL(out->revision, key->revision + 1);
        expect_there(txn, out);
        key = out;
    }
    return TSEC_OK;
}

tsec_rc
keys_rotate(const char *name, const struct transit_fresh *fresh)
{
    struct call c = { name, fresh, 1, NULL };

    return keys_run(run_rotate, &c);
}

tsec_rc
keys_rotate_times(const char *name, size_t times)
{
    const struct transit_fresh fresh = keys_fresh(TRANSIT_AES256_GCM96, 32, 7);

    while (times > 0) {
        struct call c = { name, &fresh, times < STEP ? (int64_t)times : STEP, NULL };

        TSEC_TRY(keys_run(run_rotate, &c));
        times -= (size_t)c.number;
    }
    return TSEC_OK;
}

static tsec_rc
run_configure(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    const struct transit_key *key = NULL;
    const struct transit_key *out = NULL;

    TSEC_TRY(find(c, txn, &key, err));
    TSEC_TRY(transit_key_configure(txn, KEYS_MOUNT, key, c->arg, &out, err));
    expect_there(txn, out);
    return TSEC_OK;
}

tsec_rc
keys_configure(const char *name, const struct transit_settings *settings)
{
    struct call c = { name, settings, 0, NULL };

    return keys_run(run_configure, &c);
}

static tsec_rc
run_trim(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    const struct transit_key *key = NULL;
    const struct transit_key *out = NULL;

    TSEC_TRY(find(c, txn, &key, err));
    TSEC_TRY(transit_key_trim(txn, KEYS_MOUNT, key, c->number, &out, err));
    CU_ASSERT_EQUAL(out->min_available, c->number);
    expect_there(txn, out);
    return TSEC_OK;
}

tsec_rc
keys_trim(const char *name, int64_t min_available)
{
    struct call c = { name, NULL, min_available, NULL };

    return keys_run(run_trim, &c);
}

static tsec_rc
run_delete(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    const struct transit_key *key = NULL;

    TSEC_TRY(find(c, txn, &key, err));
    return transit_key_delete(txn, KEYS_MOUNT, key, err);
}

tsec_rc
keys_delete(const char *name)
{
    struct call c = { name, NULL, 0, NULL };

    return keys_run(run_delete, &c);
}

static tsec_rc
run_chain(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    const struct transit_key *key = NULL;

    TSEC_TRY(find(c, txn, &key, err));
    return transit_key_set_chain(txn, KEYS_MOUNT, key, c->number, tsec_span_str(c->arg), err);
}

tsec_rc
keys_chain(const char *name, int64_t number, const char *chain)
{
    struct call c = { name, chain, number, NULL };

    return keys_run(run_chain, &c);
}

static tsec_rc
run_use(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    const struct transit_key *key = NULL;

    TSEC_TRY(find(c, txn, &key, err));
    return transit_key_use(txn, KEYS_MOUNT, key, c->number, err);
}

tsec_rc
keys_use(const char *name, int64_t n)
{
    struct call c = { name, NULL, n, NULL };

    return keys_run(run_use, &c);
}

static tsec_rc
run_uses_left(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct call *c = ctx;
    const struct transit_key *key = NULL;

    TSEC_TRY(find(c, txn, &key, err));
    return transit_key_uses_left(txn, KEYS_MOUNT, key, c->out, err);
}

int64_t
keys_uses_left(const char *name)
{
    int64_t left = -2;
    struct call c = { name, NULL, 0, &left };

    OK(keys_run(run_uses_left, &c));
    return left;
}

static tsec_rc
run_get(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static char name[TRANSIT_NAME_MAX + 1];
    static char id[TRANSIT_ID_LEN + 1];
    const struct call *c = ctx;
    const struct transit_key *key = NULL;
    struct transit_key *out = c->out;

    TSEC_TRY(find(c, txn, &key, err));
    *out = *key;
    (void)snprintf(name, sizeof(name), "%s", key->name);
    (void)snprintf(id, sizeof(id), "%s", key->id);
    out->name = name;
    out->id = id;
    out->type_name = transit_traits(transit_key_type(key))->name;
    return TSEC_OK;
}

const struct transit_key *
keys_get(const char *name)
{
    static struct transit_key key;
    struct call c = { name, NULL, 0, &key };

    return tsec_failed(keys_run(run_get, &c)) ? NULL : &key;
}

static struct tsec_span
kept(uint8_t *room, size_t size, struct tsec_span bytes)
{
    CU_ASSERT_TRUE_FATAL(bytes.len <= size);
    if (bytes.len > 0) {
        memcpy(room, bytes.ptr, bytes.len);
    }
    return tsec_span(room, bytes.len);
}

static tsec_rc
run_version(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static uint8_t room[4][TEXT_MAX];
    const struct call *c = ctx;
    const struct transit_key *key = NULL;
    struct transit_version *out = c->out;

    TSEC_TRY(find(c, txn, &key, err));
    TSEC_TRY(transit_key_version(txn, KEYS_MOUNT, key, c->number, out, err));
    out->material = kept(room[0], TEXT_MAX, out->material);
    out->hmac_key = kept(room[1], TEXT_MAX, out->hmac_key);
    out->spki = kept(room[2], TEXT_MAX, out->spki);
    out->chain = kept(room[3], TEXT_MAX, out->chain);
    return TSEC_OK;
}

const struct transit_version *
keys_version(const char *name, int64_t number)
{
    static struct transit_version version;
    struct call c = { name, NULL, number, &version };

    return tsec_failed(keys_run(run_version, &c)) ? NULL : &version;
}

static tsec_rc
run_list(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct tsec_strings names;
    char *out = ctx;

    TSEC_TRY(transit_key_list(txn, KEYS_MOUNT, &names, err));
    out[0] = '\0';
    for (size_t i = 0; i < names.len; i++) {
        const size_t at = strlen(out);

        (void)snprintf(out + at, TEXT_MAX - at, "%s ", names.items[i]);
    }
    return TSEC_OK;
}

const char *
keys_list(void)
{
    static char text[TEXT_MAX];

    OK(keys_run(run_list, text));
    return text;
}

struct count {
    const char *prefix;
    size_t n;
};

static tsec_rc
run_rows(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct count *count = ctx;
    struct tsec_strings names;

    TSEC_TRY(
        record_names(txn, tsec_span_str(count->prefix), tsec_span(NULL, 0), 0, true, &names, err));
    count->n = names.len;
    return TSEC_OK;
}

size_t
keys_rows(const char *prefix)
{
    struct count count = { prefix, 0 };

    OK(keys_run(run_rows, &count));
    return count.n;
}

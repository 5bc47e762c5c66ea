/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/store_mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codec/store_check.h"

struct record {
    uint8_t key[TSEC_STORE_KEY_MAX];
    size_t key_len;
    uint8_t *value; /* never NULL */
    size_t value_len;
};

/* The records in byte order of their keys. */
struct table {
    struct table *next;
    char name[64]; /* "": belongs to one handle */
    pthread_rwlock_t lock;
    struct record *records;
    size_t len;
    size_t cap;
};

struct tsec_store {
    struct table *table;
};

static pthread_mutex_t named_lock = PTHREAD_MUTEX_INITIALIZER;
static struct table *named;

/* ---- tables ---- */

static struct table *
table_new(const char *name)
{
    struct table *t = calloc(1, sizeof(*t));

    if (t != NULL) {
        (void)pthread_rwlock_init(&t->lock, NULL);
        memcpy(t->name, name, strnlen(name, sizeof(t->name) - 1));
    }
    return t;
}

static void
table_clear(struct table *t)
{
    for (size_t i = 0; i < t->len; i++) {
        free(t->records[i].value);
    }
    free(t->records);
    t->records = NULL;
    t->len = 0;
    t->cap = 0;
}

static void
table_free(struct table *t)
{
    table_clear(t);
    (void)pthread_rwlock_destroy(&t->lock);
    free(t);
}

static struct table *
find_named(const char *name)
{
    struct table *t = named;

    while (t != NULL && strcmp(t->name, name) != 0) {
        t = t->next;
    }
    return t;
}

static struct table *
named_table(const char *name)
{
    struct table *t;

    (void)pthread_mutex_lock(&named_lock);
    t = find_named(name);
    if (t == NULL) {
        t = table_new(name);
        if (t != NULL) {
            t->next = named;
            named = t;
        }
    }
    (void)pthread_mutex_unlock(&named_lock);
    return t;
}

static struct tsec_span
key_of(const struct record *r)
{
    return tsec_span(r->key, r->key_len);
}

/* The first record whose key is not less than `key`. */
static size_t
lower_bound(const struct table *t, struct tsec_span key)
{
    size_t low = 0;
    size_t high = t->len;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (tsec_span_compare(key_of(&t->records[mid]), key) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static bool
has(const struct table *t, struct tsec_span key)
{
    const size_t at = lower_bound(t, key);

    return at < t->len && tsec_span_equal(key_of(&t->records[at]), key);
}

static bool
make_room(struct table *t, size_t more)
{
    struct record *grown;
    size_t cap = t->cap;

    if (t->cap - t->len >= more) {
        return true;
    }
    cap = (t->len + more) * 2;
    grown = realloc(t->records, cap * sizeof(*grown));
    if (grown == NULL) {
        return false;
    }
    t->records = grown;
    t->cap = cap;
    return true;
}

static void
remove_at(struct table *t, size_t at)
{
    free(t->records[at].value);
    t->len--;
    memmove(&t->records[at], &t->records[at + 1], (t->len - at) * sizeof(t->records[0]));
}

/* Takes `value`; room was made before. */
static void
put(struct table *t, struct tsec_span key, uint8_t *value, size_t value_len)
{
    const size_t at = lower_bound(t, key);
    struct record *r = &t->records[at];

    if (has(t, key)) {
        free(r->value);
    } else {
        memmove(r + 1, r, (t->len - at) * sizeof(*r));
        t->len++;
        memcpy(r->key, key.ptr, key.len);
        r->key_len = key.len;
    }
    r->value = value;
    r->value_len = value_len;
}

/* ---- operations ---- */

static tsec_rc
mem_open(const struct tsec_host *host, const char *uri, struct tsec_store **out,
         struct tsec_err *err)
{
    struct tsec_store *store;

    (void)host;
    if (strncmp(uri, "mem:", 4) != 0 || strlen(uri) - 4 >= sizeof(store->table->name)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "not a memory store, write mem:NAME: %s", uri);
    }
    store = calloc(1, sizeof(*store));
    if (store != NULL) {
        store->table = uri[4] == '\0' ? table_new("") : named_table(uri + 4);
    }
    if (store == NULL || store->table == NULL) {
        free(store);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a store");
    }
    *out = store;
    return TSEC_OK;
}

static void
mem_close(struct tsec_store *store)
{
    if (store != NULL && store->table->name[0] == '\0') {
        table_free(store->table);
    }
    free(store);
}

static tsec_rc
mem_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
        struct tsec_err *err)
{
    struct table *t = store->table;
    tsec_rc rc;

    TSEC_TRY(tsec_store_check_key(key, err));
    (void)pthread_rwlock_rdlock(&t->lock);
    if (has(t, key)) {
        const struct record *r = &t->records[lower_bound(t, key)];

        rc = out->write(out->ctx, tsec_span(r->value, r->value_len));
    } else {
        rc = TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key");
    }
    (void)pthread_rwlock_unlock(&t->lock);
    return rc;
}

static tsec_rc
mem_get_many(struct tsec_store *store, const struct tsec_span *keys, size_t n,
             tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    struct table *t = store->table;
    tsec_rc rc = TSEC_OK;

    TSEC_TRY(tsec_store_check_keys(keys, n, err));
    (void)pthread_rwlock_rdlock(&t->lock);
    for (size_t i = 0; i < n && !tsec_failed(rc); i++) {
        if (has(t, keys[i])) {
            const struct record *r = &t->records[lower_bound(t, keys[i])];

            rc = visit(ctx, key_of(r), tsec_span(r->value, r->value_len));
        }
    }
    (void)pthread_rwlock_unlock(&t->lock);
    return rc;
}

static tsec_rc
mem_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after, size_t limit,
         tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    struct table *t = store->table;
    tsec_rc rc = TSEC_OK;

    TSEC_TRY(tsec_store_check_range(prefix, after, err));
    (void)pthread_rwlock_rdlock(&t->lock);
    /* Not by tsec_store_bounds(): this is what the others are compared with. */
    for (size_t i = 0; i < t->len && limit > 0 && !tsec_failed(rc); i++) {
        const struct record *r = &t->records[i];

        if (tsec_span_starts(key_of(r), prefix)
            && (after.len == 0 || tsec_span_compare(key_of(r), after) > 0)) {
            limit--;
            rc = visit(ctx, key_of(r), tsec_span(r->value, r->value_len));
        }
    }
    (void)pthread_rwlock_unlock(&t->lock);
    return rc;
}

static bool
copy_values(const struct tsec_store_op *ops, size_t n, uint8_t **values)
{
    for (size_t i = 0; i < n; i++) {
        const struct tsec_span v = ops[i].value;

        if (ops[i].verb == TSEC_STORE_PUT) {
            values[i] = malloc(v.len + 1);
            if (values[i] == NULL) {
                return false;
            }
            if (v.len > 0) {
                memcpy(values[i], v.ptr, v.len);
            }
        }
    }
    return true;
}

/* Takes those of `values` that it stores. */
static tsec_rc
apply(struct table *t, const struct tsec_store_op *ops, size_t n, uint8_t **values,
      struct tsec_err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (ops[i].expect == TSEC_STORE_ABSENT && has(t, ops[i].key)) {
            return TSEC_FAIL(err, TSEC_E_CONFLICT, "a key that was to be absent is there");
        }
        if (ops[i].expect == TSEC_STORE_PRESENT && !has(t, ops[i].key)) {
            return TSEC_FAIL(err, TSEC_E_CONFLICT, "a key that was to be present is not there");
        }
    }
    if (!make_room(t, n)) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for %zu records", n);
    }
    for (size_t i = 0; i < n; i++) {
        if (ops[i].verb == TSEC_STORE_PUT) {
            put(t, ops[i].key, values[i], ops[i].value.len);
            values[i] = NULL;
        } else if (has(t, ops[i].key)) {
            remove_at(t, lower_bound(t, ops[i].key));
        }
    }
    return TSEC_OK;
}

static tsec_rc
mem_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
           struct tsec_err *err)
{
    uint8_t **values;
    tsec_rc rc;

    TSEC_TRY(tsec_store_check_ops(ops, n, err));
    values = calloc(n + 1, sizeof(*values));
    if (values == NULL || !copy_values(ops, n, values)) {
        rc = TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for %zu records", n);
    } else {
        (void)pthread_rwlock_wrlock(&store->table->lock);
        rc = apply(store->table, ops, n, values, err);
        (void)pthread_rwlock_unlock(&store->table->lock);
    }
    for (size_t i = 0; values != NULL && i < n; i++) {
        free(values[i]);
    }
    free(values);
    return rc;
}

static tsec_rc
mem_health(struct tsec_store *store, struct tsec_err *err)
{
    (void)store;
    (void)err;
    return TSEC_OK;
}

const struct tsec_store_ops store_mem_ops = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = mem_open,
    .close = mem_close,
    .get = mem_get,
    .scan = mem_scan,
    .commit = mem_commit,
    .health = mem_health,
    .get_many = mem_get_many,
};

const struct tsec_plugin store_mem_plugin = {
    TSEC_PLUGIN_HEADER(TSEC_PLUGIN_STORE),
    .name = "store-mem",
    .version = "0",
    .store = &store_mem_ops,
};

/* ---- for the test ---- */

static bool
copy_records(const struct table *from, struct table *to)
{
    table_clear(to);
    if (!make_room(to, from->len + 1)) {
        return false;
    }
    for (size_t i = 0; i < from->len; i++) {
        struct record *r = &to->records[i];

        *r = from->records[i];
        r->value = malloc(r->value_len + 1);
        if (r->value == NULL) {
            return false;
        }
        memcpy(r->value, from->records[i].value, r->value_len);
        to->len++;
    }
    return true;
}

bool
store_mem_copy(const char *from, const char *to)
{
    struct table *source;
    struct table *target = named_table(to);
    bool copied;

    (void)pthread_mutex_lock(&named_lock);
    source = find_named(from);
    (void)pthread_mutex_unlock(&named_lock);
    if (source == NULL || target == NULL || source == target) {
        return false;
    }
    (void)pthread_rwlock_rdlock(&source->lock);
    (void)pthread_rwlock_wrlock(&target->lock);
    copied = copy_records(source, target);
    (void)pthread_rwlock_unlock(&target->lock);
    (void)pthread_rwlock_unlock(&source->lock);
    return copied;
}

void
store_mem_forget(void)
{
    (void)pthread_mutex_lock(&named_lock);
    while (named != NULL) {
        struct table *next = named->next;

        table_free(named);
        named = next;
    }
    (void)pthread_mutex_unlock(&named_lock);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/database.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* Never changed once made, and shared by copies. */
struct record {
    unsigned refs;
    uint64_t serial;
    size_t key_len;
    size_t value_len;
    uint8_t bytes[]; /* key ‖ value */
};

struct database {
    struct record **records; /* in byte order of their keys */
    size_t len;
    size_t cap;
    uint64_t serial;
};

static void *
must(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

struct database *
database_new(void)
{
    return must(calloc(1, sizeof(struct database)));
}

static void
record_free(struct record *r)
{
    if (--r->refs == 0) {
        free(r);
    }
}

void
database_free(struct database *db)
{
    if (db != NULL) {
        for (size_t i = 0; i < db->len; i++) {
            record_free(db->records[i]);
        }
        free(db->records);
        free(db);
    }
}

struct database *
database_copy(const struct database *from)
{
    struct database *db = database_new();

    db->len = from->len;
    db->cap = from->len + 8;
    db->serial = from->serial;
    db->records = must(calloc(db->cap, sizeof(struct record *)));
    for (size_t i = 0; i < from->len; i++) {
        db->records[i] = from->records[i];
        db->records[i]->refs++;
    }
    return db;
}

static struct tsec_span
key_of(const struct record *r)
{
    return tsec_span(r->bytes, r->key_len);
}

static void
give(const struct record *r, struct database_record *out)
{
    out->serial = r->serial;
    out->key = key_of(r);
    out->value = tsec_span(r->bytes + r->key_len, r->value_len);
}

size_t
database_len(const struct database *db)
{
    return db->len;
}

uint64_t
database_changes(const struct database *db)
{
    return db->serial;
}

size_t
database_lower(const struct database *db, struct tsec_span key)
{
    size_t low = 0;
    size_t high = db->len;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (tsec_span_compare(key_of(db->records[mid]), key) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

bool
database_at(const struct database *db, size_t i, struct database_record *out)
{
    if (i >= db->len) {
        return false;
    }
    give(db->records[i], out);
    return true;
}

bool
database_find(const struct database *db, struct tsec_span key, struct database_record *out)
{
    const size_t at = database_lower(db, key);

    return database_at(db, at, out) && tsec_span_equal(out->key, key);
}

bool
database_nth(const struct database *db, size_t n, struct database_record *out)
{
    for (size_t i = 0; i < db->len; i++) {
        size_t before = 0;

        for (size_t j = 0; j < db->len; j++) {
            before += db->records[j]->serial < db->records[i]->serial ? 1 : 0;
        }
        if (before == n) {
            give(db->records[i], out);
            return true;
        }
    }
    return false;
}

static struct record *
record_new(struct database *db, struct tsec_span key, struct tsec_span value)
{
    struct record *r = must(malloc(sizeof(*r) + key.len + value.len));

    r->refs = 1;
    r->serial = ++db->serial;
    r->key_len = key.len;
    r->value_len = value.len;
    memcpy(r->bytes, key.ptr, key.len);
    if (value.len > 0) {
        memcpy(r->bytes + key.len, value.ptr, value.len);
    }
    return r;
}

void
database_put(struct database *db, struct tsec_span key, struct tsec_span value)
{
    const size_t at = database_lower(db, key);
    struct record *r = record_new(db, key, value);

    if (at < db->len && tsec_span_equal(key_of(db->records[at]), key)) {
        record_free(db->records[at]);
        db->records[at] = r;
        return;
    }
    if (db->len == db->cap) {
        db->cap = 2 * db->cap + 16;
        db->records = must(reallocarray(db->records, db->cap, sizeof(struct record *)));
    }
    memmove(&db->records[at + 1], &db->records[at], (db->len - at) * sizeof(struct record *));
    db->records[at] = r;
    db->len++;
}

void
database_delete(struct database *db, struct tsec_span key)
{
    const size_t at = database_lower(db, key);

    if (at < db->len && tsec_span_equal(key_of(db->records[at]), key)) {
        db->serial++;
        record_free(db->records[at]);
        db->len--;
        memmove(&db->records[at], &db->records[at + 1], (db->len - at) * sizeof(struct record *));
    }
}

tsec_rc
database_apply(struct database *db, const struct tsec_store_op *ops, size_t n, unsigned leave_out,
               struct tsec_err *err)
{
    const size_t some = (leave_out & DATABASE_HALF) != 0 ? n / 2 : n;
    struct database_record found;

    for (size_t i = 0; i < n; i++) {
        const bool there = database_find(db, ops[i].key, &found);

        if (ops[i].expect == TSEC_STORE_ABSENT && there && (leave_out & DATABASE_NO_ABSENT) == 0) {
            return TSEC_FAIL(err, TSEC_E_CONFLICT, "a key that was to be absent is there");
        }
        if (ops[i].expect == TSEC_STORE_PRESENT && !there
            && (leave_out & DATABASE_NO_PRESENT) == 0) {
            return TSEC_FAIL(err, TSEC_E_CONFLICT, "a key that was to be present is not there");
        }
    }
    for (size_t i = 0; i < some; i++) {
        if (ops[i].verb == TSEC_STORE_PUT) {
            database_put(db, ops[i].key, ops[i].value);
        } else {
            database_delete(db, ops[i].key);
        }
    }
    return TSEC_OK;
}

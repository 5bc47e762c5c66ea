/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_catalog.h"

#include <pthread.h>
#include <stdlib.h>

#include "client/pkcs11/p11_key.h"
#include "client/pkcs11/p11_say.h"
#include "codec/json_scan.h"

enum { PATH_BYTES_MAX = 4096, NAMES_MAX = 256 * 1024 };

struct key_list {
    struct p11_key **items;
    size_t len;
};

struct p11_catalog {
    const struct p11_settings *settings;
    struct p11_server *server;
    const struct tsec_clock *clock;
    pthread_mutex_t refreshing; /* taken before the other */
    int64_t asked_ns;           /* 0: never */
    pthread_mutex_t lock;       /* what follows */
    struct key_list present;
    struct key_list former; /* handles still lead to them */
    const struct p11_object **objects;
    size_t objects_len; /* by handle - 1 */
};

static bool
list_add(struct key_list *list, struct p11_key *key)
{
    struct p11_key **longer = reallocarray(list->items, list->len + 1, sizeof(*longer));

    if (longer == NULL) {
        return false;
    }
    list->items = longer;
    list->items[list->len++] = key;
    return true;
}

static void
list_free(struct key_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        p11_key_free(list->items[i]);
    }
    free(list->items);
    *list = (struct key_list){ .items = NULL };
}

tsec_rc
p11_catalog_new(const struct p11_settings *settings, struct p11_server *server,
                const struct tsec_clock *clock, struct p11_catalog **out, struct tsec_err *err)
{
    struct p11_catalog *catalog = calloc(1, sizeof(*catalog));

    if (catalog == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory");
    }
    catalog->settings = settings;
    catalog->server = server;
    catalog->clock = clock;
    (void)pthread_mutex_init(&catalog->refreshing, NULL);
    (void)pthread_mutex_init(&catalog->lock, NULL);
    *out = catalog;
    return TSEC_OK;
}

void
p11_catalog_free(struct p11_catalog *catalog)
{
    if (catalog == NULL) {
        return;
    }
    list_free(&catalog->present);
    list_free(&catalog->former);
    free(catalog->objects);
    (void)pthread_mutex_destroy(&catalog->refreshing);
    (void)pthread_mutex_destroy(&catalog->lock);
    free(catalog);
}

/* ---- asking ---- */

static ck_rv_t
read_key(struct p11_catalog *catalog, struct tsec_span name, struct key_list *out)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_BYTES_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;
    TSEC_AUTO(p11_key_free) struct p11_key *key = NULL;
    struct tsec_err err = { 0 };

    cli_reply_init(&reply);
    tsec_buf_put_str(&path, p11_settings_mount(catalog->settings));
    tsec_buf_put_str(&path, "/keys/");
    tsec_buf_put_span(&path, name);
    tsec_buf_put_byte(&path, '\0');
    if (path.failed) {
        return CKR_FUNCTION_FAILED;
    }
    const ck_rv_t rv =
        p11_server_ask(catalog->server, "GET", (const char *)path.ptr, tsec_span(NULL, 0), &reply);

    if (rv != CKR_OK) {
        return rv;
    }
    const struct p11_key_reading how = {
        .all_versions = p11_settings_all_versions(catalog->settings),
        .guarded = !p11_server_is_trusted(catalog->server),
        .usual_only = !p11_settings_shows(catalog->settings, name, false),
    };
    const tsec_rc rc = p11_key_read(name, tsec_buf_span(&reply.body), &how, &key, &err);

    if (tsec_failed(rc)) {
        return p11_rv_of(rc, &err);
    }
    if (p11_key_objects(key) == NULL) {
        return CKR_OK;
    }
    if (!list_add(out, key)) {
        return CKR_HOST_MEMORY;
    }
    key = NULL;
    return CKR_OK;
}

/** A key that went away between the list and the look, or that the token may not read, is not
 *  there. */
static ck_rv_t
read_listed(struct p11_catalog *catalog, struct tsec_span raw, struct key_list *out)
{
    TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(PATH_BYTES_MAX);

    tsec_json_unescape(&name, raw);
    const ck_rv_t rv =
        name.failed ? CKR_FUNCTION_FAILED : read_key(catalog, tsec_buf_span(&name), out);

    return rv == CKR_KEY_HANDLE_INVALID || rv == CKR_USER_NOT_LOGGED_IN ? CKR_OK : rv;
}

static ck_rv_t
read_list(struct p11_catalog *catalog, struct tsec_span body, struct key_list *out)
{
    struct tsec_span data;
    struct tsec_span keys;
    struct tsec_json_member one;
    size_t n = 0;
    ck_rv_t rv = CKR_OK;

    if (tsec_failed(tsec_json_check(body, &TSEC_JSON_LIMITS_DEFAULT, NULL))
        || tsec_json_member(body, "data", &data) != TSEC_JSON_OBJECT
        || tsec_json_member(data, "keys", &keys) != TSEC_JSON_ARRAY) {
        p11_say("the server's list of keys cannot be read");
        return CKR_DEVICE_ERROR;
    }
    for (struct tsec_json_walk w = tsec_json_walk(keys);
         rv == CKR_OK && tsec_json_next(&w, &one);) {
        if (++n > P11_KEYS_MAX) {
            p11_say("the mount has more than %d keys: name those that are needed by `keys`",
                    P11_KEYS_MAX);
            return CKR_DEVICE_MEMORY;
        }
        rv = read_listed(catalog, one.value, out);
    }
    return rv;
}

static ck_rv_t
read_mount(struct p11_catalog *catalog, struct key_list *out)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_BYTES_MAX);
    CLI_AUTO_REPLY struct cli_reply reply;

    cli_reply_init(&reply);
    tsec_buf_put_str(&path, p11_settings_mount(catalog->settings));
    tsec_buf_put_str(&path, "/keys");
    tsec_buf_put_byte(&path, '\0');
    if (path.failed) {
        return CKR_FUNCTION_FAILED;
    }
    const ck_rv_t rv =
        p11_server_ask(catalog->server, "LIST", (const char *)path.ptr, tsec_span(NULL, 0), &reply);

    if (rv == CKR_KEY_HANDLE_INVALID) {
        return CKR_OK; /* no key, as Vault lists it */
    }
    return rv == CKR_OK ? read_list(catalog, tsec_buf_span(&reply.body), out) : rv;
}

static ck_rv_t
read_named(struct p11_catalog *catalog, struct key_list *out)
{
    struct tsec_span name;
    size_t at = 0;
    ck_rv_t rv = CKR_OK;

    while (rv == CKR_OK && p11_settings_next_key(catalog->settings, &at, &name)) {
        rv = read_key(catalog, name, out);
        rv = rv == CKR_KEY_HANDLE_INVALID ? CKR_OK : rv; /* not made yet */
    }
    return rv;
}

/* ---- taking over ---- */

static bool
same_key(const struct p11_key *a, const struct p11_key *b)
{
    const struct p11_object *x = p11_key_objects(a);
    const struct p11_object *y = p11_key_objects(b);

    while (x != NULL && y != NULL && p11_object_equal(x, y)) {
        x = x->next;
        y = y->next;
    }
    return x == NULL && y == NULL;
}

static bool
give_handle(struct p11_catalog *catalog, struct p11_object *object)
{
    for (size_t i = 0; i < catalog->objects_len; i++) {
        if (p11_object_equal(catalog->objects[i], object)) {
            object->handle = i + 1;
            catalog->objects[i] = object;
            return true;
        }
    }
    const struct p11_object **longer =
        catalog->objects_len >= P11_HANDLES_MAX
            ? NULL
            : reallocarray(catalog->objects, catalog->objects_len + 1, sizeof(struct p11_object *));

    if (longer == NULL) {
        return false;
    }
    catalog->objects = longer;
    catalog->objects[catalog->objects_len++] = object;
    object->handle = catalog->objects_len;
    return true;
}

static bool
give_handles(struct p11_catalog *catalog, const struct key_list *list)
{
    bool ok = true;

    for (size_t i = 0; i < list->len; i++) {
        for (struct p11_object *o = p11_key_objects(list->items[i]); ok && o != NULL; o = o->next) {
            ok = o->handle != 0 || give_handle(catalog, o);
        }
    }
    return ok;
}

/** Puts the key that is there already in the place of an equal new one. */
static void
keep_same(struct key_list *present, struct key_list *fresh)
{
    for (size_t i = 0; i < fresh->len; i++) {
        for (size_t j = 0; j < present->len; j++) {
            if (present->items[j] != NULL
                && strcmp(p11_key_name(present->items[j]), p11_key_name(fresh->items[i])) == 0
                && same_key(present->items[j], fresh->items[i])) {
                p11_key_free(fresh->items[i]);
                fresh->items[i] = TSEC_TAKE(present->items[j]);
                break;
            }
        }
    }
}

/** Takes the fresh ones over in any case. */
static ck_rv_t
take_over(struct p11_catalog *catalog, struct key_list *fresh)
{
    bool ok = true;

    (void)pthread_mutex_lock(&catalog->lock);
    keep_same(&catalog->present, fresh);
    for (size_t i = 0; i < catalog->present.len; i++) {
        if (catalog->present.items[i] != NULL) {
            /* without memory it stays for good, for the sake of the handles that lead to it */
            ok = list_add(&catalog->former, catalog->present.items[i]) && ok;
        }
    }
    free(catalog->present.items);
    catalog->present = *fresh;
    *fresh = (struct key_list){ .items = NULL };
    ok = give_handles(catalog, &catalog->present) && ok;
    (void)pthread_mutex_unlock(&catalog->lock);
    return ok ? CKR_OK : CKR_HOST_MEMORY;
}

static bool
is_fresh(const struct p11_catalog *catalog)
{
    return catalog->asked_ns != 0
           && tsec_clock_mono_ns(catalog->clock) - catalog->asked_ns
                  < P11_FRESH_MS * TSEC_NS_PER_MS;
}

ck_rv_t
p11_catalog_refresh(struct p11_catalog *catalog, bool now)
{
    struct key_list fresh = { .items = NULL };
    ck_rv_t rv = CKR_OK;

    (void)pthread_mutex_lock(&catalog->refreshing);
    p11_server_renew(catalog->server);
    if (p11_server_has_token(catalog->server) && (now || !is_fresh(catalog))) {
        rv = p11_settings_lists(catalog->settings) ? read_mount(catalog, &fresh)
                                                   : read_named(catalog, &fresh);
        rv = rv == CKR_OK ? take_over(catalog, &fresh) : rv;
        catalog->asked_ns = rv == CKR_OK ? tsec_clock_mono_ns(catalog->clock) : 0;
    }
    (void)pthread_mutex_unlock(&catalog->refreshing);
    list_free(&fresh);
    return rv;
}

void
p11_catalog_forget(struct p11_catalog *catalog)
{
    struct key_list none = { .items = NULL };

    (void)pthread_mutex_lock(&catalog->refreshing);
    catalog->asked_ns = 0;
    (void)take_over(catalog, &none);
    (void)pthread_mutex_unlock(&catalog->refreshing);
}

/* ---- looking ---- */

static void
collect(const struct key_list *list, const struct ck_attribute *templ, unsigned long count,
        ck_object_handle_t *out, unsigned long *len)
{
    for (size_t i = 0; i < list->len; i++) {
        for (const struct p11_object *o = p11_key_objects(list->items[i]); o != NULL; o = o->next) {
            if (p11_object_matches(o, templ, count)) {
                out[(*len)++] = o->handle;
            }
        }
    }
}

ck_rv_t
p11_catalog_find(struct p11_catalog *catalog, const struct ck_attribute *templ, unsigned long count,
                 ck_object_handle_t **out, unsigned long *out_len)
{
    *out_len = 0;
    (void)pthread_mutex_lock(&catalog->lock);
    *out = calloc(catalog->objects_len + 1, sizeof(**out));
    if (*out != NULL) {
        collect(&catalog->present, templ, count, *out, out_len);
    }
    (void)pthread_mutex_unlock(&catalog->lock);
    return *out == NULL ? CKR_HOST_MEMORY : CKR_OK;
}

const struct p11_object *
p11_catalog_object(struct p11_catalog *catalog, ck_object_handle_t handle)
{
    const struct p11_object *object = NULL;

    (void)pthread_mutex_lock(&catalog->lock);
    if (handle >= 1 && handle <= catalog->objects_len) {
        object = catalog->objects[handle - 1];
    }
    (void)pthread_mutex_unlock(&catalog->lock);
    return object;
}

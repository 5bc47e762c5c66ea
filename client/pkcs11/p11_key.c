/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_key.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/pkcs11/p11_describe.h"
#include "client/pkcs11/p11_say.h"
#include "codec/json_scan.h"
#include "codec/pem.h"

enum { ARENA_MAX = 32 * 1024 * 1024, PEM_MAX = 256 * 1024, SPKI_MAX = 4096, CERT_MAX = 64 * 1024 };

struct p11_key {
    struct tsec_arena *arena;
    const char *name;
    struct p11_object *first;
    struct p11_object **last;
};

#define BAD(err, what) TSEC_FAIL((err), TSEC_E_INVALID, "the server's description of a key: " what)

static bool
is_true(struct tsec_span object, const char *name)
{
    struct tsec_span value;

    return tsec_json_member(object, name, &value) == TSEC_JSON_TRUE;
}

static int64_t
number_of(struct tsec_span object, const char *name)
{
    struct tsec_span value;
    int64_t n = 0;

    return tsec_json_member(object, name, &value) != TSEC_JSON_NONE && tsec_json_to_i64(value, &n)
               ? n
               : 0;
}

static tsec_rc
append(struct p11_key *key, struct p11_object *object, struct tsec_err *err)
{
    if (object == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for an object");
    }
    *key->last = object;
    key->last = &object->next;
    return TSEC_OK;
}

/** The text of a member, "" when there is none. */
static tsec_rc
text_of(struct tsec_span object, const char *name, struct tsec_buf *out, struct tsec_err *err)
{
    struct tsec_span raw;

    tsec_buf_reset(out);
    if (tsec_json_member(object, name, &raw) == TSEC_JSON_STRING) {
        tsec_json_unescape(out, raw);
    }
    return tsec_buf_check(out, err);
}

/** A chain that cannot be read is left out: the key is as good without it. */
static tsec_rc
add_chain(struct p11_key *key, const struct p11_view *view, struct tsec_span pem,
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(CERT_MAX);
    struct tsec_span label;
    bool found = true;

    for (size_t at = 0; !tsec_failed(tsec_pem_next(&pem, &label, &der, &found, NULL)) && found;) {
        struct p11_certificate cert;

        if (!tsec_span_is(label, "CERTIFICATE")) {
            continue;
        }
        if (tsec_failed(p11_certificate_parse(tsec_buf_span(&der), &cert, NULL))) {
            p11_say("the chain of %s has a certificate that cannot be read", view->label);
            return TSEC_OK;
        }
        TSEC_TRY(append(key, p11_describe_certificate(key->arena, view, &cert, at++), err));
    }
    return TSEC_OK;
}

static tsec_rc
set_public(struct p11_key *key, struct tsec_span version, bool usual_only, struct p11_view *view,
           bool *known, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(PEM_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SPKI_MAX);
    struct tsec_err why = { 0 };

    *known = false;
    TSEC_TRY(text_of(version, "public_key", &text, err));
    if (text.len == 0) {
        return TSEC_OK;
    }
    if (tsec_failed(p11_public_read(tsec_buf_span(&text), &spki, &why))) {
        p11_say("%s: %s", view->label, why.detail);
        return TSEC_OK;
    }
    const char *kept = tsec_arena_dup(key->arena, tsec_buf_span(&spki));

    if (kept == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a key");
    }
    *known = !tsec_failed(p11_public_parse(tsec_span(kept, spki.len), &view->public, &why));
    if (!*known) {
        p11_say("%s: %s", view->label, why.detail);
    } else if (usual_only && !view->public.usual) {
        p11_say("%s is left out, as some programs fail at its kind: name it by `keys`",
                view->label);
        *known = false;
    }
    return TSEC_OK;
}

static tsec_rc
add_version(struct p11_key *key, struct tsec_span version, bool usual_only, struct p11_view *view,
            struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf chain = TSEC_BUF_INIT(PEM_MAX);
    bool known = false;

    if (tsec_json_type_of(version) != TSEC_JSON_OBJECT) {
        return TSEC_OK; /* a symmetric key: the time of its version */
    }
    TSEC_TRY(set_public(key, version, usual_only, view, &known, err));
    if (!known) {
        return TSEC_OK;
    }
    TSEC_TRY(append(key, p11_describe_private(key->arena, view), err));
    TSEC_TRY(append(key, p11_describe_public(key->arena, view), err));
    TSEC_TRY(text_of(version, "certificate_chain", &chain, err));
    return add_chain(key, view, tsec_buf_span(&chain), err);
}

static tsec_rc
add_versions(struct p11_key *key, struct tsec_span data, const struct p11_key_reading *how,
             struct tsec_err *err)
{
    const int64_t latest = number_of(data, "latest_version");
    const int64_t minimum = number_of(data, "min_encryption_version");
    const bool imported = is_true(data, "imported_key");
    struct tsec_span versions;

    if (tsec_json_member(data, "keys", &versions) != TSEC_JSON_OBJECT || latest < 1) {
        return BAD(err, "it has no versions");
    }
    for (int64_t n = latest; n >= 1 && n >= minimum && (how->all_versions || n == latest); n--) {
        char digits[24];
        struct tsec_span version;
        struct p11_view view = {
            .name = key->name,
            .label = n == latest
                         ? key->name
                         : tsec_arena_printf(key->arena, "%s:%lld", key->name, (long long)n),
            .version = n,
            .guarded = how->guarded,
            .never_out = !imported && !is_true(data, "exportable"),
            .local = !imported,
        };

        (void)snprintf(digits, sizeof(digits), "%lld", (long long)n);
        if (tsec_json_member(versions, digits, &version) == TSEC_JSON_NONE) {
            break; /* it and those before were trimmed */
        }
        if (view.label == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a key");
        }
        TSEC_TRY(add_version(key, version, how->usual_only, &view, err));
    }
    return TSEC_OK;
}

tsec_rc
p11_key_read(struct tsec_span name, struct tsec_span reply, const struct p11_key_reading *how,
             struct p11_key **out, struct tsec_err *err)
{
    TSEC_AUTO(p11_key_free) struct p11_key *key = calloc(1, sizeof(*key));
    struct tsec_span data;

    if (key == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a key");
    }
    key->last = &key->first;
    TSEC_TRY(tsec_arena_new(ARENA_MAX, &key->arena, err));
    key->name = tsec_arena_dup(key->arena, name);
    if (key->name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a key");
    }
    TSEC_TRY(tsec_json_check(reply, &TSEC_JSON_LIMITS_DEFAULT, err));
    if (tsec_json_member(reply, "data", &data) != TSEC_JSON_OBJECT) {
        return BAD(err, "it has no data");
    }
    if (!is_true(data, "derived")) {
        TSEC_TRY(add_versions(key, data, how, err));
    }
    *out = TSEC_TAKE(key);
    return TSEC_OK;
}

void
p11_key_free(struct p11_key *key)
{
    if (key != NULL) {
        tsec_arena_free(key->arena);
        free(key);
    }
}

const char *
p11_key_name(const struct p11_key *key)
{
    return key->name;
}

struct p11_object *
p11_key_objects(const struct p11_key *key)
{
    return key->first;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <tsec/attest.h>

#include "codec/pem.h"
#include "collateral_doc.h"
#include "collateral_item.h"

enum { SIGNATURE_LEN = 64 };

/* Of one set; far above what a fleet of machines needs, low enough to be looked through. */
enum { CERTS_MAX = 1024, CRLS_MAX = 64, DOCS_MAX = 256, SIGNATURES_MAX = 64 };
#define BYTES_MAX ((size_t)(16 * 1024 * 1024))

enum list_of { CERTS, CRLS, DOCS, SIGNATURES, LISTS };

/* Never changed once made, and shared by the sets that hold it. */
struct item {
    atomic_uint holders;
    uint8_t sha256[TSEC_SHA256_LEN];
    struct tsec_cert *cert;
    struct tsec_crl *crl;
    struct collateral_doc doc;
    size_t len;
    uint8_t bytes[]; /* of a document: body, signature; of a signature: itself */
};

struct list {
    struct item **items;
    size_t len;
    size_t cap;
};

struct collateral {
    struct list lists[LISTS];
    size_t bytes;
};

static const size_t list_max[LISTS] = { CERTS_MAX, CRLS_MAX, DOCS_MAX, SIGNATURES_MAX };

/* ---- items ---- */

static void
item_release(struct item *item)
{
    if (item == NULL || atomic_fetch_sub(&item->holders, 1) != 1) {
        return;
    }
    tsec_cert_free(item->cert);
    tsec_crl_free(item->crl);
    free(item);
}
TSEC_DEFINE_AUTO(struct item, item_release)

static tsec_rc
item_new(size_t len, struct item **out, struct tsec_err *err)
{
    *out = calloc(1, sizeof(**out) + len);
    if (*out == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for collateral");
    }
    atomic_init(&(*out)->holders, 1);
    (*out)->len = len;
    return TSEC_OK;
}

/* ---- sets ---- */

tsec_rc
collateral_new(struct collateral **out, struct tsec_err *err)
{
    *out = calloc(1, sizeof(**out));
    if (*out == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a set of collateral");
    }
    return TSEC_OK;
}

static void
list_cut(struct list *list, size_t len)
{
    while (list->len > len) {
        item_release(list->items[--list->len]);
    }
}

void
collateral_free(struct collateral *set)
{
    if (set == NULL) {
        return;
    }
    for (size_t i = 0; i < LISTS; i++) {
        list_cut(&set->lists[i], 0);
        free(set->lists[i].items);
    }
    free(set);
}

static bool
list_has(const struct list *list, const uint8_t sha256[TSEC_SHA256_LEN])
{
    for (size_t i = 0; i < list->len; i++) {
        if (tsec_span_equal(tsec_span(list->items[i]->sha256, TSEC_SHA256_LEN),
                            tsec_span(sha256, TSEC_SHA256_LEN))) {
            return true;
        }
    }
    return false;
}

static tsec_rc
list_grow(struct list *list, size_t cap, struct tsec_err *err)
{
    struct item **items;

    if (cap <= list->cap) {
        return TSEC_OK;
    }
    items = reallocarray(list->items, cap, sizeof(struct item *));
    if (items == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for collateral");
    }
    list->items = items;
    list->cap = cap;
    return TSEC_OK;
}

/* Holds the item once more.  `sets`: how many sets there may be room for. */
static tsec_rc
set_put_new(struct collateral *set, enum list_of which, struct item *item, size_t sets,
            struct tsec_err *err)
{
    struct list *list = &set->lists[which];

    if (list->len >= sets * list_max[which] || item->len > sets * BYTES_MAX - set->bytes) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "more collateral than a set holds");
    }
    if (list->len == list->cap) {
        TSEC_TRY(list_grow(list, list->cap == 0 ? 8 : 2 * list->cap, err));
    }
    atomic_fetch_add(&item->holders, 1);
    list->items[list->len++] = item;
    set->bytes += item->len;
    return TSEC_OK;
}

/* The same, unless it is there. */
static tsec_rc
set_put(struct collateral *set, enum list_of which, struct item *item, struct tsec_err *err)
{
    if (list_has(&set->lists[which], item->sha256)) {
        return TSEC_OK;
    }
    return set_put_new(set, which, item, 1, err);
}

/* Two full sets fit: what a peer sends never crowds out what is kept.  The items of one set differ
 * already. */
static tsec_rc
set_put_all(struct collateral *set, const struct collateral *from, struct tsec_err *err)
{
    for (enum list_of which = CERTS; from != NULL && which < LISTS; which++) {
        const struct list *list = &from->lists[which];
        struct list *to = &set->lists[which];
        const size_t before = to->len;

        TSEC_TRY(list_grow(to, to->len + list->len, err));
        for (size_t i = 0; i < list->len; i++) {
            const struct list first = { to->items, before, 0 };

            if (!list_has(&first, list->items[i]->sha256)) {
                TSEC_TRY(set_put_new(set, which, list->items[i], 2, err));
            }
        }
    }
    return TSEC_OK;
}

tsec_rc
collateral_join(const struct collateral *a, const struct collateral *b, struct collateral **out,
                struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;

    TSEC_TRY(collateral_new(&set, err));
    TSEC_TRY(set_put_all(set, a, err));
    TSEC_TRY(set_put_all(set, b, err));
    *out = TSEC_TAKE(set);
    return TSEC_OK;
}

tsec_rc
collateral_add(struct collateral *set, struct tsec_span item, struct tsec_err *err)
{
    const size_t bytes = set->bytes;
    size_t before[LISTS];
    tsec_rc rc;

    if (item.len > TSEC_COLLATERAL_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "%zu bytes of collateral in one item", item.len);
    }
    for (size_t i = 0; i < LISTS; i++) {
        before[i] = set->lists[i].len;
    }
    rc = collateral_put_any(set, item, err);
    for (size_t i = 0; tsec_failed(rc) && i < LISTS; i++) {
        list_cut(&set->lists[i], before[i]);
        set->bytes = bytes;
    }
    return rc;
}

/* ---- what gets in ---- */

tsec_rc
collateral_put_der(struct collateral *set, struct tsec_span der, struct tsec_err *err)
{
    TSEC_AUTO(item_release) struct item *item = NULL;

    TSEC_TRY(item_new(0, &item, err));
    item->len = der.len;
    tsec_sha256(der, item->sha256);
    if (list_has(&set->lists[CERTS], item->sha256) || list_has(&set->lists[CRLS], item->sha256)) {
        return TSEC_OK;
    }
    if (der.len <= TSEC_CERT_MAX && !tsec_failed(tsec_cert_parse(der, &item->cert, NULL))) {
        return set_put(set, CERTS, item, err);
    }
    if (der.len <= TSEC_CRL_MAX && !tsec_failed(tsec_crl_parse(der, &item->crl, NULL))) {
        return set_put(set, CRLS, item, err);
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "neither a certificate nor a CRL");
}

tsec_rc
collateral_put_pem(struct collateral *set, struct tsec_span text, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(text.len);
    struct tsec_span label;
    bool found = false;
    size_t n = 0;

    for (;; n++) {
        TSEC_TRY(tsec_pem_next(&text, &label, &der, &found, err));
        if (!found) {
            break;
        }
        if (!tsec_span_is(label, "CERTIFICATE") && !tsec_span_is(label, "X509 CRL")) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "a PEM block that is neither a certificate nor a CRL");
        }
        TSEC_TRY(collateral_put_der(set, tsec_buf_span(&der), err));
    }
    return n > 0 ? TSEC_OK : TSEC_FAIL(err, TSEC_E_INVALID, "no PEM block");
}

tsec_rc
collateral_put_doc(struct collateral *set, struct tsec_span body, struct tsec_span signature,
                   struct tsec_err *err)
{
    TSEC_AUTO(item_release) struct item *item = NULL;
    const struct tsec_span parts[] = { body, signature };
    bool ours = false;

    TSEC_TRY(item_new(body.len + signature.len, &item, err));
    TSEC_TRY(collateral_doc_read(body, &item->doc, &ours, err));
    if (!ours) {
        return TSEC_OK;
    }
    memcpy(item->bytes, body.ptr, body.len);
    item->doc.body = tsec_span(item->bytes, body.len);
    if (signature.len > 0) {
        memcpy(item->bytes + body.len, signature.ptr, signature.len);
        item->doc.signature = tsec_span(item->bytes + body.len, signature.len);
    }
    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), item->sha256);
    return set_put(set, DOCS, item, err);
}

tsec_rc
collateral_put_signature(struct collateral *set, struct tsec_span bytes, struct tsec_err *err)
{
    TSEC_AUTO(item_release) struct item *item = NULL;

    if (bytes.len != SIGNATURE_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a signature of %zu bytes", bytes.len);
    }
    TSEC_TRY(item_new(bytes.len, &item, err));
    memcpy(item->bytes, bytes.ptr, bytes.len);
    tsec_sha256(bytes, item->sha256);
    return set_put(set, SIGNATURES, item, err);
}

/* ---- what is in ---- */

static size_t
count(const struct collateral *set, enum list_of which)
{
    return set == NULL ? 0 : set->lists[which].len;
}

size_t
collateral_certs(const struct collateral *set)
{
    return count(set, CERTS);
}

const struct tsec_cert *
collateral_cert(const struct collateral *set, size_t i)
{
    return set->lists[CERTS].items[i]->cert;
}

size_t
collateral_crls(const struct collateral *set)
{
    return count(set, CRLS);
}

const struct tsec_crl *
collateral_crl(const struct collateral *set, size_t i)
{
    return set->lists[CRLS].items[i]->crl;
}

const uint8_t *
collateral_crl_sha256(const struct collateral *set, size_t i)
{
    return set->lists[CRLS].items[i]->sha256;
}

size_t
collateral_docs(const struct collateral *set)
{
    return count(set, DOCS);
}

const struct collateral_doc *
collateral_doc(const struct collateral *set, size_t i)
{
    return &set->lists[DOCS].items[i]->doc;
}

size_t
collateral_signatures(const struct collateral *set)
{
    return count(set, SIGNATURES);
}

struct tsec_span
collateral_signature(const struct collateral *set, size_t i)
{
    const struct item *item = set->lists[SIGNATURES].items[i];

    return tsec_span(item->bytes, item->len);
}

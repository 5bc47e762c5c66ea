/* SPDX-License-Identifier: Apache-2.0 */
/* The material of a version of a backup: checked as if it was imported. */
#include "codec/decimal.h"
#include "codec/json_scan.h"
#include "core/transit_backup_form.h"
#include "core/transit_key_rows.h"
#include "core/transit_transfer.h"
#include "crypto/pair_numbers.h"

enum { ED25519_BOTH_LEN = 64, ED25519_HALF_LEN = 32, PRIMES = 2 };

static tsec_rc
number_of(struct tsec_span value, struct tsec_arena *arena, struct tsec_span *out,
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_DECIMAL_BYTES_MAX + 8);
    const char *copy;

    TSEC_TRY(tsec_decimal_read(value, &bytes, err));
    copy = tsec_arena_dup(arena, tsec_buf_span(&bytes));
    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a backup");
    }
    *out = tsec_span(copy, bytes.len);
    return TSEC_OK;
}

/* Empty: not there. */
static tsec_rc
number(struct tsec_span object, const char *name, struct tsec_arena *arena, struct tsec_span *out,
       struct tsec_err *err)
{
    struct tsec_span value = { NULL, 0 };
    const enum tsec_json_type type = tsec_json_member(object, name, &value);

    *out = tsec_span(NULL, 0);
    if (type == TSEC_JSON_NONE || type == TSEC_JSON_NULL) {
        return TSEC_OK;
    }
    if (type != TSEC_JSON_NUMBER || tsec_failed(number_of(value, arena, out, NULL))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the backup is not one: \"%s\" is no such number",
                         name);
    }
    return TSEC_OK;
}

static tsec_rc
read_ed25519(struct tsec_span entry, struct tsec_arena *arena, struct tsec_pair_numbers *out,
             struct tsec_err *err)
{
    struct tsec_span key;

    TSEC_TRY(backup_bytes(entry, "key", arena, &key, err));
    if (key.len == 0) {
        return backup_bytes(entry, "public_key", arena, &out->x, err);
    }
    if (key.len != ED25519_BOTH_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an Ed25519 key of %zu bytes in the backup", key.len);
    }
    out->secret = tsec_span(key.ptr, ED25519_HALF_LEN);
    out->x = tsec_span(key.ptr + ED25519_HALF_LEN, ED25519_HALF_LEN);
    return TSEC_OK;
}

static tsec_rc
read_curve(struct tsec_span entry, struct tsec_arena *arena, struct tsec_pair_numbers *out,
           struct tsec_err *err)
{
    TSEC_TRY(number(entry, "ec_x", arena, &out->x, err));
    TSEC_TRY(number(entry, "ec_y", arena, &out->y, err));
    return number(entry, "ec_d", arena, &out->secret, err);
}

static tsec_rc
read_primes(struct tsec_span key, struct tsec_arena *arena, struct tsec_pair_numbers *out,
            struct tsec_err *err)
{
    struct tsec_span *const to[PRIMES] = { &out->p, &out->q };
    struct tsec_json_member element;
    struct tsec_json_walk walk;
    struct tsec_span primes;
    size_t n = 0;

    TSEC_TRY(backup_container(key, "Primes", true, &primes, err));
    walk = tsec_json_walk(primes);
    while (primes.len > 0 && tsec_json_next(&walk, &element)) {
        if (n == PRIMES || tsec_json_type_of(element.value) != TSEC_JSON_NUMBER) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "an RSA key of other than two primes");
        }
        TSEC_TRY(number_of(element.value, arena, to[n++], err));
    }
    return n == PRIMES ? TSEC_OK
                       : TSEC_FAIL(err, TSEC_E_INVALID, "an RSA key of other than two primes");
}

static tsec_rc
read_rsa(struct tsec_span entry, struct tsec_arena *arena, struct tsec_pair_numbers *out,
         struct tsec_err *err)
{
    struct tsec_span key;
    struct tsec_span pre;

    TSEC_TRY(backup_container(entry, "rsa_key", false, &key, err));
    if (key.len == 0) {
        TSEC_TRY(backup_container(entry, "rsa_public_key", false, &key, err));
        TSEC_TRY(number(key, "N", arena, &out->n, err));
        return number(key, "E", arena, &out->e, err);
    }
    TSEC_TRY(number(key, "N", arena, &out->n, err));
    TSEC_TRY(number(key, "E", arena, &out->e, err));
    TSEC_TRY(number(key, "D", arena, &out->secret, err));
    TSEC_TRY(read_primes(key, arena, out, err));
    TSEC_TRY(backup_container(key, "Precomputed", false, &pre, err));
    TSEC_TRY(number(pre, "Dp", arena, &out->dp, err));
    TSEC_TRY(number(pre, "Dq", arena, &out->dq, err));
    return number(pre, "Qinv", arena, &out->qinv, err);
}

/* A private key is only taken with the public one that the backup says is its. */
static tsec_rc
take_private(enum transit_type type, const struct tsec_pair_numbers *numbers,
             struct tsec_arena *arena, struct transit_fresh *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    const enum tsec_pair_kind kind = transit_traits(type)->pair;

    TSEC_TRY(tsec_pair_numbers_pkcs8(kind, numbers, &pkcs8, err));
    TSEC_TRY(tsec_pair_numbers_spki(kind, numbers, &spki, err));
    TSEC_TRY(transit_take(type, tsec_buf_span(&pkcs8), arena, out, err));
    return tsec_span_equal(tsec_buf_span(&spki), out->spki)
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_INVALID,
                           "a private and a public key in the backup do not belong together");
}

static tsec_rc
take_public(enum transit_type type, const struct tsec_pair_numbers *numbers,
            struct tsec_arena *arena, struct transit_fresh *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    TSEC_TRY(tsec_pair_numbers_spki(transit_traits(type)->pair, numbers, &spki, err));
    return transit_import_public(type, tsec_buf_span(&spki), arena, out, err);
}

static tsec_rc
take_pair(enum transit_type type, struct tsec_span entry, struct tsec_arena *arena,
          struct transit_fresh *out, struct tsec_err *err)
{
    const enum tsec_pair_kind kind = transit_traits(type)->pair;
    struct tsec_pair_numbers numbers = { .secret = { NULL, 0 } };

    if (kind == TSEC_PAIR_ED25519) {
        TSEC_TRY(read_ed25519(entry, arena, &numbers, err));
    } else if (tsec_pair_kind_is_rsa(kind)) {
        TSEC_TRY(read_rsa(entry, arena, &numbers, err));
    } else {
        TSEC_TRY(read_curve(entry, arena, &numbers, err));
    }
    return numbers.secret.len > 0 ? take_private(type, &numbers, arena, out, err)
                                  : take_public(type, &numbers, arena, out, err);
}

/* Vault gave versions of long ago none: they have a new one, which nothing was made with. */
static tsec_rc
read_hmac_key(struct tsec_span entry, struct tsec_arena *arena, struct transit_fresh *out,
              struct tsec_err *err)
{
    struct tsec_span key;

    TSEC_TRY(backup_bytes(entry, "hmac_key", arena, &key, err));
    if (key.len > 0) {
        out->hmac_key = key;
    }
    return TSEC_OK;
}

tsec_rc
transit_backup_material(const struct transit_key *key, struct tsec_span entry,
                        struct tsec_arena *arena, struct transit_fresh *out, struct tsec_err *err)
{
    const enum transit_type type = transit_key_type(key);
    struct tsec_span raw;

    if (transit_traits(type)->pair != 0) {
        TSEC_TRY(take_pair(type, entry, arena, out, err));
    } else {
        TSEC_TRY(backup_bytes(entry, "key", arena, &raw, err));
        TSEC_TRY(transit_take(type, raw, arena, out, err));
    }
    TSEC_TRY(read_hmac_key(entry, arena, out, err));
    return transit_check_fresh(key, out, err);
}

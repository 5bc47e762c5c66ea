/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/schedule.h"

#include "crypto/hash.h"

/* Parts of what is hashed: a length of four bytes before each that is LP(). */
enum { PARTS_MAX = 16, INFO_MAX = 160 };

static const struct tsec_span proto = { (const uint8_t *)AMC_PROTO, sizeof(AMC_PROTO) - 1 };

static void
put_u32(uint8_t out[4], uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        out[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

static void
put_u64(uint8_t out[8], uint64_t v)
{
    put_u32(out, (uint32_t)(v >> 32));
    put_u32(out + 4, (uint32_t)v);
}

struct transcript {
    struct tsec_span parts[PARTS_MAX];
    uint8_t lens[PARTS_MAX][4];
    size_t len;
};

/* Everything put is a constant number of parts of constant or checked length. */
static void
put(struct transcript *t, struct tsec_span bytes)
{
    t->parts[t->len++] = bytes;
}

static void
put_lp(struct transcript *t, struct tsec_span bytes)
{
    uint8_t *len = t->lens[t->len];

    put_u32(len, (uint32_t)bytes.len);
    put(t, tsec_span(len, 4));
    put(t, bytes);
}

static void
begin(struct transcript *t, const char *label)
{
    t->len = 0;
    put_lp(t, proto);
    put_lp(t, tsec_span_str(label));
}

static void
finish(const struct transcript *t, uint8_t out[AMC_HASH_LEN])
{
    tsec_hash_parts(TSEC_SHA384, t->parts, t->len, out);
}

void
amc_th1(struct tsec_span b1, struct tsec_span b2, uint8_t out[AMC_HASH_LEN])
{
    struct transcript t;

    begin(&t, "hello");
    put_lp(&t, b1);
    put_lp(&t, b2);
    finish(&t, out);
}

static void
next_th(const char *label, const uint8_t th[AMC_HASH_LEN], struct tsec_span evidence,
        uint8_t out[AMC_HASH_LEN])
{
    struct transcript t;

    begin(&t, label);
    put(&t, tsec_span(th, AMC_HASH_LEN));
    put_lp(&t, evidence);
    finish(&t, out);
}

void
amc_th2(const uint8_t th1[AMC_HASH_LEN], struct tsec_span er, uint8_t out[AMC_HASH_LEN])
{
    next_th("r-evidence", th1, er, out);
}

void
amc_th3(const uint8_t th2[AMC_HASH_LEN], struct tsec_span ei, uint8_t out[AMC_HASH_LEN])
{
    next_th("i-evidence", th2, ei, out);
}

/* ---- secrets ---- */

/* LP(a) ‖ LP(b), of at most INFO_MAX bytes; zero when longer. */
static size_t
put_pair(uint8_t out[INFO_MAX], struct tsec_span a, struct tsec_span b)
{
    if (a.len > INFO_MAX || b.len > INFO_MAX || a.len + b.len + 8 > INFO_MAX) {
        return 0;
    }
    put_u32(out, (uint32_t)a.len);
    if (a.len > 0) {
        memcpy(out + 4, a.ptr, a.len);
    }
    put_u32(out + 4 + a.len, (uint32_t)b.len);
    if (b.len > 0) {
        memcpy(out + 8 + a.len, b.ptr, b.len);
    }
    return a.len + b.len + 8;
}

static tsec_rc
extract(struct tsec_span salt, struct tsec_span a, struct tsec_span b, uint8_t out[AMC_HASH_LEN],
        struct tsec_err *err)
{
    uint8_t ikm[INFO_MAX];
    const size_t len = put_pair(ikm, a, b);

    if (len == 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "key material of %zu and %zu bytes", a.len, b.len);
    }

    const tsec_rc rc = tsec_hkdf_extract(TSEC_SHA384, salt, tsec_span(ikm, len), out, err);

    explicit_bzero(ikm, sizeof(ikm));
    return rc;
}

tsec_rc
amc_prk(const uint8_t nonce_i[AMC_NONCE_LEN], const uint8_t nonce_r[AMC_NONCE_LEN],
        struct tsec_span ss, struct tsec_span psk, uint8_t out[AMC_HASH_LEN], struct tsec_err *err)
{
    struct transcript t = { .len = 0 };
    uint8_t salt[AMC_HASH_LEN];

    put_lp(&t, proto);
    put(&t, tsec_span(nonce_i, AMC_NONCE_LEN));
    put(&t, tsec_span(nonce_r, AMC_NONCE_LEN));
    finish(&t, salt);
    return extract(tsec_span(salt, sizeof(salt)), ss, psk, out, err);
}

tsec_rc
amc_expand(const uint8_t secret[AMC_HASH_LEN], const char *label, struct tsec_span context,
           uint8_t *out, size_t len, struct tsec_err *err)
{
    uint8_t info[INFO_MAX];
    const size_t label_len = strlen(label);

    if (label_len > 32 || context.len > INFO_MAX - 4 - 32) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a context of %zu bytes", context.len);
    }
    put_u32(info, (uint32_t)label_len);
    memcpy(info + 4, label, label_len);
    if (context.len > 0) {
        memcpy(info + 4 + label_len, context.ptr, context.len);
    }
    return tsec_hkdf_expand(TSEC_SHA384, tsec_span(secret, AMC_HASH_LEN),
                            tsec_span(info, 4 + label_len + context.len), out, len, err);
}

/* ---- bindings ---- */

static struct tsec_span
letter_of(enum amc_role role)
{
    return tsec_span_str(role == AMC_RESPONDER ? "R" : "I");
}

void
amc_binding(enum amc_role role, const uint8_t th[AMC_HASH_LEN], const uint8_t binder[AMC_HASH_LEN],
            const uint8_t eph[AMC_POINT_LEN], struct tsec_span id, uint8_t out[AMC_HASH_LEN])
{
    struct transcript t;
    uint8_t eph_hash[AMC_HASH_LEN];
    uint8_t id_hash[AMC_HASH_LEN];

    tsec_sha384(tsec_span(eph, AMC_POINT_LEN), eph_hash);
    tsec_sha384(id, id_hash);
    begin(&t, "evidence");
    put(&t, letter_of(role));
    put(&t, tsec_span(th, AMC_HASH_LEN));
    put(&t, tsec_span(binder, AMC_HASH_LEN));
    put(&t, tsec_span(eph_hash, sizeof(eph_hash)));
    put(&t, tsec_span(id_hash, sizeof(id_hash)));
    finish(&t, out);
}

void
amc_identity_binding(enum amc_role role, struct tsec_span id, int64_t made_at_s,
                     uint8_t out[AMC_HASH_LEN])
{
    struct transcript t;
    uint8_t id_hash[AMC_HASH_LEN];
    uint8_t at[8];

    tsec_sha384(id, id_hash);
    put_u64(at, (uint64_t)made_at_s);
    begin(&t, "identity");
    put(&t, letter_of(role));
    put(&t, tsec_span(id_hash, sizeof(id_hash)));
    put(&t, tsec_span(at, sizeof(at)));
    finish(&t, out);
}

void
amc_reattest_binding(enum amc_role role, uint32_t epoch, const uint8_t exporter[AMC_HASH_LEN],
                     uint8_t out[AMC_HASH_LEN])
{
    struct transcript t;
    uint8_t number[4];

    put_u32(number, epoch);
    begin(&t, "reattest");
    put(&t, letter_of(role));
    put(&t, tsec_span(number, sizeof(number)));
    put(&t, tsec_span(exporter, AMC_HASH_LEN));
    finish(&t, out);
}

/* ---- epochs ---- */

tsec_rc
amc_epoch_keys(const uint8_t master[AMC_HASH_LEN], uint32_t epoch, struct amc_epoch_keys *out,
               struct tsec_err *err)
{
    uint8_t number[4];
    const struct tsec_span context = { number, sizeof(number) };

    put_u32(number, epoch);
    TSEC_TRY(amc_expand(master, "key i2r", context, out->key_i2r, AMC_KEY_LEN, err));
    TSEC_TRY(amc_expand(master, "key r2i", context, out->key_r2i, AMC_KEY_LEN, err));
    TSEC_TRY(amc_expand(master, "iv i2r", context, out->iv_i2r, AMC_IV_LEN, err));
    TSEC_TRY(amc_expand(master, "iv r2i", context, out->iv_r2i, AMC_IV_LEN, err));
    return amc_expand(master, "exporter", context, out->exporter, AMC_HASH_LEN, err);
}

tsec_rc
amc_next_master(const uint8_t master[AMC_HASH_LEN], struct tsec_span ss,
                const uint8_t nonce_i[AMC_NONCE_LEN], const uint8_t nonce_r[AMC_NONCE_LEN],
                struct tsec_span r1, struct tsec_span r2, uint8_t out[AMC_HASH_LEN],
                struct tsec_err *err)
{
    const struct tsec_span bodies[] = { r1, r2 };
    uint8_t nonces[2 * AMC_NONCE_LEN];
    uint8_t hash[AMC_HASH_LEN];
    uint8_t prk[AMC_HASH_LEN];

    memcpy(nonces, nonce_i, AMC_NONCE_LEN);
    memcpy(nonces + AMC_NONCE_LEN, nonce_r, AMC_NONCE_LEN);
    tsec_hash_parts(TSEC_SHA384, bodies, TSEC_ARRAY_LEN(bodies), hash);
    TSEC_TRY(
        extract(tsec_span(master, AMC_HASH_LEN), ss, tsec_span(nonces, sizeof(nonces)), prk, err));

    const tsec_rc rc =
        amc_expand(prk, "rekey", tsec_span(hash, sizeof(hash)), out, AMC_HASH_LEN, err);

    explicit_bzero(prk, sizeof(prk));
    return rc;
}

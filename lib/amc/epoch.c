/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/epoch.h"

#include <stdlib.h>

#include "amc/schedule.h"

enum { AAD_STACK = 512, AAD_FIXED = 96 };

static tsec_rc
lane_init(struct amc_lane *lane, const uint8_t *key, const uint8_t *iv, struct tsec_err *err)
{
    memcpy(lane->iv, iv, AMC_IV_LEN);
    return tsec_aead_key_new(TSEC_AES_256_GCM, key, &lane->key, err);
}

static tsec_rc
set_keys(struct amc_epoch *e, const struct amc_epoch_keys *keys, struct tsec_err *err)
{
    TSEC_TRY(lane_init(&e->i2r, keys->key_i2r, keys->iv_i2r, err));
    return lane_init(&e->r2i, keys->key_r2i, keys->iv_r2i, err);
}

tsec_rc
amc_epoch_new(const uint8_t master[AMC_HASH_LEN], uint32_t number, struct amc_epoch **out,
              struct tsec_err *err)
{
    TSEC_AUTO(amc_epoch_free) struct amc_epoch *e = calloc(1, sizeof(*e));
    struct amc_epoch_keys keys;

    if (e == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "epoch");
    }
    atomic_init(&e->refs, 1);
    e->number = number;

    tsec_rc rc = amc_epoch_keys(master, number, &keys, err);

    if (!tsec_failed(rc)) {
        rc = set_keys(e, &keys, err);
    }
    explicit_bzero(&keys, sizeof(keys));
    if (!tsec_failed(rc)) {
        *out = TSEC_TAKE(e);
    }
    return rc;
}

void
amc_epoch_free(struct amc_epoch *epoch)
{
    if (epoch != NULL && atomic_fetch_sub(&epoch->refs, 1) == 1) {
        tsec_aead_key_free(epoch->i2r.key);
        tsec_aead_key_free(epoch->r2i.key);
        free(epoch->pending);
        explicit_bzero(epoch, sizeof(*epoch));
        free(epoch);
    }
}

/* ---- what may be done ---- */

bool
amc_epoch_has_room(const struct amc_epoch *epoch, uint64_t seq, size_t plain_len, bool rekey)
{
    const uint64_t longest = AMC_PLAIN_MAX + AMC_TAG_LEN;
    const uint64_t kept = rekey ? 0 : AMC_REKEY_RESERVE;
    const uint64_t bytes = AMC_BYTES_MAX - kept * longest;

    return seq <= AMC_MESSAGES_MAX - kept && epoch->i2r.bytes + plain_len + AMC_TAG_LEN <= bytes
           && epoch->r2i.bytes + (epoch->pending_len + 1) * longest <= bytes;
}

static size_t
find(const struct amc_epoch *epoch, uint64_t seq)
{
    size_t i = 0;

    while (i < epoch->pending_len && epoch->pending[i] != seq) {
        i++;
    }
    return i;
}

static void
drop(struct amc_epoch *epoch, size_t at)
{
    epoch->pending_len--;
    memmove(&epoch->pending[at], &epoch->pending[at + 1],
            (epoch->pending_len - at) * sizeof(epoch->pending[0]));
}

static tsec_rc
grow(struct amc_epoch *epoch, struct tsec_err *err)
{
    const size_t cap = epoch->pending_cap == 0 ? 8 : 2 * epoch->pending_cap;
    uint64_t *items = realloc(epoch->pending, cap * sizeof(*items));

    if (items == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "requests without a reply");
    }
    epoch->pending = items;
    epoch->pending_cap = cap;
    return TSEC_OK;
}

tsec_rc
amc_epoch_await(struct amc_epoch *epoch, uint64_t seq, struct tsec_err *err)
{
    if (epoch->pending_len == AMC_PENDING_MAX) {
        drop(epoch, 0);
    }
    if (epoch->pending_len == epoch->pending_cap) {
        TSEC_TRY(grow(epoch, err));
    }
    epoch->pending[epoch->pending_len++] = seq;
    return TSEC_OK;
}

bool
amc_epoch_awaits(const struct amc_epoch *epoch, uint64_t seq)
{
    return find(epoch, seq) < epoch->pending_len;
}

bool
amc_epoch_answer(struct amc_epoch *epoch, uint64_t seq)
{
    const size_t at = find(epoch, seq);

    if (at == epoch->pending_len) {
        return false;
    }
    drop(epoch, at);
    return true;
}

/* ---- one message ---- */

static void
nonce_of(const struct amc_lane *lane, uint64_t seq, uint8_t out[AMC_IV_LEN])
{
    memcpy(out, lane->iv, AMC_IV_LEN);
    for (unsigned i = 0; i < 8; i++) {
        out[AMC_IV_LEN - 1 - i] ^= (uint8_t)(seq >> (8 * i));
    }
}

static uint8_t *
put(uint8_t *at, struct tsec_span bytes)
{
    if (bytes.len > 0) {
        memcpy(at, bytes.ptr, bytes.len);
    }
    return at + bytes.len;
}

static uint8_t *
put_number(uint8_t *at, uint64_t v, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        at[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
    }
    return at + len;
}

static uint8_t *
put_lp(uint8_t *at, struct tsec_span bytes)
{
    return put(put_number(at, bytes.len, 4), bytes);
}

/* On the stack, unless the path is long. */
struct aad {
    uint8_t stack[AAD_STACK];
    uint8_t *heap;
    struct tsec_span span;
};

static void
aad_done(struct aad *aad)
{
    free(aad->heap);
}

static tsec_rc
aad_make(struct aad *aad, const uint8_t cid[AMC_CID_LEN], const struct amc_envelope *env,
         enum amc_role dir, struct tsec_err *err)
{
    const struct tsec_span method = tsec_span_str(env->method);
    const struct tsec_span path = tsec_span_str(env->path);
    uint8_t *start = aad->stack;

    if (method.len > AMC_PLAIN_MAX || path.len > AMC_PLAIN_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "a path of %zu bytes", path.len);
    }
    if (AAD_FIXED + method.len + path.len > sizeof(aad->stack)) {
        aad->heap = malloc(AAD_FIXED + method.len + path.len);
        if (aad->heap == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a path of %zu bytes", path.len);
        }
        start = aad->heap;
    }

    uint8_t *at = put_lp(start, tsec_span_str(AMC_PROTO));

    at = put_lp(at, tsec_span_str("msg"));
    at = put_lp(at, tsec_span(cid, AMC_CID_LEN));
    at = put_number(at, env->epoch, 4);
    at = put_number(at, env->seq, 8);
    at = put_number(at, dir == AMC_RESPONDER ? 1 : 0, 1);
    at = put_lp(put_lp(at, method), path);
    aad->span = tsec_span(start, (size_t)(at - start));
    return TSEC_OK;
}

tsec_rc
amc_lane_seal(const struct amc_lane *lane, const uint8_t cid[AMC_CID_LEN],
              const struct amc_envelope *env, enum amc_role dir, struct tsec_span plain,
              struct tsec_buf *out, struct tsec_err *err)
{
    __attribute__((cleanup(aad_done))) struct aad aad = { .heap = NULL };
    const size_t before = out->len;
    uint8_t nonce[AMC_IV_LEN];

    TSEC_TRY(aad_make(&aad, cid, env, dir, err));

    uint8_t *room = tsec_buf_extend(out, plain.len + AMC_TAG_LEN);

    if (room == NULL) {
        return tsec_buf_check(out, err);
    }
    nonce_of(lane, env->seq, nonce);

    const tsec_rc rc = tsec_aead_seal(lane->key, nonce, aad.span, plain, room, err);

    if (tsec_failed(rc)) {
        tsec_buf_truncate(out, before);
    }
    return rc;
}

tsec_rc
amc_lane_open(const struct amc_lane *lane, const uint8_t cid[AMC_CID_LEN],
              const struct amc_envelope *env, enum amc_role dir, struct tsec_span sealed,
              struct tsec_buf *out, struct tsec_err *err)
{
    __attribute__((cleanup(aad_done))) struct aad aad = { .heap = NULL };
    const size_t before = out->len;
    uint8_t nonce[AMC_IV_LEN];

    if (sealed.len < AMC_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "message");
    }
    TSEC_TRY(aad_make(&aad, cid, env, dir, err));

    const size_t len = sealed.len - AMC_TAG_LEN;
    uint8_t none = 0;
    uint8_t *room = len == 0 ? &none : tsec_buf_extend(out, len);

    if (room == NULL) {
        return tsec_buf_check(out, err);
    }
    nonce_of(lane, env->seq, nonce);

    const tsec_rc rc = tsec_aead_open(lane->key, nonce, aad.span, sealed, room, err);

    if (tsec_failed(rc)) {
        tsec_buf_truncate(out, before);
    }
    return rc.code == TSEC_E_TAMPERED ? TSEC_FAIL(err, TSEC_E_DENIED, "message") : rc;
}

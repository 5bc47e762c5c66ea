/* SPDX-License-Identifier: Apache-2.0 */
#include "core/challenge.h"

#include "base/clock.h"
#include "base/hex.h"
#include "codec/pack.h"
#include "core/expiry.h"
#include "crypto/hash.h"
#include "crypto/rand.h"

#define CHALLENGE_PREFIX "sys/challenge/"
enum {
    TIME_LEN = 8,
    RANDOM_LEN = 16,
    MACED_LEN = TIME_LEN + RANDOM_LEN,
    MAC_LEN = CHALLENGE_LEN - MACED_LEN,
    SKEW_S = 60,  /* how far ahead the server that made one may be */
    KEPT_S = 300, /* rows stay longer than any server's clock could still take the nonce */
};

static void
mac_of(const struct core_keys *keys, const uint8_t *maced, uint8_t mac[RECORD_TAG_LEN])
{
    static const char label[] = "challenge";
    const struct tsec_span parts[] = { tsec_span(label, sizeof(label)),
                                       tsec_span(maced, MACED_LEN) };

    tsec_hmac_parts(keys->token_tag, parts, TSEC_ARRAY_LEN(parts), mac);
}

static int64_t
expires_of(const uint8_t *nonce)
{
    struct tsec_reader in = tsec_reader(tsec_span(nonce, TIME_LEN));

    return tsec_read_i64(&in);
}

tsec_rc
challenge_make(const struct core_keys *keys, int64_t now_ns, uint8_t out[CHALLENGE_LEN],
               int64_t *expires_ns, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf head = TSEC_BUF_INIT(TIME_LEN);
    uint8_t mac[RECORD_TAG_LEN];

    *expires_ns = now_ns + CHALLENGE_LIFE_S * TSEC_NS_PER_S;
    tsec_pack_i64(&head, *expires_ns);
    TSEC_TRY(tsec_buf_check(&head, err));
    memcpy(out, head.ptr, TIME_LEN);
    tsec_rand_nonce(out + TIME_LEN, RANDOM_LEN);
    mac_of(keys, out, mac);
    memcpy(out + MACED_LEN, mac, MAC_LEN);
    return TSEC_OK;
}

tsec_rc
challenge_check(const struct core_keys *keys, int64_t now_ns, struct tsec_span nonce,
                struct tsec_err *err)
{
    uint8_t mac[RECORD_TAG_LEN];
    int64_t left_ns;

    if (nonce.len != CHALLENGE_LEN) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "challenge");
    }
    mac_of(keys, nonce.ptr, mac);
    if (!tsec_ct_equal(tsec_span(mac, MAC_LEN), tsec_span(nonce.ptr + MACED_LEN, MAC_LEN))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "challenge");
    }
    left_ns = expires_of(nonce.ptr) - now_ns;
    if (left_ns <= 0 || left_ns > (CHALLENGE_LIFE_S + SKEW_S) * TSEC_NS_PER_S) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "challenge-expired");
    }
    return TSEC_OK;
}

tsec_rc
challenge_use(struct txn *txn, struct tsec_span nonce, struct tsec_err *err)
{
    char hex[2 * CHALLENGE_LEN + 1];
    const char *row;
    struct tsec_span payload;
    struct tsec_span key;
    tsec_rc rc;

    if (nonce.len != CHALLENGE_LEN) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "challenge");
    }
    /* Whoever checked it did so as of when the request began, which may have been long in coming:
     * where the row may be gone already, nothing tells whether it was used. */
    if (txn_now(txn) >= expires_of(nonce.ptr) + (KEPT_S - SKEW_S) * TSEC_NS_PER_S) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "challenge-expired");
    }
    tsec_hex_encode(nonce, hex);
    key = txn_key2(txn, CHALLENGE_PREFIX, tsec_span_str(hex));
    row = tsec_arena_dup(txn_arena(txn), key);
    if (row == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a challenge's row");
    }
    rc = txn_get(txn, key, &payload, err);
    if (rc.code != TSEC_E_NOT_FOUND) { /* and what cannot be read is not taken for absent */
        return tsec_failed(rc) ? rc : TSEC_FAIL(err, TSEC_E_DENIED, "challenge-used");
    }
    TSEC_TRY(record_put_mark(txn, key, err));
    return expiry_put_rows(txn, expires_of(nonce.ptr) + KEPT_S * TSEC_NS_PER_S, hex,
                           (struct tsec_strings){ &row, 1 }, err);
}

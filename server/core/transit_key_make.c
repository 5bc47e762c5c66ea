/* SPDX-License-Identifier: Apache-2.0 */
/* What a version is made of, made here. */
#include "core/transit_key.h"
#include "crypto/rand.h"

static tsec_rc
make_random(size_t len, struct tsec_arena *arena, struct tsec_span *out, struct tsec_err *err)
{
    uint8_t *bytes = tsec_arena_alloc(arena, len);

    if (bytes == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a key");
    }
    tsec_rand_bytes(bytes, len);
    *out = tsec_span(bytes, len);
    return TSEC_OK;
}

static tsec_rc
keep(struct tsec_arena *arena, const struct tsec_buf *buf, struct tsec_span *out,
     struct tsec_err *err)
{
    const char *copy;

    TSEC_TRY(tsec_buf_check(buf, err));
    copy = tsec_arena_dup(arena, tsec_buf_span(buf));
    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a key");
    }
    *out = tsec_span(copy, buf->len);
    return TSEC_OK;
}

static tsec_rc
make_pair(enum tsec_pair_kind kind, struct tsec_arena *arena, struct transit_fresh *out,
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    TSEC_TRY(tsec_pair_generate(kind, &pair, err));
    TSEC_TRY(tsec_pair_pkcs8(pair, &pkcs8, err));
    TSEC_TRY(tsec_pair_spki(pair, &spki, err));
    TSEC_TRY(keep(arena, &pkcs8, &out->material, err));
    return keep(arena, &spki, &out->spki, err);
}

tsec_rc
transit_make(enum transit_type type, int64_t key_size, struct tsec_arena *arena,
             struct transit_fresh *out, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(type);

    *out = (struct transit_fresh){ .type = type };
    if (traits == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "unknown key type");
    }
    if (key_size != 0 && type != TRANSIT_HMAC) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key_size is not valid for algorithm %s",
                         traits->name);
    }
    if (key_size != 0 && (key_size < TRANSIT_KEY_SIZE_MIN || key_size > TRANSIT_KEY_SIZE_MAX)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid key_size %lld", (long long)key_size);
    }
    TSEC_TRY(make_random(TRANSIT_HMAC_KEY_LEN, arena, &out->hmac_key, err));
    if (traits->pair != 0) {
        return make_pair(traits->pair, arena, out, err);
    }
    if (type != TRANSIT_HMAC) {
        return make_random(tsec_aead_key_len(traits->aead), arena, &out->material, err);
    }
    return make_random(key_size == 0 ? TRANSIT_KEY_SIZE_MIN : (size_t)key_size, arena,
                       &out->material, err);
}

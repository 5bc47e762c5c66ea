/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are imported.  The first byte says of which type; the second how the rest is meant: as
 * what somebody sent, or as a key, which is wrapped here as a client does it.  Whatever is wrong
 * with a wrapping, there is one sentence for it; what is right comes out as it went in. */
#include "core/transit_crypt.h"
#include "core/transit_transfer.h"
#include "crypto/keywrap.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/wrapping_key.h"

enum {
    ARENA_MAX = 1 << 20,
    WRAPPING_LEN = 512,
    PLAIN_MAX = 8192,
    WRAP = 1,  /* of the second byte */
    SPOIL = 2, /* and a bit is turned over */
    SHORT = 4, /* the ephemeral key is of another length */
    AS_IS = 8, /* a public key alone */
};

static const char sentence[] =
    "error importing key: it is not wrapped for this mount's wrapping key";
static const uint8_t ephemeral[TSEC_KWP_KEY_LEN] = { 1, 2, 3 };

static struct tsec_span
wrapping_pkcs8(void)
{
    return tsec_span(wrapping_key, sizeof(wrapping_key));
}

static void
wrap(struct tsec_span key, bool short_key, struct tsec_buf *out)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    const struct tsec_span inner = tsec_span(ephemeral, short_key ? 16 : sizeof(ephemeral));

    FUZZ_ASSERT(!tsec_failed(tsec_pair_open(TSEC_PAIR_RSA4096, wrapping_pkcs8(), &pair, NULL)));
    FUZZ_ASSERT(
        !tsec_failed(tsec_pair_encrypt(pair, TSEC_SHA256, tsec_span(NULL, 0), inner, out, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_kwp_wrap(ephemeral, key, out, NULL)));
}

/* What a version of that type may be. */
static void
check_fresh(enum transit_type type, const struct transit_fresh *fresh)
{
    const struct transit_material *material = NULL;
    const struct transit_version version = {
        .number = 1,
        .material = fresh->material,
        .hmac_key = fresh->hmac_key,
        .spki = fresh->spki,
    };

    FUZZ_ASSERT(fresh->type == type && fresh->imported);
    FUZZ_ASSERT(!tsec_failed(transit_material_new(type, &version, &material, NULL)));
    transit_material_release(material);
}

static void
unwrap(enum transit_type type, struct tsec_span wrapped, bool must_fail, struct tsec_arena *arena)
{
    struct transit_fresh fresh;
    struct tsec_err err = { 0 };
    const tsec_rc rc =
        transit_unwrap(type, wrapping_pkcs8(), TSEC_SHA256, wrapped, arena, &fresh, &err);

    FUZZ_ASSERT(!tsec_failed(rc) || rc.code == TSEC_E_INVALID);
    if (!tsec_failed(rc)) {
        FUZZ_ASSERT(!must_fail);
        check_fresh(type, &fresh);
    } else if (must_fail && wrapped.len > WRAPPING_LEN && wrapped.len <= TRANSIT_IMPORT_MAX) {
        FUZZ_ASSERT(strcmp(err.detail, sentence) == 0);
    }
}

static void
wrapped_here(enum transit_type type, uint8_t how, struct tsec_span key, struct tsec_arena *arena)
{
    TSEC_AUTO_BUF struct tsec_buf both = TSEC_BUF_INIT(2 * PLAIN_MAX);
    struct transit_fresh fresh;
    struct transit_fresh direct;
    tsec_rc taken;

    if (key.len == 0 || key.len > PLAIN_MAX) {
        return;
    }
    wrap(key, (how & SHORT) != 0, &both);
    if ((how & SPOIL) != 0) {
        both.ptr[(size_t)how * 131 % both.len] ^= 1;
    }
    if ((how & (SHORT | SPOIL)) != 0) {
        unwrap(type, tsec_buf_span(&both), true, arena);
        return;
    }
    taken = transit_take(type, key, arena, &direct, NULL);
    FUZZ_ASSERT(transit_unwrap(type, wrapping_pkcs8(), TSEC_SHA256, tsec_buf_span(&both), arena,
                               &fresh, NULL)
                    .code
                == taken.code);
    if (!tsec_failed(taken)) {
        check_fresh(type, &fresh);
        FUZZ_ASSERT(tsec_span_equal(fresh.material, direct.material));
        FUZZ_ASSERT(tsec_span_equal(fresh.spki, direct.spki));
    }
}

static void
public_alone(enum transit_type type, struct tsec_span key, struct tsec_arena *arena)
{
    struct transit_fresh fresh;
    const tsec_rc rc = transit_import_public(type, key, arena, &fresh, NULL);

    if (!tsec_failed(rc)) {
        FUZZ_ASSERT(fresh.material.len == 0 && fresh.spki.len > 0);
        check_fresh(type, &fresh);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;

    if (size < 2) {
        return 0;
    }

    const enum transit_type type = (enum transit_type)(1 + data[0] % (TRANSIT_TYPES - 1));
    const struct tsec_span rest = tsec_span(data + 2, size - 2);

    FUZZ_ASSERT(!tsec_failed(tsec_arena_new(ARENA_MAX, &arena, NULL)));
    if ((data[1] & AS_IS) != 0) {
        public_alone(type, rest, arena);
    } else if ((data[1] & WRAP) != 0) {
        wrapped_here(type, data[1], rest, arena);
    } else {
        unwrap(type, rest, false, arena);
    }
    return 0;
}

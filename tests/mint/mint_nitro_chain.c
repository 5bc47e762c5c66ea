/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/mint/mint_nitro_internal.h"

/* Where the keys of a program stand: those of the chain, then those that belong to nobody. */
struct mint_key *
mint_nitro_key(size_t slot, enum tsec_pubkey_kind kind)
{
    static struct mint_key *keys[MINT_NITRO_SLOTS][TSEC_PUBKEY_ED25519 + 1];
    struct mint_key **key = &keys[slot][kind];

    if (*key == NULL) {
        *key = kind == TSEC_PUBKEY_RSA ? mint_rsa(2048, 0) : mint_key(kind);
    }
    return *key;
}

static bool
is_other(const struct mint_nitro_spec *spec, size_t i)
{
    return spec->other_issuer && i == MINT_NITRO_LEAF;
}

static void
make(const struct mint_nitro_spec *spec, size_t i, struct tsec_buf *der)
{
    const size_t issuer = i == 0 ? 0 : i - 1;

    mint_cert(&spec->certs[i], mint_nitro_key(i, spec->kinds[i]),
              mint_nitro_key(is_other(spec, i) ? MINT_NITRO_STRANGER : issuer, spec->kinds[issuer]),
              der);
}

/* Signatures are random: what is asked for again is handed out again, so that the same chain in two
 * documents is the same bytes. */
void
mint_nitro_cert(const struct mint_nitro_spec *spec, size_t index, struct tsec_buf *out)
{
    static struct {
        struct mint_cert_spec certs[2]; /* issuer and subject */
        enum tsec_pubkey_kind kinds[2];
        bool other;
        struct tsec_buf der;
    } made[MINT_NITRO_CERTS];
    const size_t issuer = index == 0 ? 0 : index - 1;
    __typeof__(made[0]) *m = &made[index];

    if (m->der.len == 0 || memcmp(&m->certs[0], &spec->certs[issuer], sizeof(m->certs[0])) != 0
        || memcmp(&m->certs[1], &spec->certs[index], sizeof(m->certs[1])) != 0
        || m->kinds[0] != spec->kinds[issuer] || m->kinds[1] != spec->kinds[index]
        || m->other != is_other(spec, index)) {
        tsec_buf_done(&m->der);
        tsec_buf_init(&m->der, MINT_NITRO_MAX);
        make(spec, index, &m->der);
        memcpy(&m->certs[0], &spec->certs[issuer], sizeof(m->certs[0]));
        memcpy(&m->certs[1], &spec->certs[index], sizeof(m->certs[1]));
        m->kinds[0] = spec->kinds[issuer];
        m->kinds[1] = spec->kinds[index];
        m->other = is_other(spec, index);
    }
    tsec_buf_put_span(out, tsec_buf_span(&m->der));
}

static void
put_cert(const struct mint_nitro_spec *spec, size_t index, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(MINT_NITRO_MAX);

    if (index == 0 && spec->swapped_root) {
        struct mint_key *stranger = mint_nitro_key(MINT_NITRO_STRANGER, spec->kinds[0]);

        mint_cert(&spec->certs[0], stranger, stranger, &der);
    } else {
        mint_nitro_cert(spec, index, &der);
    }
    mint_cbor_bytes(out, tsec_buf_span(&der));
}

void
mint_nitro_put_leaf(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    put_cert(spec, MINT_NITRO_LEAF, out);
}

void
mint_nitro_put_cabundle(const struct mint_nitro_spec *spec, struct tsec_buf *out)
{
    const size_t from = spec->empty_cabundle ? MINT_NITRO_LEAF : spec->no_root ? 1 : 0;

    if (spec->indefinite_cabundle) {
        mint_cbor_indefinite(out, MINT_CBOR_ARRAY);
    } else {
        mint_cbor_head(out, MINT_CBOR_ARRAY, MINT_NITRO_LEAF - from);
    }
    for (size_t i = from; i < MINT_NITRO_LEAF; i++) {
        put_cert(spec, i, out);
    }
    if (spec->indefinite_cabundle) {
        tsec_buf_put_byte(out, MINT_CBOR_BREAK);
    }
}

/* ---- the genuine chain ---- */

enum { HOUR = 3600, DAY = 24 * HOUR, YEAR = 365 * DAY };

/* As aws.nitro-enclaves, its regional and zonal CAs, the instance and its enclave have them. */
void
mint_nitro_genuine_chain(struct mint_nitro_spec *spec)
{
    static const struct {
        const char *cn;
        int64_t from; /* seconds before MINT_NITRO_NOW */
        int64_t to;   /* and after it */
        int path_len;
        unsigned key_usage;
    } levels[MINT_NITRO_CERTS] = {
        { "test.nitro-enclaves", 7 * (int64_t)YEAR, 22 * (int64_t)YEAR, -1,
          MINT_KU_DIGITAL_SIGNATURE | MINT_KU_CERT_SIGN | MINT_KU_CRL_SIGN },
        { "0123.us-test-1.test.nitro-enclaves", 10 * DAY, 10 * DAY, 2,
          MINT_KU_DIGITAL_SIGNATURE | MINT_KU_CERT_SIGN | MINT_KU_CRL_SIGN },
        { "4567.zonal.us-test-1.test.nitro-enclaves", 3 * DAY, 3 * DAY, 1,
          MINT_KU_DIGITAL_SIGNATURE | MINT_KU_CERT_SIGN | MINT_KU_CRL_SIGN },
        { "i-0123456789abcdef0.us-test-1.test.nitro-enclaves", 12 * HOUR, 12 * HOUR, 0,
          MINT_KU_CERT_SIGN },
        { "i-0123456789abcdef0-enc0123456789abcdef.us-test-1.test", 3, 3 * HOUR, -1,
          MINT_KU_DIGITAL_SIGNATURE },
    };

    for (size_t i = 0; i < MINT_NITRO_CERTS; i++) {
        spec->kinds[i] = TSEC_PUBKEY_P384;
        spec->certs[i].cn = levels[i].cn;
        spec->certs[i].issuer_cn = i == 0 ? NULL : levels[i - 1].cn;
        spec->certs[i].not_before = MINT_NITRO_NOW - levels[i].from;
        spec->certs[i].not_after = MINT_NITRO_NOW + levels[i].to;
        spec->certs[i].serial = 1000 + i;
        spec->certs[i].basic_constraints = true;
        spec->certs[i].ca = i != MINT_NITRO_LEAF;
        spec->certs[i].path_len = levels[i].path_len;
        spec->certs[i].key_usage = levels[i].key_usage;
        spec->certs[i].md = "SHA384";
    }
}

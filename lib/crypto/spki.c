/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/obj_mac.h>

#include "crypto/key_internal.h"

/* For these kinds a SubjectPublicKeyInfo is a constant followed by the raw key (RFC 8410 section 4,
 * RFC 5480 section 2 with a named curve and an uncompressed point), so none is ever decoded as
 * ASN.1: other encodings of the same key, explicit curve parameters above all, are refused. */

static const uint8_t ed25519[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
static const uint8_t x25519[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                  0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00 };
static const uint8_t p384[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00 };
static const uint8_t p256[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };

static const struct tsec_key_form forms[] = {
    { TSEC_KEY_ED25519, "ED25519", NULL, 0, 32, 32, ed25519, sizeof(ed25519) },
    { TSEC_KEY_P384, "EC", "P-384", NID_secp384r1, 97, 48, p384, sizeof(p384) },
    { TSEC_KEY_P256, "EC", "P-256", NID_X9_62_prime256v1, 65, 32, p256, sizeof(p256) },
    { TSEC_KEY_X25519, "X25519", NULL, 0, 32, 32, x25519, sizeof(x25519) },
};

const struct tsec_key_form *
tsec_key_form(enum tsec_key_kind kind)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        if (forms[i].kind == kind) {
            return &forms[i];
        }
    }
    return NULL;
}

tsec_rc
tsec_key_from_spki(struct tsec_span der, struct tsec_key **out, struct tsec_err *err)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        const struct tsec_key_form *f = &forms[i];

        if (der.len == f->spki_len + f->public_len
            && tsec_span_starts(der, tsec_span(f->spki, f->spki_len))) {
            return tsec_key_from_public(f->kind, tsec_span(der.ptr + f->spki_len, f->public_len),
                                        out, err);
        }
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "public key of an unknown kind or encoding");
}

tsec_rc
tsec_key_spki(const struct tsec_key *key, struct tsec_buf *out, struct tsec_err *err)
{
    tsec_buf_put(out, key->form->spki, key->form->spki_len);
    tsec_buf_put(out, key->public_key, key->form->public_len);
    return tsec_buf_check(out, err);
}

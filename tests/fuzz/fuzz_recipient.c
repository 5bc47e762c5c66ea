/* SPDX-License-Identifier: Apache-2.0 */
/* What a recipient is given.  The first byte says what the rest is: a JWE for a curve's key, a JWE
 * or CMS for an RSA key, or a recipient's public key as a JWK or in DER.  What is refused leaves
 * nothing behind; a key that is taken can be written to. */
#include <string.h>

#include "codec/pem.h"
#include "crypto/cms.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pair_keys.h"
#include "tests/fuzz/wrapping_key.h"

enum { TEXT_MAX = 64 * 1024 };

static struct tsec_recipient *on_curve;
static struct tsec_recipient *rsa;

static struct tsec_recipient *
open_key(struct tsec_span der)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(TEXT_MAX);
    struct tsec_recipient *recipient = NULL;

    tsec_pem_append(&pem, "PRIVATE KEY", der);
    FUZZ_ASSERT(!tsec_failed(tsec_recipient_from_pem(tsec_buf_span(&pem), &recipient, NULL)));
    return recipient;
}

static void
open_keys(void)
{
    uint8_t der[512];

    if (on_curve != NULL) {
        return;
    }
    for (size_t i = 0; i < PAIR_KEYS; i++) {
        if (pair_keys[i].kind == TSEC_PAIR_P256) {
            const size_t len = strlen(pair_keys[i].hex) / 2;

            FUZZ_ASSERT(len <= sizeof(der)
                        && tsec_hex_decode(tsec_span_str(pair_keys[i].hex), der, len));
            on_curve = open_key(tsec_span(der, len));
        }
    }
    FUZZ_ASSERT(on_curve != NULL);
    rsa = open_key(tsec_span(wrapping_key, sizeof(wrapping_key)));
}

static void
is_read_or_refused(tsec_rc rc, const struct tsec_buf *plain)
{
    FUZZ_ASSERT(rc.code == 0 || rc.code == TSEC_E_INVALID || rc.code == TSEC_E_DENIED
                || rc.code == TSEC_E_TOO_LARGE);
    FUZZ_ASSERT(rc.code == 0 || plain->len == 0);
}

static void
is_a_key_or_refused(tsec_rc rc, struct tsec_span spki)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(TEXT_MAX);
    const tsec_rc known = tsec_failed(rc) ? rc : tsec_jwe_recipient_check(spki, NULL);

    FUZZ_ASSERT(known.code == 0 || known.code == TSEC_E_INVALID);
    if (known.code == 0) {
        FUZZ_ASSERT(!tsec_failed(tsec_jwe_encrypt(spki, tsec_span(NULL, 0), NULL,
                                                  tsec_span_str("secret"), &token, NULL)));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(TEXT_MAX);
    const struct tsec_span rest = tsec_span(data + 1, size == 0 ? 0 : size - 1);

    open_keys();
    switch (size == 0 ? 0 : data[0]) {
    case 'E':
        is_read_or_refused(tsec_jwe_decrypt(on_curve, rest, &plain, NULL), &plain);
        break;
    case 'R':
        is_read_or_refused(tsec_jwe_decrypt(rsa, rest, &plain, NULL), &plain);
        break;
    case 'C':
        is_read_or_refused(tsec_cms_decrypt(rsa, rest, &plain, NULL), &plain);
        break;
    case 'K':
        is_a_key_or_refused(tsec_jwk_to_spki(rest, &plain, NULL), tsec_buf_span(&plain));
        break;
    case 'S':
        is_a_key_or_refused(TSEC_OK, rest);
        break;
    default:
        break;
    }
    return 0;
}

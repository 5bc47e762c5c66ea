/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/pem.h"
#include "crypto/recipient_internal.h"

static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_P384, TSEC_PAIR_P256, TSEC_PAIR_RSA2048,
                                             TSEC_PAIR_RSA3072, TSEC_PAIR_RSA4096 };

static tsec_rc
with_pair(struct tsec_pair *pair, struct tsec_recipient **out, struct tsec_err *err)
{
    struct tsec_recipient *recipient = calloc(1, sizeof(*recipient));

    if (recipient == NULL) {
        tsec_pair_free(pair);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a recipient's key");
    }
    recipient->pair = pair;
    *out = recipient;
    return TSEC_OK;
}

tsec_rc
tsec_recipient_generate(enum tsec_recipient_kind kind, struct tsec_recipient **out,
                        struct tsec_err *err)
{
    static const enum tsec_pair_kind by_kind[] = {
        [TSEC_RECIPIENT_P384] = TSEC_PAIR_P384,
        [TSEC_RECIPIENT_P256] = TSEC_PAIR_P256,
        [TSEC_RECIPIENT_RSA] = TSEC_PAIR_RSA2048, /* what AWS and Azure expect */
    };
    struct tsec_pair *pair = NULL;

    if ((unsigned)kind >= TSEC_ARRAY_LEN(by_kind) || by_kind[kind] == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "recipient's key of kind %d", (int)kind);
    }
    TSEC_TRY(tsec_pair_generate(by_kind[kind], &pair, err));
    return with_pair(pair, out, err);
}

tsec_rc
tsec_recipient_from_pem(struct tsec_span pem, struct tsec_recipient **out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    struct tsec_span label = { NULL, 0 };
    struct tsec_pair *pair = NULL;
    bool found = false;

    tsec_buf_reserve(&der, der.max);
    TSEC_TRY(tsec_pem_next(&pem, &label, &der, &found, err));
    if (!found || !tsec_span_is(label, "PRIVATE KEY")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a PKCS #8 key in PEM");
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        const tsec_rc rc = tsec_pair_import(kinds[i], tsec_buf_span(&der), &pair, err);

        if (!tsec_failed(rc)) {
            return with_pair(pair, out, err);
        }
        if (rc.code != TSEC_E_INVALID) {
            return rc;
        }
    }
    return TSEC_FAIL(err, TSEC_E_INVALID,
                     "a recipient's key is on P-384 or P-256, or RSA of 2048, 3072 or 4096 bits");
}

void
tsec_recipient_free(struct tsec_recipient *recipient)
{
    if (recipient != NULL) {
        tsec_pair_free(recipient->pair);
        free(recipient);
    }
}

tsec_rc
tsec_recipient_spki(const struct tsec_recipient *recipient, struct tsec_buf *out,
                    struct tsec_err *err)
{
    return tsec_pair_spki(recipient->pair, out, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/cms.h
 * @brief CMS EnvelopedData (RFC 5652) in the one profile of AWS's CiphertextForRecipient:
 * RSAES-OAEP with SHA-256, AES-256-CBC, the recipient by subject key identifier.
 *
 * It carries no proof of who made it: the channel it comes over has to.
 */
#ifndef TSEC_CRYPTO_CMS_H
#define TSEC_CRYPTO_CMS_H

#include "crypto/jwe.h"

/** To an RSA key of 2048 bits or more; appends DER.  TSEC_E_INVALID: another kind of key. */
TSEC_MUST_CHECK tsec_rc tsec_cms_encrypt(struct tsec_span spki, struct tsec_span plain,
                                         struct tsec_buf *out, struct tsec_err *err);
/** DER or BER, as AWS sends it.  TSEC_E_DENIED. */
TSEC_MUST_CHECK tsec_rc tsec_cms_decrypt(const struct tsec_recipient *recipient,
                                         struct tsec_span cms, struct tsec_buf *plain,
                                         struct tsec_err *err);

#endif

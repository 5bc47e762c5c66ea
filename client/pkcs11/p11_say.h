/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_say.h
 * @brief Why something failed: as a CKR_ code to the program, and in words to whoever looks.
 *
 * The words go to standard error, which is the program's own, and only when
 * TEE_SECRETS_PKCS11_DEBUG is set.  They never hold a secret.
 */
#ifndef TSEC_CLIENT_P11_SAY_H
#define TSEC_CLIENT_P11_SAY_H

#include <p11-kit/pkcs11.h>

#include "base/err.h"

/** Whether words are wanted; asked once, as a program may drop its environment later. */
void p11_say_setup(void);
__attribute__((format(printf, 1, 2))) void p11_say(const char *fmt, ...);

/** The code of a failure of our own; its words are said. */
ck_rv_t p11_rv_of(tsec_rc rc, const struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file process/user.h
 * @brief From root to an ordinary user, for good.
 */
#ifndef TSEC_PROCESS_USER_H
#define TSEC_PROCESS_USER_H

#include "base/err.h"

/** Becomes `name` with the groups that user has (TEE devices are often a group's), and proves that
 *  there is no way back.  When not started as root only checks that it is that user already.
 *  TSEC_E_CONFIG: no such user, or root itself. */
TSEC_MUST_CHECK tsec_rc process_become(const char *name, struct tsec_err *err);

#endif

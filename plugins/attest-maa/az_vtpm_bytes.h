/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file az_vtpm_bytes.h
 * @brief Bytes as JSON evidence has them: hex, base64 of either alphabet, or a list of numbers.
 */
#ifndef ATTEST_MAA_AZ_VTPM_BYTES_H
#define ATTEST_MAA_AZ_VTPM_BYTES_H

#include "base/buf.h"

/** Appends what one checked JSON value says.  Text that is hex throughout is hex; base64 may have
 *  its padding or not; white space is in neither.  TSEC_E_INVALID: none of these, or more than
 *  `out` takes. */
TSEC_MUST_CHECK tsec_rc az_vtpm_bytes(struct tsec_span value, struct tsec_buf *out,
                                      struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_param.h
 * @brief Parameters of a prepared statement, and columns of its result, always binary.
 *
 * Borrows every byte but those of numbers: what is given stays where it is until it is sent.
 */
#ifndef STORE_PG_PG_PARAM_H
#define STORE_PG_PG_PARAM_H

#include <libpq-fe.h>

#include "base/buf.h"

enum { PG_PARAMS_MAX = 3 };

struct pg_params {
    int n;
    const char *values[PG_PARAMS_MAX];
    int lengths[PG_PARAMS_MAX];
    int formats[PG_PARAMS_MAX];
    uint8_t number[PG_PARAMS_MAX][8];
};

void pg_params_bytes(struct pg_params *params, struct tsec_span bytes);
void pg_params_int64(struct pg_params *params, int64_t number);

/** A bytea[] in the making.  Begun once, closed by pg_array_end(). */
struct pg_array {
    struct tsec_buf bytes;
    uint32_t len;
};

void pg_array_begin(struct pg_array *array, size_t max);
void pg_array_put(struct pg_array *array, struct tsec_span element);
/** TSEC_E_TOO_LARGE, TSEC_E_NO_MEMORY: an element did not fit. */
TSEC_MUST_CHECK tsec_rc pg_array_end(struct pg_array *array, struct tsec_err *err);
void pg_array_done(struct pg_array *array);

/** One bytea column of one row; TSEC_E_TAMPERED: not one, or longer than `max`. */
TSEC_MUST_CHECK tsec_rc pg_column(const PGresult *result, int row, int column, size_t max,
                                  struct tsec_span *out, struct tsec_err *err);

#endif

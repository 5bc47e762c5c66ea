/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_param.h"

enum { BYTEA_OID = 17, BINARY = 1, HEADER = 20 };

static void
put_u32(uint8_t *at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

void
pg_params_bytes(struct pg_params *params, struct tsec_span bytes)
{
    /* A NULL pointer would be SQL's NULL, which is not an empty value. */
    params->values[params->n] = bytes.len == 0 ? "" : (const char *)bytes.ptr;
    params->lengths[params->n] = (int)bytes.len;
    params->formats[params->n] = BINARY;
    params->n++;
}

void
pg_params_int64(struct pg_params *params, int64_t number)
{
    uint8_t *at = params->number[params->n];

    put_u32(at, (uint32_t)((uint64_t)number >> 32));
    put_u32(at + 4, (uint32_t)(uint64_t)number);
    pg_params_bytes(params, tsec_span(at, 8));
}

/* array_send() of PostgreSQL: dimensions, whether there are NULLs, type of the elements, then
 * length and lower bound of the one dimension, then each element after its length. */
void
pg_array_begin(struct pg_array *array, size_t max)
{
    array->len = 0;
    tsec_buf_init(&array->bytes, max);
    (void)tsec_buf_extend(&array->bytes, HEADER);
}

void
pg_array_put(struct pg_array *array, struct tsec_span element)
{
    uint8_t len[4];

    put_u32(len, (uint32_t)element.len);
    tsec_buf_put(&array->bytes, len, sizeof(len));
    tsec_buf_put_span(&array->bytes, element);
    array->len++;
}

tsec_rc
pg_array_end(struct pg_array *array, struct tsec_err *err)
{
    const uint32_t header[] = { 1, 0, BYTEA_OID, array->len, 1 };

    TSEC_TRY(tsec_buf_check(&array->bytes, err));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(header); i++) {
        put_u32(array->bytes.ptr + 4 * i, header[i]);
    }
    return TSEC_OK;
}

void
pg_array_done(struct pg_array *array)
{
    tsec_buf_done(&array->bytes);
}

tsec_rc
pg_column(const PGresult *result, int row, int column, size_t max, struct tsec_span *out,
          struct tsec_err *err)
{
    const int len = PQgetlength(result, row, column);

    if (PQftype(result, column) != BYTEA_OID || PQfformat(result, column) != BINARY
        || PQgetisnull(result, row, column) != 0 || len < 0 || (size_t)len > max) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a record of a form that was never stored");
    }
    *out = tsec_span(PQgetvalue(result, row, column), (size_t)len);
    return TSEC_OK;
}

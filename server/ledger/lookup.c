/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/lookup.h"

#include "base/buf.h"
#include "base/span.h"

tsec_rc
store_get_many(const struct tsec_store_ops *ops, struct tsec_store *store,
               const struct tsec_span *keys, size_t n, tsec_store_visit_fn visit, void *ctx,
               struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&value);

    if (ops->get_many != NULL) {
        return ops->get_many(store, keys, n, visit, ctx, err);
    }
    if (n > TSEC_STORE_KEYS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%zu keys in one question", n);
    }
    for (size_t i = 0; i < n; i++) {
        tsec_buf_reset(&value);

        const tsec_rc rc = ops->get(store, keys[i], &sink, err);

        if (rc.code == TSEC_E_NOT_FOUND) {
            continue;
        }
        TSEC_TRY(rc);
        TSEC_TRY(visit(ctx, keys[i], tsec_buf_span(&value)));
    }
    return TSEC_OK;
}

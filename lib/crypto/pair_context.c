/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <openssl/err.h>

#include "crypto/pair_internal.h"

void
tsec_pair_drop(struct tsec_pair_contexts *contexts)
{
    if (contexts != NULL) {
        EVP_PKEY_CTX_free(contexts->sign);
        EVP_PKEY_CTX_free(contexts->verify);
        EVP_MD_CTX_free(contexts->md_sign);
        EVP_MD_CTX_free(contexts->md_verify);
        free(contexts);
    }
}

struct tsec_pair_contexts *
tsec_pair_take(const struct tsec_pair *pair)
{
    struct tsec_pair_contexts *contexts = tsec_slots_take(pair->idle);

    return contexts != NULL ? contexts : calloc(1, sizeof(*contexts));
}

void
tsec_pair_put(const struct tsec_pair *pair, struct tsec_pair_contexts *contexts)
{
    if (!tsec_slots_put(pair->idle, contexts)) {
        tsec_pair_drop(contexts);
    }
}

static void
drop(void *item)
{
    tsec_pair_drop(item);
}

void
tsec_pair_contexts_free(struct tsec_pair *pair)
{
    tsec_slots_free(pair->idle, drop);
    pair->idle = NULL;
}

static bool
out_of_memory(void)
{
    bool is = false;

    for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
        is = is || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    }
    return is;
}

tsec_rc
tsec_pair_failed(struct tsec_err *err, enum tsec_code code, const char *what)
{
    if (out_of_memory()) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY,
                         "%s: out of memory, or the locked memory for keys is full", what);
    }
    return TSEC_FAIL(err, code, "%s", what);
}

void
tsec_pair_native(const uint8_t *big, uint8_t *native, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        native[i] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? big[len - 1 - i] : big[i];
    }
}

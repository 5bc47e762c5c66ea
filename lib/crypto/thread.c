/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "crypto/internal.h"

static pthread_key_t key;
static bool have_key;
static atomic_uint next_ordinal;
static _Thread_local struct tsec_thread *mine;

static void
thread_free(void *arg)
{
    struct tsec_thread *t = arg;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t->md); i++) {
        EVP_MD_CTX_free(t->md[i]);
    }
    tsec_secret_free(t->nonces);
    explicit_bzero(t, sizeof(*t));
    free(t);
    mine = NULL;
}

bool
tsec_thread_setup(void)
{
    have_key = pthread_key_create(&key, thread_free) == 0;
    return have_key;
}

/* A plugin that is unloaded takes its copy of this code along: no thread may then call
 * thread_free() in it when it ends. */
__attribute__((destructor)) static void
forget_key(void)
{
    if (have_key) {
        (void)pthread_key_delete(key);
    }
}

struct tsec_thread *
tsec_thread(void)
{
    if (mine != NULL) {
        return mine;
    }
    (void)tsec_algs(); /* the key exists after this */

    struct tsec_thread *t = calloc(1, sizeof(*t));

    if (t == NULL || pthread_setspecific(key, t) != 0) {
        tsec_crypto_abort("no memory for a thread");
    }
    t->ordinal = atomic_fetch_add_explicit(&next_ordinal, 1, memory_order_relaxed);
    mine = t;
    return t;
}

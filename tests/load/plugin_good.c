/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin that loads, and ones that do not: the Makefile builds this file several times. */
#include <stddef.h>

#include <tsec/store.h>

#ifndef GOOD_NAME
#define GOOD_NAME "store-good"
#endif
#ifndef GOOD_MAGIC
#define GOOD_MAGIC TSEC_ABI_MAGIC
#endif
#ifdef GOOD_NEEDS
int GOOD_NEEDS(void);
#endif

static tsec_rc
good_open(const struct tsec_host *host, const char *uri, struct tsec_store **out,
          struct tsec_err *err)
{
    (void)host;
    (void)uri;
    (void)err;
    *out = NULL;
#ifdef GOOD_NEEDS
    return (tsec_rc){ GOOD_NEEDS() };
#else
    return (tsec_rc){ 0 };
#endif
}

static void
good_close(struct tsec_store *store)
{
    (void)store;
}

static tsec_rc
good_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
         struct tsec_err *err)
{
    (void)store;
    (void)key;
    (void)out;
    (void)err;
    return (tsec_rc){ TSEC_E_NOT_FOUND };
}

static tsec_rc
good_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after, size_t limit,
          tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    (void)store;
    (void)prefix;
    (void)after;
    (void)limit;
    (void)visit;
    (void)ctx;
    (void)err;
    return (tsec_rc){ 0 };
}

static tsec_rc
good_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
            struct tsec_err *err)
{
    (void)store;
    (void)ops;
    (void)n;
    (void)err;
    return (tsec_rc){ TSEC_E_READ_ONLY };
}

static tsec_rc
good_health(struct tsec_store *store, struct tsec_err *err)
{
    (void)store;
    (void)err;
    return (tsec_rc){ 0 };
}

static const struct tsec_store_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = good_open,
    .close = good_close,
    .get = good_get,
    .scan = good_scan,
    .commit = good_commit,
    .health = good_health,
};

static const struct tsec_plugin plugin = {
    .abi_magic = GOOD_MAGIC,
    .abi_major = TSEC_ABI_MAJOR,
    .abi_minor = TSEC_ABI_MINOR,
    .struct_size = (uint32_t)sizeof(struct tsec_plugin),
    .kind = TSEC_PLUGIN_STORE,
    .name = GOOD_NAME,
    .version = "0",
    .store = &ops_table,
};

#ifdef GOOD_WITHOUT_ENTRY
const struct tsec_plugin *another_entry(void);
#define ENTRY another_entry
#else
#define ENTRY TSEC_PLUGIN_ENTRY
#endif

__attribute__((visibility("default"))) const struct tsec_plugin *
ENTRY(void)
{
    return &plugin;
}

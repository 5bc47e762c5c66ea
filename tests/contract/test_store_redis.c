/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "load/loader.h"
#include "tests/contract/store_contract.h"
#include "tests/double/redis_rig.h"

static struct redis_rig rig;

/* One server, a prefix for each store. */
static void
fresh(char *uri, size_t size)
{
    static unsigned n;
    char options[32];

    (void)snprintf(options, sizeof(options), "prefix=contract%u", n++);
    redis_rig_uri(&rig, options, uri, size);
}

static const struct tsec_store_ops *
load(void)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(
            tsec_plugin_load(PLUGIN_DIR, "store-redis", TSEC_PLUGIN_STORE, &plugin, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return NULL;
    }
    return plugin->store;
}

int
main(void)
{
    struct store_subject subject = { .fresh = fresh, .shared = true, .other_process = true };
    int rc = TEST_FAIL;

    if (!redis_rig_is_there()) {
        (void)fprintf(stderr, "no redis-server here: install redis-server\n");
        return TEST_SKIP;
    }
    subject.ops = load();
    redis_rig_init(&rig, "redis", NULL);
    if (subject.ops != NULL && redis_rig_start(&rig)) {
        store_contract_use(&subject);
        rc = test_main("contract of store-redis", store_contract_cases, store_contract_len);
    }
    redis_rig_stop(&rig);
    return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "load/loader.h"
#include "tests/contract/store_contract.h"
#include "tests/double/temp_dir.h"

static void
fresh(char *uri, size_t size)
{
    static unsigned n;

    (void)snprintf(uri, size, "sqlite:%s/contract%u.db", temp_dir(), n++);
}

static const struct tsec_store_ops *
load(void)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(
            tsec_plugin_load(PLUGIN_DIR, "store-sqlite", TSEC_PLUGIN_STORE, &plugin, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return NULL;
    }
    return plugin->store;
}

int
main(void)
{
    struct store_subject subject = { .fresh = fresh, .other_process = true };

    subject.ops = load();
    if (subject.ops == NULL) {
        return TEST_FAIL;
    }
    store_contract_use(&subject);
    return test_main("contract of store-sqlite", store_contract_cases, store_contract_len);
}

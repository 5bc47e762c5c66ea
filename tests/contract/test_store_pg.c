/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load/loader.h"
#include "tests/contract/store_contract.h"
#include "tests/double/pg_rig.h"

static struct pg_rig rig;
static const char *elsewhere; /* the URI of another engine's database, as an argument */

/* Each store is a schema of one database, as several clusters may share one. */
static void
fresh(char *uri, size_t size)
{
    static unsigned n;
    char schema[32];

    if (elsewhere != NULL) {
        (void)snprintf(uri, size, "%s%cschema=contract%ld_%u", elsewhere,
                       strchr(elsewhere, '?') == NULL ? '?' : '&', (long)getpid(), n);
    } else {
        (void)snprintf(schema, sizeof(schema), "&schema=contract%u", n);
        pg_rig_uri(&rig, n % 2 == 1, schema, uri, size);
    }
    n++;
}

static const struct tsec_store_ops *
load(void)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(tsec_plugin_load(PLUGIN_DIR, "store-pg", TSEC_PLUGIN_STORE, &plugin, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return NULL;
    }
    return plugin->store;
}

int
main(int argc, char **argv)
{
    struct store_subject subject = { .fresh = fresh, .other_process = true, .shared = true };
    int ready = TEST_PASS;

    if (argc > 1) {
        elsewhere = argv[1];
    } else {
        ready = pg_rig_open(&rig, NULL);
    }
    if (ready != TEST_PASS) {
        return ready;
    }
    subject.ops = load();
    if (subject.ops == NULL) {
        return TEST_FAIL;
    }
    store_contract_use(&subject);
    return test_main("contract of store-pg", store_contract_cases, store_contract_len);
}

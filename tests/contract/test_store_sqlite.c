/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <stdio.h>

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
    void *handle = dlopen(PLUGIN_DIR "/store-sqlite.so", RTLD_NOW | RTLD_LOCAL);
    tsec_plugin_entry_fn entry = NULL;

    if (handle == NULL) {
        (void)fprintf(stderr, "%s\n", dlerror());
        return NULL;
    }
    *(void **)(&entry) = dlsym(handle, TSEC_PLUGIN_ENTRY_NAME);
    return entry == NULL ? NULL : entry()->store;
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

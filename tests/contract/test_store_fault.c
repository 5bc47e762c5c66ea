/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tests/contract/store_contract.h"
#include "tests/double/store_fault.h"

static void
fresh(char *uri, size_t size)
{
    static unsigned n;

    (void)snprintf(uri, size, "fault:mem:contract%u", n++);
}

int
main(void)
{
    static const struct store_subject subject = { .ops = &store_fault_ops,
                                                  .fresh = fresh,
                                                  .shared = true };

    store_contract_use(&subject);
    return test_main("contract of store-fault", store_contract_cases, store_contract_len);
}

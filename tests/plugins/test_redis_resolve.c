/* SPDX-License-Identifier: Apache-2.0 */
#include "store-redis/redis_resolve.h"

#include <netinet/in.h>
#include <string.h>

#include "base/span.h"
#include "store-redis/redis_deadline.h"
#include "tests/test.h"

static void
an_address_in_numbers_is_itself(void)
{
    struct redis_addresses found;

    CU_ASSERT_EQUAL_FATAL(redis_resolve("127.0.0.1", 7000, 0, &found, NULL).code, 0);
    CU_ASSERT_EQUAL(found.len, 1);
    CU_ASSERT_EQUAL(found.at[0].addr.ss_family, AF_INET);
    CU_ASSERT_EQUAL(ntohs(((const struct sockaddr_in *)(const void *)&found.at[0].addr)->sin_port),
                    7000);
    CU_ASSERT_EQUAL_FATAL(redis_resolve("::1", 7000, 0, &found, NULL).code, 0);
    CU_ASSERT_EQUAL(found.at[0].addr.ss_family, AF_INET6);
}

static void
a_name_is_looked_up_by_a_thread(void)
{
    struct redis_addresses found;

    CU_ASSERT_EQUAL(redis_resolve("localhost", 1, redis_deadline_in(5000), &found, NULL).code, 0);
    CU_ASSERT_TRUE(found.len >= 1);
}

/* Whatever the name server does, and however often. */
static void
a_name_that_is_not_there_is_given_up_in_time(void)
{
    for (unsigned i = 0; i < 2 * REDIS_LOOKUPS_MAX; i++) {
        struct redis_addresses found;
        struct tsec_err err = { 0 };
        const int64_t before = redis_now_ns();

        CU_ASSERT_EQUAL(redis_resolve("none.invalid", 1, redis_deadline_in(100), &found, &err).code,
                        TSEC_E_UNAVAILABLE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "none.invalid"));
        CU_ASSERT_TRUE(redis_now_ns() - before < 1000 * REDIS_NS_PER_MS);
    }
}

static const struct test_case cases[] = {
    { "an address in numbers is itself", an_address_in_numbers_is_itself },
    { "a name is looked up by a thread", a_name_is_looked_up_by_a_thread },
    { "a name that is not there is given up in time",
      a_name_that_is_not_there_is_given_up_in_time },
};

TEST_MAIN("redis_resolve", cases)

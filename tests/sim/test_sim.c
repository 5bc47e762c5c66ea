/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds of the simulation.
 *
 *     tests/sim/test_sim                    some seeds, and whether planted bugs are noticed
 *     SIM_SEEDS=10000 tests/sim/test_sim    so many
 *     SIM_FIRST=5000                        beginning there
 *     SIM_SEED=17 tests/sim/test_sim        that one, every step of it printed
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/sim/simulate.h"
#include "tests/test.h"

enum { SEEDS = 60, TWICE = 8, BUG_SEEDS = 400, WRONG_MAX = 5 };

static struct genesis_image genesis;

static uint64_t
setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void
make_genesis(void)
{
    struct tsec_err err = { 0 };
    tsec_rc rc = TSEC_OK;

    if (genesis.image == NULL) {
        rc = genesis_image_make(&genesis, &err);
    }
    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "no genesis: %s\n", err.detail);
    }
    CU_ASSERT_FALSE_FATAL(tsec_failed(rc));
}

static void
tell_wrong(uint64_t seed, const struct simulated *s)
{
    (void)fprintf(stderr, "seed %" PRIu64 ": %s\n    replay: SIM_SEED=%" PRIu64 " %s\n", seed,
                  s->wrong, seed, "tests/sim/test_sim");
}

static double
seconds(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
add(struct simulated *sum, const struct simulated *s)
{
    sum->events += s->events;
    sum->steps += s->steps;
    sum->store_calls += s->store_calls;
    sum->asked += s->asked;
    sum->worked += s->worked;
    sum->opens += s->opens;
    sum->unknown += s->unknown;
    sum->unsettled += s->unsettled;
    sum->zombies += s->zombies;
}

static void
every_seed_follows_from_its_log(void)
{
    const uint64_t first = setting("SIM_FIRST", 1);
    const uint64_t n = setting("SIM_SEEDS", SEEDS);
    const double from = seconds();
    struct simulated sum = { 0 };
    unsigned wrong = 0;

    make_genesis();
    for (uint64_t seed = first; seed < first + n && wrong < WRONG_MAX; seed++) {
        struct simulated s;

        simulate(&genesis, seed, STORE_SIM_SOUND, false, &s);
        add(&sum, &s);
        if (s.wrong[0] != '\0') {
            tell_wrong(seed, &s);
            wrong++;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(wrong > 0 || sum.worked > sum.asked / 4);
    (void)printf("%" PRIu64 " seeds from %" PRIu64 " in %.1f s of a processor: %" PRIu64
                 " events, %" PRIu64 " starts, %" PRIu64 " steps, %" PRIu64 " store calls\n",
                 n, first, seconds() - from, sum.events, sum.opens, sum.steps, sum.store_calls);
    (void)printf("%" PRIu64 " calls, %" PRIu64 " answered OK, %" PRIu64 " not known; %" PRIu64
                 " commits left under way, %" PRIu64 " of them came through\n",
                 sum.asked, sum.worked, sum.unknown, sum.unsettled, sum.zombies);
}

static void
a_seed_is_one_run(void)
{
    struct simulated a;
    struct simulated b;

    make_genesis();
    for (uint64_t seed = 1; seed <= TWICE; seed++) {
        simulate(&genesis, seed, STORE_SIM_SOUND, false, &a);
        if (seed % 2 == 0) { /* other keys, another image: the same run */
            genesis_image_done(&genesis);
            make_genesis();
        }
        simulate(&genesis, seed, STORE_SIM_SOUND, false, &b);
        CU_ASSERT_EQUAL(a.digest, b.digest);
        CU_ASSERT_EQUAL(a.store_calls, b.store_calls);
    }
    simulate(&genesis, TWICE + 1, STORE_SIM_SOUND, false, &b);
    CU_ASSERT_NOT_EQUAL(a.digest, b.digest);
}

static void
a_store_that_breaks_its_contract_is_noticed(void)
{
    struct simulated s = { 0 };

    make_genesis();
    for (int bug = STORE_SIM_SOUND + 1; bug < STORE_SIM_BUGS; bug++) {
        uint64_t seed = 0;

        do {
            simulate(&genesis, ++seed, (enum store_sim_bug)bug, false, &s);
        } while (s.wrong[0] == '\0' && seed < BUG_SEEDS);
        (void)printf("a store that %s: seed %" PRIu64 ": %s\n",
                     store_sim_bug_name((enum store_sim_bug)bug), seed, s.wrong);
        CU_ASSERT_STRING_NOT_EQUAL(s.wrong, "");
    }
}

static void
memory_stays_flat(void)
{
    struct simulated s;
    size_t before = 0;

    make_genesis();
    for (uint64_t seed = 1; seed <= 12; seed++) {
        simulate(&genesis, seed, STORE_SIM_SOUND, false, &s);
        if (seed == 6) {
            before = mallinfo2().uordblks;
        }
    }
    CU_ASSERT_TRUE(mallinfo2().uordblks < before + 64 * 1024);
}

static int
replay(uint64_t seed)
{
    struct simulated s;
    struct tsec_err err = { 0 };

    if (tsec_failed(genesis_image_make(&genesis, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return TEST_FAIL;
    }
    simulate(&genesis, seed, (enum store_sim_bug)setting("SIM_BUG", 0), true, &s);
    genesis_image_done(&genesis);
    (void)printf("seed %" PRIu64 ": %s, digest %016" PRIx64 "\n", seed,
                 s.wrong[0] == '\0' ? "nothing wrong" : s.wrong, s.digest);
    return s.wrong[0] == '\0' ? TEST_PASS : TEST_FAIL;
}

int
main(void)
{
    static const struct test_case cases[] = {
        { "every seed follows from its log", every_seed_follows_from_its_log },
        { "a seed is one run", a_seed_is_one_run },
        { "a store that breaks its contract is noticed",
          a_store_that_breaks_its_contract_is_noticed },
        { "memory stays flat", memory_stays_flat },
    };
    int status;

    if (getenv("SIM_SEED") != NULL) {
        return replay(setting("SIM_SEED", 0));
    }
    status = test_main("sim", cases, TSEC_ARRAY_LEN(cases));
    genesis_image_done(&genesis);
    return status;
}

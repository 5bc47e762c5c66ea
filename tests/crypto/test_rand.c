/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rand.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

static void
draws_differ_across_the_end_of_a_block(void)
{
    enum { DRAWS = 600 }; /* of 16 bytes: more than two blocks */
    static uint8_t seen[DRAWS][16];

    for (size_t i = 0; i < DRAWS; i++) {
        tsec_rand_nonce(seen[i], sizeof(seen[i]));
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_NOT_EQUAL(memcmp(seen[i], seen[j], sizeof(seen[i])), 0);
        }
    }
}

static void
long_draws_are_filled_to_the_end(void)
{
    static uint8_t out[10000];
    static uint8_t again[10000];
    size_t same = 0;

    tsec_rand_nonce(out, sizeof(out));
    tsec_rand_bytes(again, sizeof(again));
    for (size_t i = 0; i < sizeof(out); i++) {
        same += out[i] == again[i];
    }
    CU_ASSERT_TRUE(same > 0 && same < 200); /* 39 expected */
}

static void
a_forked_child_draws_its_own(void)
{
    uint8_t mine[16];
    uint8_t theirs[16];
    int pipe_fd[2];
    int status = 0;

    tsec_rand_nonce(mine, sizeof(mine)); /* the block is filled */
    CU_ASSERT_EQUAL_FATAL(pipe(pipe_fd), 0);

    const pid_t child = fork();

    if (child == 0) {
        tsec_rand_nonce(theirs, sizeof(theirs));
        _exit(write(pipe_fd[1], theirs, sizeof(theirs)) == (ssize_t)sizeof(theirs) ? 0 : 1);
    }
    tsec_rand_nonce(mine, sizeof(mine));
    CU_ASSERT_EQUAL(read(pipe_fd[0], theirs, sizeof(theirs)), (ssize_t)sizeof(theirs));
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
    CU_ASSERT_NOT_EQUAL(memcmp(mine, theirs, sizeof(mine)), 0);
    (void)close(pipe_fd[0]);
    (void)close(pipe_fd[1]);
}

static void
base62_uses_every_digit_and_no_other(void)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    enum { LEN = 62 * 200 };
    static char text[LEN + 2];

    text[LEN + 1] = '!';
    tsec_rand_base62(text, LEN);
    CU_ASSERT_EQUAL(strlen(text), LEN);
    CU_ASSERT_EQUAL(text[LEN + 1], '!');
    CU_ASSERT_EQUAL(strspn(text, digits), LEN);
    for (const char *d = digits; *d != '\0'; d++) {
        size_t n = 0;

        for (size_t i = 0; i < LEN; i++) {
            n += text[i] == *d;
        }
        CU_ASSERT_TRUE(n > 100 && n < 300); /* 200 expected, 7 standard deviations */
    }
}

static void
a_uuid_says_version_4(void)
{
    char uuid[37];
    char other[37];

    tsec_rand_uuid(uuid);
    tsec_rand_uuid(other);
    CU_ASSERT_EQUAL(strlen(uuid), 36);
    CU_ASSERT_EQUAL(strspn(uuid, "0123456789abcdef-"), 36);
    CU_ASSERT_TRUE(uuid[8] == '-' && uuid[13] == '-' && uuid[18] == '-' && uuid[23] == '-');
    CU_ASSERT_EQUAL(uuid[14], '4');
    CU_ASSERT_PTR_NOT_NULL(strchr("89ab", uuid[19]));
    CU_ASSERT_STRING_NOT_EQUAL(uuid, other);
}

static void
mixing_in_changes_nothing_visible(void)
{
    uint8_t out[16] = { 0 };
    const uint8_t zero[16] = { 0 };

    tsec_rand_mix(tsec_span("entropy", 7));
    tsec_rand_mix(tsec_span(NULL, 0));
    tsec_rand_bytes(out, sizeof(out));
    CU_ASSERT_NOT_EQUAL(memcmp(out, zero, sizeof(out)), 0);
}

static const struct test_case cases[] = {
    { "draws differ across the end of a block", draws_differ_across_the_end_of_a_block },
    { "long draws are filled to the end", long_draws_are_filled_to_the_end },
    { "a forked child draws its own", a_forked_child_draws_its_own },
    { "base62 uses every digit and no other", base62_uses_every_digit_and_no_other },
    { "a UUID says version 4", a_uuid_says_version_4 },
    { "mixing in changes nothing visible", mixing_in_changes_nothing_visible },
};

TEST_MAIN("crypto/rand", cases)

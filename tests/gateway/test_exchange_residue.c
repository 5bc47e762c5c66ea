/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gateway/rig.h"
#include "tests/test.h"

/* What a client in another process sends as token and body is looked for in this process once its
 * request is over.  This process only ever knows it masked. */

enum { MASK = 0x5a, SECRET_LEN = 24, CHUNK = 64 * 1024 };

static void
masked_secret(uint8_t out[SECRET_LEN])
{
    for (size_t i = 0; i < SECRET_LEN; i++) {
        out[i] = (uint8_t)(('a' + (i * 7 + 3) % 26) ^ MASK);
    }
}

static void
unmask(char out[SECRET_LEN + 1])
{
    uint8_t masked[SECRET_LEN];

    masked_secret(masked);
    for (size_t i = 0; i < SECRET_LEN; i++) {
        out[i] = (char)(masked[i] ^ MASK);
    }
    out[SECRET_LEN] = '\0';
}

/* In the child: the exit status says whether the reply carried the secret. */
static int
ask_with_secret(const struct rig *rig, const char *form)
{
    char secret[SECRET_LEN + 1];
    static struct rig_reply reply;
    char request[512];
    size_t len = 0;

    unmask(secret);
    for (const char *c = form; *c != '\0'; c++) { /* '@' stands for the secret */
        if (*c == '@') {
            memcpy(request + len, secret, SECRET_LEN);
            len += SECRET_LEN;
        } else {
            request[len++] = *c;
        }
    }
    rig_ask(rig, request, len, &reply);
    return strstr(reply.body, secret) != NULL ? 0 : 1;
}

static size_t
count_in(const uint8_t *bytes, size_t len, const uint8_t masked[SECRET_LEN])
{
    size_t found = 0;

    for (size_t at = 0; at + SECRET_LEN <= len; at++) {
        size_t same = 0;

        while (same < SECRET_LEN && (bytes[at + same] ^ MASK) == masked[same]) {
            same++;
        }
        found += same == SECRET_LEN;
    }
    return found;
}

static size_t
count_in_range(int mem, unsigned long from, unsigned long to, const uint8_t masked[SECRET_LEN])
{
    static uint8_t chunk[CHUNK + SECRET_LEN];
    size_t found = 0;

    for (unsigned long at = from; at < to; at += CHUNK) {
        const size_t want = to - at < sizeof(chunk) ? to - at : sizeof(chunk);
        const ssize_t n = pread(mem, chunk, want, (off_t)at);

        found += n <= 0 ? 0 : count_in(chunk, (size_t)n, masked);
    }
    return found;
}

/* Over all that this process may write to: heap, stacks, globals, mappings. */
static size_t
count_in_process(void)
{
    const int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    FILE *maps = fopen("/proc/self/maps", "re");
    uint8_t masked[SECRET_LEN];
    size_t found = 0;
    char line[512];

    CU_ASSERT_TRUE_FATAL(mem >= 0 && maps != NULL);
    masked_secret(masked);
    while (fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from;
        unsigned long to;
        char mode[5];

        if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) == 3 && mode[0] == 'r'
            && mode[1] == 'w') {
            found += count_in_range(mem, from, to, masked);
        }
    }
    (void)fclose(maps);
    (void)close(mem);
    return found;
}

static void
ask_in_a_child(const struct rig *rig, const char *form)
{
    const pid_t child = fork();
    int status = 1;

    if (child == 0) {
        _exit(ask_with_secret(rig, form));
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (int i = 0; i < 500 && gateway_counts(rig->gateway).connections > 0; i++) {
        (void)usleep(2000);
    }
    CU_ASSERT_EQUAL(gateway_counts(rig->gateway).connections, 0);
}

static void
the_search_finds_what_is_there(void)
{
    char *secret = malloc(SECRET_LEN + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(secret);
    CU_ASSERT_EQUAL(count_in_process(), 0);
    unmask(secret);
    CU_ASSERT_TRUE(count_in_process() > 0);
    explicit_bzero(secret, SECRET_LEN + 1);
    free(secret);
}

static void
no_token_and_no_body_stays_in_memory(void)
{
    static const char *const forms[] = {
        "PUT /echo HTTP/1.1\r\nHost: a\r\nX-Vault-Token: @\r\nContent-Length: 24\r\n"
        "Connection: close\r\n\r\n@",
        "PUT /echo HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer @\r\nContent-Length: 24\r\n\r\n@",
        "PUT /later HTTP/1.1\r\nHost: a\r\nX-Vault-Token: @\r\nContent-Length: 24\r\n\r\n@",
        "PUT /echo HTTP/1.1\r\nHost: a\r\nX-Vault-Token: @\r\nX-A: b\r\n"
        "Transfer-Encoding: chunked\r\n\r\n18\r\n@\r\n0\r\n\r\n",
        "GET /echo/@/24?also=@ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    };
    const struct gateway_options options = { .threads = 2 };
    struct rig rig;

    rig_start(&rig, &options);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        size_t found;

        ask_in_a_child(&rig, forms[i]);
        found = count_in_process();
        if (found != 0) {
            (void)printf("\n    form %zu: %zu copies\n", i, found);
        }
        CU_ASSERT_EQUAL(found, 0);
    }
    rig_stop(&rig);
}

static const struct test_case cases[] = {
    { "the search finds what is there", the_search_finds_what_is_there },
    { "no token and no body stays in memory", no_token_and_no_body_stays_in_memory },
};

#if defined(__SANITIZE_ADDRESS__)
int
main(void)
{
    (void)cases;
    return TEST_SKIP; /* the sanitizer's shadow is terabytes, and what is freed waits in it */
}
#else
TEST_MAIN("gateway/exchange_residue", cases)
#endif

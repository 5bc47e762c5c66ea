/* SPDX-License-Identifier: Apache-2.0 */
/* Replays a corpus without libFuzzer, so that `make check` does it with any compiler.
 *
 *   fuzz_NOUN [FILE-OR-DIRECTORY...]     default: $srcdir/tests/fuzz/corpus/NOUN
 *
 * TSEC_FUZZ_ROUNDS=n: each input is also mutated n times, always in the same way.
 *
 * Compiled with afl-clang-fast and run by afl-fuzz, it takes its inputs from there. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 20 };

struct input {
    uint8_t *bytes;
    size_t len;
};

static char current[512]; /* what runs now, for the report of a crash */

static void
on_crash(int sig)
{
    ssize_t n = write(STDERR_FILENO, current, strlen(current));

    (void)n;
    (void)signal(sig, SIG_DFL);
    (void)raise(sig);
}

/* A copy of exactly its length, so that a sanitizer sees a read past it. */
static void
run(const struct input *in)
{
    uint8_t *copy = malloc(in->len == 0 ? 1 : in->len);

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, in->bytes, in->len);
    (void)LLVMFuzzerTestOneInput(copy, in->len);
    free(copy);
}

/* xorshift64 */
static uint64_t
next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void
mutate_once(struct input *in, uint64_t *state)
{
    static const uint8_t telling[] = { 0,   1,   0x7f, 0x80, 0xff, '"', '\\', '{',
                                       '}', '[', ']',  ',',  ':',  '0', '-',  ' ' };
    const uint64_t r = next_random(state);
    const size_t at = in->len == 0 ? 0 : (size_t)(next_random(state) % in->len);
    const size_t wanted = 1 + (size_t)(r >> 32) % 8;
    const size_t n = wanted < in->len - at ? wanted : in->len - at;

    switch (in->len == 0 ? 2 : r % 5) {
    case 0:
        in->bytes[at] ^= (uint8_t)(1u << (r >> 8) % 8);
        break;
    case 1:
        in->bytes[at] = telling[(r >> 8) % sizeof(telling)];
        break;
    case 2: /* a byte more; INPUT_MAX + 1 are there */
        memmove(in->bytes + at + 1, in->bytes + at, in->len - at);
        in->bytes[at] = telling[(r >> 8) % sizeof(telling)];
        in->len += in->len < INPUT_MAX ? 1 : 0;
        break;
    case 3: /* some bytes fewer */
        memmove(in->bytes + at, in->bytes + at + n, in->len - at - n);
        in->len -= n;
        break;
    default: /* an earlier piece again */
        memmove(in->bytes + at, in->bytes + (r >> 8) % (at + 1), n);
        break;
    }
}

static void
run_mutated(const struct input *in, const char *path, unsigned rounds)
{
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
    struct input copy = { malloc(INPUT_MAX + 1), 0 };

    if (copy.bytes == NULL) {
        abort();
    }
    for (unsigned i = 0; i < rounds; i++) {
        const unsigned steps = 1 + (unsigned)(next_random(&state) % 6);

        (void)snprintf(current, sizeof(current), "in %s, mutation %u\n", path, i);
        memcpy(copy.bytes, in->bytes, in->len);
        copy.len = in->len;
        for (unsigned s = 0; s < steps; s++) {
            mutate_once(&copy, &state);
        }
        run(&copy);
    }
    free(copy.bytes);
}

/* How many inputs ran: 1, or 0 when it cannot be read. */
static unsigned
run_file(const char *path, unsigned rounds)
{
    struct input in = { malloc(INPUT_MAX), 0 };
    FILE *f = fopen(path, "rb");

    if (f == NULL || in.bytes == NULL) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    in.len = fread(in.bytes, 1, INPUT_MAX, f);
    (void)fclose(f);
    (void)snprintf(current, sizeof(current), "in %s\n", path);
    run(&in);
    run_mutated(&in, path, rounds);
    free(in.bytes);
    return 1;
}

#ifdef __AFL_FUZZ_TESTCASE_LEN

enum { AFL_TURNS = 10000 };

__AFL_FUZZ_INIT();

/* Many inputs in one process, from memory shared with afl-fuzz. */
static bool
run_for_afl(void)
{
    if (getenv("__AFL_SHM_ID") == NULL) {
        return false;
    }
    __AFL_INIT();

    uint8_t *bytes = __AFL_FUZZ_TESTCASE_BUF;

    while (__AFL_LOOP(AFL_TURNS)) {
        const struct input in = { bytes, (size_t)__AFL_FUZZ_TESTCASE_LEN };

        run(&in);
    }
    return true;
}

#else

static bool
run_for_afl(void)
{
    return false;
}

#endif

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static unsigned
run_path(const char *path, unsigned rounds)
{
    struct dirent **entries = NULL;
    const int n = scandir(path, &entries, is_visible, alphasort);
    unsigned ran = 0;

    if (n < 0) {
        return errno == ENOTDIR ? run_file(path, rounds) : 0;
    }
    for (int i = 0; i < n; i++) {
        char file[1024];

        (void)snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
        ran += run_file(file, rounds);
        free(entries[i]);
    }
    free(entries);
    return ran;
}

/* corpus/NOUN for the program fuzz_NOUN, which libtool may call lt-fuzz_NOUN. */
static unsigned
run_default(const char *program, unsigned rounds)
{
    const char *noun =
        strstr(strrchr(program, '/') == NULL ? program : strrchr(program, '/'), "fuzz_");
    const char *srcdir = getenv("srcdir");
    char path[1024];

    (void)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", srcdir == NULL ? "." : srcdir,
                   noun == NULL ? "" : noun + strlen("fuzz_"));
    return run_path(path, rounds);
}

int
main(int argc, char **argv)
{
    const char *text = getenv("TSEC_FUZZ_ROUNDS");
    const unsigned rounds = text == NULL ? 0 : (unsigned)strtoul(text, NULL, 10);
    unsigned ran = 0;

    if (run_for_afl()) {
        return 0;
    }
    (void)signal(SIGABRT, on_crash);
    (void)signal(SIGSEGV, on_crash);
    if (argc == 1) {
        ran = run_default(argv[0], rounds);
    }
    for (int i = 1; i < argc; i++) {
        ran += run_path(argv[i], rounds);
    }
    (void)printf("%u inputs, %u mutations of each\n", ran, rounds);
    return ran > 0 ? 0 : 1; /* no corpus is no test */
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Verifications of evidence, and the bare signature checks that each consists of, in turns on one
 * core.  Prints a line of tab-separated columns for each kind; bench/run makes a table of them.
 *
 *     evidence [ROUNDS [MILLISECONDS [KIND [beside|cold|cached]]]] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/evidence_case.h"
#include "bench/signatures.h"

enum { ROUNDS_MAX = 101 };

static const char *const kinds[] = {
    "nitro", "nitro-tpm", "snp", "az-snp-vtpm", "az-snp-vtpm with quote", "sgx", "tdx", "maa",
};

static const char *const hows[] = {
    [EVIDENCE_BESIDE] = "beside",
    [EVIDENCE_COLD] = "cold",
    [EVIDENCE_CACHED] = "cached",
};

struct result {
    double ours[ROUNDS_MAX]; /* seconds each */
    double bare[ROUNDS_MAX];
    double ratio[ROUNDS_MAX];   /* sorted at the end */
    double outside[ROUNDS_MAX]; /* share that is neither a signature check nor a key decoded */
};

/* Of this thread: what others do on the machine is not measured. */
static double
cpu_seconds(void)
{
    struct timespec t = { .tv_sec = 0 };

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
verify(struct evidence_case *c, enum evidence_how how)
{
    struct tsec_err err = { 0 };

    if (tsec_failed(evidence_case_verify(c, how, &err))) {
        (void)fprintf(stderr, "bench: %s is refused: %s\n", c->kind, err.detail);
        exit(1);
    }
}

/* What was remembered is forgotten in between, and that is not timed. */
static double
time_new(struct evidence_case *c, enum evidence_how how, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++) {
        evidence_case_forget(c);

        const double began = cpu_seconds();

        verify(c, how);
        sum += cpu_seconds() - began;
    }
    return sum / n;
}

static double
time_cached(struct evidence_case *c, int n)
{
    const double began = cpu_seconds();

    for (int i = 0; i < n; i++) {
        verify(c, EVIDENCE_CACHED);
    }
    return (cpu_seconds() - began) / n;
}

static double
time_ours(struct evidence_case *c, enum evidence_how how, int n)
{
    return how == EVIDENCE_CACHED ? time_cached(c, n) : time_new(c, how, n);
}

static double
time_bare(const struct signatures *list, int n)
{
    const double began = cpu_seconds();

    for (int i = 0; i < n; i++) {
        signatures_check(list);
    }
    return (cpu_seconds() - began) / n;
}

static double
share_outside(struct evidence_case *c, enum evidence_how how, int n)
{
    double inside = 0;
    double all = 0;

    for (int i = 0; i < n; i++) {
        if (how != EVIDENCE_CACHED) {
            evidence_case_forget(c);
        }

        const double began = bench_seconds();

        signatures_time();
        verify(c, how);
        inside += signatures_timed();
        all += bench_seconds() - began;
    }
    return 1 - inside / all;
}

static int
by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double
median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof(*values), by_value);
    return values[n / 2];
}

static void
measure(struct evidence_case *c, enum evidence_how how, int rounds, int milliseconds)
{
    struct result r;

    evidence_case_forget(c);
    signatures_begin();
    verify(c, how);

    TSEC_AUTO(signatures_free)
    struct signatures *list = signatures_end(evidence_case_keys_inside(c));
    const int n = 1 + (int)(milliseconds / 1000.0 / time_ours(c, how, 3));

    (void)time_ours(c, how, n); /* warm */
    for (int i = 0; i < rounds; i++) {
        r.ours[i] = time_ours(c, how, n);
        r.bare[i] = time_bare(list, n);
        r.ratio[i] = r.bare[i] / r.ours[i];
        r.outside[i] = share_outside(c, how, n);
    }

    const double ratio = median(r.ratio, rounds);
    const double ours = median(r.ours, rounds);

    (void)printf("%s\t%s\t%s\t%zu\t%zu\t%.0f\t%.1f\t%.1f\t%.3f\t%.3f\t%.3f\t%.3f\n", c->kind,
                 c->source, hows[how], signatures_len(list), signatures_keys(list), 1 / ours,
                 ours * 1e6, median(r.bare, rounds) * 1e6, ratio, r.ratio[0], r.ratio[rounds - 1],
                 median(r.outside, rounds));
    (void)fflush(stdout);
}

int
main(int argc, char **argv)
{
    const int wanted = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 15;
    const int milliseconds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 40;
    const int rounds = wanted < 1 ? 1 : wanted > ROUNDS_MAX ? ROUNDS_MAX : wanted;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        if (argc > 3 && strcmp(argv[3], kinds[i]) != 0) {
            continue;
        }

        TSEC_AUTO(evidence_case_free) struct evidence_case *c = evidence_case_load(kinds[i]);

        if (c == NULL) {
            (void)fprintf(stderr, "bench: no evidence of kind %s\n", kinds[i]);
            continue;
        }
        for (size_t h = 0; h < TSEC_ARRAY_LEN(hows); h++) {
            const bool wanted_how = argc <= 4 || strcmp(argv[4], hows[h]) == 0;

            if (wanted_how && (h != EVIDENCE_BESIDE || evidence_case_has_beside(c))) {
                measure(c, (enum evidence_how)h, rounds, milliseconds);
            }
        }
    }
    return 0;
}

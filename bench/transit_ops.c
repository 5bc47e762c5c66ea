/* SPDX-License-Identifier: Apache-2.0 */
/* What operations with users' keys take, from the look-up in the cache on and without HTTP, and
 * whether threads that use one and the same key get in each other's way: then an operation takes
 * more of a core with several threads than with one, or they wait (a thread that goes to sleep, as
 * for a lock, is counted).  Both hold on a machine that others use too, unlike rates.
 * transit_ops [ROUNDS] [MILLISECONDS] */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "core/transit_crypt.h"
#include "core/transit_material.h"
#include "crypto/crypto.h"

enum { THREADS = 4, ROUNDS_MAX = 64, BATCH = 16 };

struct subject {
    const char *what;
    enum transit_type type;
    bool verify;  /* or decrypt */
    bool derived; /* and convergent, where there are ciphers */
    struct transit_key key;
    struct tsec_buf made; /* what is verified or decrypted */
};

static struct transit_cache *cache;
static atomic_bool go;
static atomic_bool stop;

static void
need(tsec_rc rc, const struct tsec_err *err)
{
    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "bench: %s\n", err->detail);
        exit(1);
    }
}

/* What threads did together. */
struct done {
    double operations;
    double core_s;
    double waits;
};

static double
core_seconds(void)
{
    struct timespec t = { .tv_sec = 0 };

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double
waits(void)
{
    struct rusage usage = { .ru_nvcsw = 0 };

    (void)getrusage(RUSAGE_THREAD, &usage);
    return (double)usage.ru_nvcsw;
}

static const uint8_t input[32] = "thirty-two bytes of some secret";

static tsec_rc
operate(const struct subject *s, struct tsec_buf *out, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(s->type);
    const struct tsec_signing how = { .hash = TSEC_SHA256, .salt_len = TSEC_SALT_HASH };
    const struct transit_params params = {
        .context = s->derived ? tsec_span_str("user-4711") : tsec_span(NULL, 0),
        .derived = s->derived,
        .convergent = s->derived && traits->encrypts,
    };
    const struct transit_material *material = NULL;
    const struct tsec_span plain = tsec_span(input, sizeof(input));
    uint8_t mac[TSEC_SHA512_LEN];
    tsec_rc rc;

    tsec_buf_truncate(out, 0);
    TSEC_TRY(transit_cache_get(cache, NULL, "m", &s->key, 1, &material, err));
    if (s->type == TRANSIT_HMAC) {
        rc = transit_hmac(material, TSEC_SHA256, plain, mac, err);
    } else if (traits->signs && s->verify) {
        rc = transit_verify(material, &params, &how, plain, tsec_buf_span(&s->made), err);
    } else if (traits->signs) {
        rc = transit_sign(material, &params, &how, plain, out, NULL, NULL, err);
    } else if (s->verify) {
        rc = transit_decrypt(material, &params, tsec_buf_span(&s->made), out, err);
    } else {
        rc = transit_encrypt(material, &params, plain, out, err);
    }
    transit_material_release(material);
    return rc;
}

struct worker {
    pthread_t thread;
    const struct subject *subject;
    struct done done;
};

static void *
work(void *arg)
{
    struct worker *w = arg;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    struct tsec_err err = { 0 };

    need(operate(w->subject, &out, &err), &err); /* prepares contexts */
    while (!atomic_load_explicit(&go, memory_order_acquire)) {
        (void)sched_yield();
    }

    const double waited = waits();
    const double begun = core_seconds();

    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        for (size_t i = 0; i < BATCH; i++) {
            need(operate(w->subject, &out, &err), &err);
        }
        w->done.operations += BATCH;
    }
    w->done.core_s = core_seconds() - begun;
    w->done.waits = waits() - waited;
    return NULL;
}

static struct done
run(const struct subject *s, size_t threads, int ms)
{
    const struct timespec slice = { ms / 1000, ms % 1000 * 1000000L };
    struct worker all[THREADS] = { 0 };
    struct done sum = { 0 };

    atomic_store(&go, false);
    atomic_store(&stop, false);
    for (size_t i = 0; i < threads; i++) {
        all[i].subject = s;
        if (pthread_create(&all[i].thread, NULL, work, &all[i]) != 0) {
            exit(1);
        }
    }
    atomic_store_explicit(&go, true, memory_order_release);
    (void)nanosleep(&slice, NULL);
    atomic_store(&stop, true);
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(all[i].thread, NULL);
        sum.operations += all[i].done.operations;
        sum.core_s += all[i].done.core_s;
        sum.waits += all[i].done.waits;
    }
    return sum;
}

static int
by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof(*values), by_value);
    return values[n / 2];
}

/* Its key, and its version in the cache. */
static void
prepare(struct subject *s, size_t index)
{
    static char ids[64][TRANSIT_ID_LEN + 1];
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    const struct transit_material *material = NULL;
    struct transit_fresh fresh = { 0 };
    struct tsec_err err = { 0 };
    const bool verify = s->verify;

    need(tsec_arena_new(1 << 20, &arena, &err), &err);
    need(transit_make(s->type, 0, arena, &fresh, &err), &err);

    const struct transit_version version = {
        .number = 1, .material = fresh.material, .hmac_key = fresh.hmac_key, .spki = fresh.spki
    };

    (void)snprintf(ids[index], sizeof(ids[index]), "%032zx", index);
    s->key = (struct transit_key){ .name = s->what, .id = ids[index], .latest = 1 };
    need(transit_material_new(s->type, &version, &material, &err), &err);
    transit_material_release(
        transit_cache_put(cache, s->key.id, material, transit_cache_epoch(cache)));
    tsec_buf_init(&s->made, 4096);
    s->verify = false;
    need(operate(s, &s->made, &err), &err);
    s->verify = verify;
}

static struct subject subjects[] = {
    { "AES-256-GCM encrypt", TRANSIT_AES256_GCM96, .verify = false },
    { "AES-256-GCM decrypt", TRANSIT_AES256_GCM96, .verify = true },
    { "AES-256-GCM encrypt, convergent", TRANSIT_AES256_GCM96, .derived = true },
    { "AES-128-GCM encrypt", TRANSIT_AES128_GCM96, .verify = false },
    { "ChaCha20-Poly1305 encrypt", TRANSIT_CHACHA20_POLY1305, .verify = false },
    { "XAES-256-GCM encrypt", TRANSIT_XAES256_GCM, .verify = false },
    { "HMAC-SHA-256", TRANSIT_HMAC, .verify = false },
    { "Ed25519 sign", TRANSIT_ED25519, .verify = false },
    { "Ed25519 sign, derived", TRANSIT_ED25519, .derived = true },
    { "Ed25519 verify", TRANSIT_ED25519, .verify = true },
    { "ECDSA P-256 sign", TRANSIT_ECDSA_P256, .verify = false },
    { "ECDSA P-256 verify", TRANSIT_ECDSA_P256, .verify = true },
    { "ECDSA P-384 sign", TRANSIT_ECDSA_P384, .verify = false },
    { "ECDSA secp256k1 sign", TRANSIT_ECDSA_SECP256K1, .verify = false },
    { "ECDSA secp256k1 verify", TRANSIT_ECDSA_SECP256K1, .verify = true },
    { "RSA-2048 PSS sign", TRANSIT_RSA_2048, .verify = false },
    { "RSA-2048 PSS verify", TRANSIT_RSA_2048, .verify = true },
};

static void
measure(struct subject *s, int rounds, int ms)
{
    double one[ROUNDS_MAX];
    double more[ROUNDS_MAX];
    double slept[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++) {
        const struct done alone = run(s, 1, ms);
        const struct done all = run(s, THREADS, ms);

        one[i] = 1e6 * alone.core_s / alone.operations;
        more[i] = 1e6 * all.core_s / all.operations;
        slept[i] = 1e6 * all.waits / all.operations;
    }
    (void)printf("| %s | %.2f | %.2f | %.0f |\n", s->what, median(one, rounds),
                 median(more, rounds), median(slept, rounds));
    (void)fflush(stdout);
}

int
main(int argc, char **argv)
{
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 5;
    const long ms = argc > 2 ? strtol(argv[2], NULL, 10) : 100;
    const struct transit_cache_options options = { .max_bytes = 0 };
    struct tsec_err err = { 0 };

    if (rounds < 1 || rounds > ROUNDS_MAX || ms < 1 || ms > 10000) {
        return 2;
    }
    need(tsec_crypto_setup(&err), &err);
    need(transit_cache_new(&options, &cache, &err), &err);
    (void)printf("| operation | us of a core | each of %d threads | waits in a million |\n"
                 "|---|---|---|---|\n",
                 THREADS);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(subjects); i++) {
        prepare(&subjects[i], i);
        measure(&subjects[i], (int)rounds, (int)ms);
        tsec_buf_done(&subjects[i].made);
    }
    transit_cache_free(cache);
    return 0;
}

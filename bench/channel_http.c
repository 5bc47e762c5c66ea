/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to a running server in the clear and through attested channels, and whole handshakes:
 * one thread for each connection, the same client for all.
 *
 *     channel_http MODE PORT PID STATE_DIR CONNECTIONS MILLISECONDS
 *         clear, own (a channel of each connection), shared (one of all), operator (handshakes
 *         without evidence), attested (with that of a simulated TEE in STATE_DIR).
 *         Lines of the input: audience, token, method, path, body.
 *         Printed: requests, seconds, µs of processor time that the server and this client took
 *         for each.
 *     channel_http bare
 *         Printed: µs of bare OpenSSL for the server's part of a handshake: the channel itself, its
 *         simulated evidence made, the client's verified. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "attest-sim/attest_sim.h"
#include "base/clock.h"
#include "bench/channel_bare.h"
#include "bench/channel_wire.h"
#include "crypto/crypto.h"

enum { CONNECTIONS_MAX = 256, LINE_MAX_LEN = 64 * 1024, BARE_RUNS = 200 };

enum mode { CLEAR, OWN, SHARED, OPERATOR, ATTESTED };
static const char *const mode_names[] = { "clear", "own", "shared", "operator", "attested" };

static struct {
    enum mode mode;
    uint16_t port;
    pid_t pid;
    const char *state_dir;
    struct wire_self self;
    struct wire_request request;
    struct amc_session *shared;
    pthread_barrier_t ready; /* all connections, and who looks at the clock */
    atomic_bool over;
} run;

struct client {
    pthread_t thread;
    uint64_t done;
};

static void
handshakes(struct wire *wire, struct client *client)
{
    while (!atomic_load(&run.over)) {
        amc_session_free(wire_handshake(wire, &run.self));
        client->done++;
    }
}

static void
requests(struct wire *wire, struct amc_session *session, struct client *client)
{
    struct wire_scratch scratch;

    wire_scratch_init(&scratch);
    while (!atomic_load(&run.over)) {
        if (session == NULL) {
            (void)wire_ask(wire, &run.request);
        } else {
            wire_ask_sealed(wire, session, &scratch, &run.request);
        }
        client->done++;
    }
    wire_scratch_done(&scratch);
}

static void *
work(void *ctx)
{
    struct client *client = ctx;
    struct amc_session *own = NULL;
    struct wire wire;

    wire_open(&wire, run.port);
    if (run.mode == OWN) {
        own = wire_handshake(&wire, &run.self);
    }
    (void)pthread_barrier_wait(&run.ready);
    if (run.mode == OPERATOR || run.mode == ATTESTED) {
        handshakes(&wire, client);
    } else {
        requests(&wire, own == NULL ? run.shared : own, client);
    }
    amc_session_free(own);
    wire_close(&wire);
    return NULL;
}

/* ---- what it took ---- */

static double
seconds(void)
{
    return (double)tsec_clock_mono_ns(&tsec_clock_system) * 1e-9;
}

static double
server_seconds(void)
{
    char text[1024] = { 0 };
    char path[64];
    unsigned long user = 0;
    unsigned long system_time = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)run.pid);

    FILE *file = fopen(path, "re");

    need(file != NULL && fread(text, 1, sizeof(text) - 1, file) > 0, "no such server");
    (void)fclose(file);

    const char *rest = strrchr(text, ')');

    need(rest != NULL
             && sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                       &system_time)
                    == 2,
         "the server's times");
    return (double)(user + system_time) / (double)sysconf(_SC_CLK_TCK);
}

static double
own_seconds(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
           + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static void
measure(unsigned connections, long ms)
{
    static struct client clients[CONNECTIONS_MAX];
    const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    double done = 0;

    (void)pthread_barrier_init(&run.ready, NULL, connections + 1);
    for (unsigned i = 0; i < connections; i++) {
        need(pthread_create(&clients[i].thread, NULL, work, &clients[i]) == 0, "no thread");
    }
    (void)pthread_barrier_wait(&run.ready);

    const double began = seconds();
    const double server = server_seconds();
    const double own = own_seconds();

    (void)nanosleep(&pause, NULL);
    atomic_store(&run.over, true);
    for (unsigned i = 0; i < connections; i++) {
        (void)pthread_join(clients[i].thread, NULL);
        done += (double)clients[i].done;
    }
    need(done > 0, "nothing was answered");
    (void)printf("%.0f\t%.4f\t%.2f\t%.2f\n", done, seconds() - began,
                 (server_seconds() - server) * 1e6 / done, (own_seconds() - own) * 1e6 / done);
}

/* ---- made ready ---- */

static void
host_log(void *ctx, int level, const char *fmt, ...)
{
    (void)ctx, (void)level, (void)fmt;
}

static const char *
host_setting(void *ctx, const char *key)
{
    (void)ctx;
    return strcmp(key, "state_dir") == 0 ? run.state_dir : NULL;
}

static int64_t
host_now(void *ctx)
{
    (void)ctx;
    return tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S;
}

static const struct tsec_host host = {
    .struct_size = sizeof(host), .log = host_log, .setting = host_setting, .now = host_now
};

static char *
read_line(void)
{
    char *line = NULL;
    size_t room = 0;
    const ssize_t n = getline(&line, &room, stdin);

    need(n > 0 && n < LINE_MAX_LEN, "a line is missing");
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static void
make_ready(void)
{
    run.self.aud = read_line();
    run.request.token = tsec_span_str(read_line());
    run.request.method = read_line();
    run.request.path = read_line();
    run.request.body = tsec_span_str(read_line());
    if (run.mode == ATTESTED) {
        run.self.ops = attest_sim_plugin.attest;
        need(!tsec_failed(run.self.ops->open(&host, &run.self.attest, NULL)), "no simulated TEE");
    }
    if (run.mode == SHARED) {
        struct wire wire;

        wire_open(&wire, run.port);
        run.shared = wire_handshake(&wire, &run.self);
        wire_close(&wire);
    }
}

/* ---- bare ---- */

static void
bare_channel(void)
{
    bare_agree();
    bare_derive();
    bare_sign();
}

/* A key for this evidence, which is endorsed, and signs. */
static void
bare_make(void)
{
    bare_keygen();
    bare_sign();
    bare_sign();
}

static void
bare_appraise(void)
{
    bare_verify();
    bare_decode_verify();
}

static double
each_us(void (*what)(void))
{
    const double began = core_seconds();

    for (int i = 0; i < BARE_RUNS; i++) {
        what();
    }
    return (core_seconds() - began) * 1e6 / BARE_RUNS;
}

static int
measure_bare(void)
{
    bare_setup();
    bare_channel();
    (void)printf("%.2f\t%.2f\t%.2f\n", each_us(bare_channel), each_us(bare_make),
                 each_us(bare_appraise));
    bare_done();
    return 0;
}

int
main(int argc, char **argv)
{
    static const char usage[] =
        "usage: channel_http bare | MODE PORT PID STATE_DIR CONNECTIONS MILLISECONDS";
    size_t mode = 0;

    need(!tsec_failed(tsec_crypto_setup(NULL))
             && !tsec_failed(tsec_crypto_lock_heap(1 << 20, NULL)),
         "the cryptographic library");
    if (argc == 2 && strcmp(argv[1], "bare") == 0) {
        return measure_bare();
    }
    need(argc == 7, usage);
    while (mode < TSEC_ARRAY_LEN(mode_names) && strcmp(argv[1], mode_names[mode]) != 0) {
        mode++;
    }

    const unsigned long connections = strtoul(argv[5], NULL, 10);
    const long ms = strtol(argv[6], NULL, 10);

    need(mode < TSEC_ARRAY_LEN(mode_names) && connections >= 1 && connections <= CONNECTIONS_MAX
             && ms >= 1 && ms <= 60000,
         usage);
    run.mode = (enum mode)mode;
    run.port = (uint16_t)strtoul(argv[2], NULL, 10);
    run.pid = (pid_t)strtol(argv[3], NULL, 10);
    run.state_dir = argv[4];
    make_ready();
    measure((unsigned)connections, ms);
    amc_session_free(run.shared);
    if (run.self.attest != NULL) {
        run.self.ops->close(run.self.attest);
    }
    return 0;
}

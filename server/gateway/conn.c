/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/conn.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "gateway/remote.h"
#include "gateway/say.h"

enum {
    PHASE_BITS = 3,
    PHASE_MASK = (1 << PHASE_BITS) - 1,
    TICK_MIN_MS = 10,
    TICK_MAX_MS = 250,
};

struct conn_table {
    pthread_mutex_t lock; /* the list; held by the deadline thread for one look over it */
    pthread_cond_t wake;
    pthread_t thread;
    bool stop;
    bool close_idle;
    struct conn *first;
    const struct tsec_clock *clock;
    struct conn_limits limits;
    unsigned tick_ms;
    _Atomic unsigned count;
    _Atomic uint64_t timed_out;
};

static enum conn_phase
phase_of(uint32_t value)
{
    return (enum conn_phase)(value & PHASE_MASK);
}

static void
shut(struct conn *conn)
{
    (void)shutdown(conn->fd, SHUT_RDWR); /* wakes the poll; the owner closes */
}

/* The exchange decides the race with the thread that serves the connection: whoever comes first
 * has it, and after this nobody else writes to the socket. */
static void
expire(struct conn_table *table, struct conn *conn, uint32_t value)
{
    const enum conn_phase phase = phase_of(value);

    if (!atomic_compare_exchange_strong(&conn->phase, &value, (uint32_t)CONN_DEAD)) {
        return;
    }
    atomic_fetch_add_explicit(&table->timed_out, 1, memory_order_relaxed);
    if ((phase == CONN_HEAD || phase == CONN_BODY) && !conn->tls) {
        say_refusal(conn->fd, TSEC_E_TIMEOUT);
    }
    shut(conn);
}

static void
close_quietly(struct conn *conn, uint32_t value)
{
    if (atomic_compare_exchange_strong(&conn->phase, &value, (uint32_t)CONN_DEAD)) {
        shut(conn);
    }
}

static void
look_at(struct conn_table *table, struct conn *conn, int64_t now_ns)
{
    const uint32_t value = atomic_load_explicit(&conn->phase, memory_order_acquire);
    const enum conn_phase phase = phase_of(value);
    const unsigned limit_ms = table->limits.ms[phase];

    if (phase == CONN_DEAD) {
        return;
    }
    if (phase == CONN_IDLE && table->close_idle) {
        close_quietly(conn, value);
        return;
    }
    if (value != conn->seen) {
        conn->seen = value;
        conn->since_ns = now_ns;
        return;
    }
    if (limit_ms != 0 && now_ns - conn->since_ns >= (int64_t)limit_ms * 1000000) {
        expire(table, conn, value);
    }
}

static void
wait_tick(struct conn_table *table)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)table->tick_ms * 1000000;
    if (until.tv_nsec >= TSEC_NS_PER_S) {
        until.tv_nsec -= TSEC_NS_PER_S;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&table->wake, &table->lock, &until);
}

static void *
run(void *arg)
{
    struct conn_table *table = arg;

    (void)pthread_mutex_lock(&table->lock);
    while (!table->stop) {
        const int64_t now_ns = tsec_clock_mono_ns(table->clock);

        for (struct conn *c = table->first; c != NULL; c = c->next) {
            look_at(table, c, now_ns);
        }
        wait_tick(table);
    }
    (void)pthread_mutex_unlock(&table->lock);
    return NULL;
}

/* A quarter of the shortest limit: a deadline is met within that. */
static unsigned
tick_of(const struct conn_limits *limits)
{
    unsigned tick_ms = TICK_MAX_MS;

    for (size_t i = 0; i < CONN_PHASES; i++) {
        if (limits->ms[i] != 0 && limits->ms[i] / 4 < tick_ms) {
            tick_ms = limits->ms[i] / 4;
        }
    }
    return tick_ms < TICK_MIN_MS ? TICK_MIN_MS : tick_ms;
}

void
conn_table_set_limits(struct conn_table *table, const struct conn_limits *limits)
{
    (void)pthread_mutex_lock(&table->lock);
    memcpy(table->limits.ms, limits->ms, sizeof(table->limits.ms));
    table->tick_ms = tick_of(limits);
    (void)pthread_mutex_unlock(&table->lock);
}

static bool
cond_init_monotonic(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    if (pthread_condattr_init(&attr) != 0) {
        return false;
    }
    const bool ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0
                    && pthread_cond_init(cond, &attr) == 0;

    (void)pthread_condattr_destroy(&attr);
    return ok;
}

tsec_rc
conn_table_new(const struct conn_limits *limits, const struct tsec_clock *clock,
               struct conn_table **out, struct tsec_err *err)
{
    struct conn_table *table = calloc(1, sizeof(*table));

    if (table == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "connection table");
    }
    table->clock = clock;
    table->limits = *limits;
    table->tick_ms = tick_of(limits);
    if (pthread_mutex_init(&table->lock, NULL) != 0 || !cond_init_monotonic(&table->wake)
        || pthread_create(&table->thread, NULL, run, table) != 0) {
        free(table);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "deadline thread: errno %d", errno);
    }
    *out = table;
    return TSEC_OK;
}

void
conn_table_free(struct conn_table *table)
{
    if (table == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&table->lock);
    table->stop = true;
    (void)pthread_cond_signal(&table->wake);
    (void)pthread_mutex_unlock(&table->lock);
    (void)pthread_join(table->thread, NULL);
    (void)pthread_cond_destroy(&table->wake);
    (void)pthread_mutex_destroy(&table->lock);
    free(table);
}

bool
conn_table_reserve(struct conn_table *table)
{
    if (atomic_fetch_add(&table->count, 1) < table->limits.max) {
        return true;
    }
    conn_table_forget(table);
    return false;
}

void
conn_table_forget(struct conn_table *table)
{
    atomic_fetch_sub(&table->count, 1);
}

unsigned
conn_table_count(const struct conn_table *table)
{
    return atomic_load_explicit(&table->count, memory_order_relaxed);
}

uint64_t
conn_table_timed_out(const struct conn_table *table)
{
    return atomic_load_explicit(&table->timed_out, memory_order_relaxed);
}

void
conn_table_close_idle(struct conn_table *table)
{
    (void)pthread_mutex_lock(&table->lock);
    table->close_idle = true;
    (void)pthread_cond_signal(&table->wake);
    (void)pthread_mutex_unlock(&table->lock);
}

struct conn *
conn_add(struct conn_table *table, int fd, bool tls, const struct sockaddr *addr)
{
    struct conn *conn = calloc(1, sizeof(*conn));

    if (conn == NULL) {
        conn_table_forget(table);
        return NULL;
    }
    conn->table = table;
    conn->fd = fd;
    conn->tls = tls;
    remote_text(addr, conn->remote);
    conn->limited = remote_source(addr, conn->source);
    conn->since_ns = tsec_clock_mono_ns(table->clock);
    (void)pthread_mutex_lock(&table->lock);
    conn->next = table->first;
    if (conn->next != NULL) {
        conn->next->prev = conn;
    }
    table->first = conn;
    (void)pthread_mutex_unlock(&table->lock);
    return conn;
}

void
conn_remove(struct conn *conn)
{
    struct conn_table *table = conn->table;

    (void)pthread_mutex_lock(&table->lock);
    if (conn->prev != NULL) {
        conn->prev->next = conn->next;
    } else {
        table->first = conn->next;
    }
    if (conn->next != NULL) {
        conn->next->prev = conn->prev;
    }
    (void)pthread_mutex_unlock(&table->lock);
    conn_table_forget(table);
    free(conn);
}

bool
conn_enter(struct conn *conn, enum conn_phase phase)
{
    uint32_t value = atomic_load_explicit(&conn->phase, memory_order_relaxed);
    const uint32_t next = (((value >> PHASE_BITS) + 1) << PHASE_BITS) | (uint32_t)phase;

    return phase_of(value) != CONN_DEAD
           && atomic_compare_exchange_strong_explicit(&conn->phase, &value, next,
                                                      memory_order_acq_rel, memory_order_relaxed);
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/pg_rig.h
 * @brief A real PostgreSQL of a test's own, in a temporary folder, on a Unix socket and a free
 * port.
 *
 * Ends with the program, whatever ends that.  PostgreSQL refuses to run as root: then it runs as
 * "postgres" or "nobody".
 */
#ifndef TSEC_TESTS_PG_RIG_H
#define TSEC_TESTS_PG_RIG_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pg_rig {
    bool mounted;     /* the folder is a file system of its own */
    char bin[128];    /* folder of initdb and postgres */
    char folder[128]; /* data/ and the socket are in it */
    int port;
    pid_t pid; /* of the postmaster; 0: not running */
};

/** Makes a cluster and starts it.  TEST_SKIP, with the reason said, when PostgreSQL is not
 *  installed; TEST_FAIL; TEST_PASS.  `conf` is NULL or lines for postgresql.conf. */
int pg_rig_open(struct pg_rig *rig, const char *conf);
/** The same on a file system of so many MiB; TEST_SKIP when this user may not mount one. */
int pg_rig_open_small(struct pg_rig *rig, const char *conf, int mebibytes);
/** A second one, that follows the first by streaming replication; pg_promote() makes it a primary.
 *  Closed by pg_rig_close(). */
bool pg_rig_standby(struct pg_rig *standby, const struct pg_rig *primary);
/** Ends it and removes its files. */
void pg_rig_close(struct pg_rig *rig);

/** After pg_rig_stop(); waits until it takes connections. */
bool pg_rig_start(struct pg_rig *rig);
/** SIGINT: fast, SIGQUIT: immediate, SIGKILL: as by a power cut of the process; waits. */
void pg_rig_stop(struct pg_rig *rig, int signal);
/** SIGSTOP or SIGCONT to the postmaster and all of its processes. */
void pg_rig_signal_all(const struct pg_rig *rig, int signal);

/** "postgresql://tsec@...": by the socket, or by TCP; `more` is "" or "&option=value". */
void pg_rig_uri(const struct pg_rig *rig, bool tcp, const char *more, char *out, size_t size);
/** Runs SQL as the superuser; true when it went well.  `out` is NULL or takes the first field. */
bool pg_rig_sql(const struct pg_rig *rig, const char *sql, char *out, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/redis_rig.h
 * @brief A real redis-server on a folder of its own, to be killed, paused and started again.
 *
 * Listens on 127.0.0.1 at a port that was free, and on a socket in its folder.  It dies with the
 * thread that started it.  It keeps what it acknowledges unless it is told otherwise.
 */
#ifndef TSEC_TESTS_REDIS_RIG_H
#define TSEC_TESTS_REDIS_RIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct redis_rig {
    char dir[256];
    char socket[300];
    unsigned port;
    pid_t pid; /* 0: does not run */
    /* Further arguments, "--name", "value", ..., NULL; NULL: none.  Of one name the last counts. */
    const char *const *args;
    bool sentinel; /* reads and rewrites DIR/sentinel.conf */
};

/** Whether there is a redis-server to start. */
bool redis_rig_is_there(void);
/** Makes the folder below temp_dir() and finds a port; starts nothing. */
void redis_rig_init(struct redis_rig *rig, const char *name, const char *const *args);
/** Starts it, and waits until it answers.  False: it ended instead; its log went to stderr. */
bool redis_rig_start(struct redis_rig *rig);
/** SIGTERM, and waits for the end. */
void redis_rig_stop(struct redis_rig *rig);
/** SIGKILL, and waits for the end. */
void redis_rig_kill(struct redis_rig *rig);
void redis_rig_pause(const struct redis_rig *rig);
void redis_rig_resume(const struct redis_rig *rig);

/** One command, as a line; the first bytes of the reply as they came into `out`, NUL at the end.
 *  False: nobody answers. */
bool redis_rig_ask(const struct redis_rig *rig, const char *line, char *out, size_t size);
/** Whether the reply to one command begins so: "+OK", ":1", "$3\r\nabc". */
bool redis_rig_says(const struct redis_rig *rig, const char *line, const char *reply);
/** Asks until the reply holds `text`; false after `ms`. */
bool redis_rig_until(const struct redis_rig *rig, const char *line, const char *text, unsigned ms);

/** "redis+unix://SOCKET?OPTIONS" and "redis://127.0.0.1:PORT/0?OPTIONS". */
void redis_rig_uri(const struct redis_rig *rig, const char *options, char *out, size_t size);
void redis_rig_tcp_uri(const struct redis_rig *rig, const char *options, char *out, size_t size);

/** A port of 127.0.0.1 that was free a moment ago. */
unsigned redis_rig_port(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/redis_double.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "store-redis/redis_script.h"
#include "tests/double/temp_dir.h"

#define RUN_ID "0123456789012345678901234567890123456789"

enum { WORD_MAX = 64, SECOND_MAX = 4096 };

struct asked {
    char word[WORD_MAX];
    char second[SECOND_MAX];
};

struct visitor {
    struct redis_double *twin;
    int fd;
};

/* ---- reading a command ---- */

static long
read_count(FILE *in, char kind)
{
    char line[32];

    if (fgets(line, sizeof(line), in) == NULL || line[0] != kind) {
        return -1;
    }
    return strtol(line + 1, NULL, 10);
}

static bool
read_word(FILE *in, char *out, size_t size)
{
    const long len = read_count(in, '$');

    if (len < 0) {
        return false;
    }
    for (long i = 0; i < len + 2; i++) {
        const int c = fgetc(in);

        if (c == EOF) {
            return false;
        }
        if (i < len && (size_t)i + 1 < size) {
            out[i] = (char)c;
            out[i + 1] = '\0';
        }
    }
    return true;
}

static bool
read_command(FILE *in, struct asked *out)
{
    const long n = read_count(in, '*');
    char rest[8];

    *out = (struct asked){ .word = "" };
    for (long i = 0; i < n; i++) {
        char *to = i == 0 ? out->word : i == 1 ? out->second : rest;
        const size_t size = i == 0 ? WORD_MAX : i == 1 ? SECOND_MAX : sizeof(rest);

        if (!read_word(in, to, size)) {
            return false;
        }
    }
    return n > 0;
}

/* A script is known by its name, not by its number. */
static const char *
name_of(const struct asked *asked)
{
    static const char *const names[REDIS_SCRIPT_COUNT] = { "open", "commit", "page", "many" };

    for (int i = 0; i < REDIS_SCRIPT_COUNT && strncmp(asked->word, "EVAL", 4) == 0; i++) {
        if (strcmp(asked->second, redis_script_sha((enum redis_script)i)) == 0
            || strcmp(asked->second, redis_script_text((enum redis_script)i)) == 0) {
            return names[i];
        }
    }
    return asked->word;
}

/* ---- answering ---- */

static const struct redis_canned usual[] = {
    { "ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", 0, REDIS_ANSWERS },
    { "CLIENT ID", ":7\r\n", 0, REDIS_ANSWERS },
    { "CLIENT KILL", ":0\r\n", 0, REDIS_ANSWERS },
    { "INFO server", "$49\r\nrun_id:" RUN_ID "\r\n\r\n", 0, REDIS_ANSWERS },
    { "INFO persistence", "$24\r\naof_last_write_status:ok\r\n", 0, REDIS_ANSWERS },
    { "CONFIG",
      "*8\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n$11\r\nappendfsync\r\n$6\r\nalways\r\n"
      "$25\r\nno-appendfsync-on-rewrite\r\n$2\r\nno\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n",
      0, REDIS_ANSWERS },
    { "open", ":1\r\n", 0, REDIS_ANSWERS },
    { NULL, "+OK\r\n", 0, REDIS_ANSWERS },
};

static const struct redis_canned *
find(const struct redis_canned *list, const struct asked *asked)
{
    char both[WORD_MAX + SECOND_MAX + 1];
    const char *name = name_of(asked);

    (void)snprintf(both, sizeof(both), "%s %s", asked->word, asked->second);
    for (; list != NULL && list->word != NULL; list++) {
        if (strcmp(list->word, name) == 0 || strcmp(list->word, both) == 0) {
            break;
        }
    }
    return list;
}

static bool
send_slowly(int fd, const char *reply, size_t len, size_t step)
{
    for (size_t at = 0; at < len; at += step) {
        const size_t n = len - at < step ? len - at : step;

        if (send(fd, reply + at, n, MSG_NOSIGNAL) != (ssize_t)n) {
            return false;
        }
        if (step < len) {
            (void)usleep(20000);
        }
    }
    return true;
}

/* Whether the conversation goes on. */
static bool
answer(struct redis_double *twin, int fd, const struct asked *asked)
{
    const struct redis_canned *canned = find(atomic_load(&twin->canned), asked);
    size_t len;

    if (canned != NULL && canned->word != NULL) {
        atomic_fetch_add(&twin->commands, 1);
    } else {
        canned = find(usual, asked);
    }
    len = canned->reply == NULL ? 0 : canned->len != 0 ? canned->len : strlen(canned->reply);
    if (canned->manner == REDIS_HANGS) {
        return true;
    }
    return send_slowly(fd, canned->reply, len, canned->manner == REDIS_DRIPS ? 1 : len + 1)
           && canned->manner != REDIS_CLOSES;
}

static void *
talk(void *ctx)
{
    struct visitor *visitor = ctx;
    FILE *in = fdopen(dup(visitor->fd), "re");
    struct asked asked;

    while (in != NULL && read_command(in, &asked) && answer(visitor->twin, visitor->fd, &asked)) {
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    (void)close(visitor->fd);
    free(visitor);
    return NULL;
}

/* ---- life ---- */

static void *
listen_for_all(void *ctx)
{
    struct redis_double *twin = ctx;
    pthread_attr_t attr;
    int fd;

    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    while ((fd = accept(twin->fd, NULL, NULL)) >= 0) {
        struct visitor *visitor = malloc(sizeof(*visitor));
        pthread_t thread;

        if (visitor == NULL) {
            abort();
        }
        *visitor = (struct visitor){ twin, fd };
        atomic_fetch_add(&twin->connections, 1);
        if (pthread_create(&thread, &attr, talk, visitor) != 0) {
            abort();
        }
    }
    (void)pthread_attr_destroy(&attr);
    return NULL;
}

void
redis_double_start(struct redis_double *twin, const char *name, const struct redis_canned *canned)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    temp_path(name, twin->path, sizeof(twin->path));
    memcpy(addr.sun_path, twin->path, strnlen(twin->path, sizeof(addr.sun_path) - 1));
    atomic_init(&twin->canned, canned);
    atomic_init(&twin->connections, 0);
    atomic_init(&twin->commands, 0);
    twin->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(twin->fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0
        || listen(twin->fd, 16) != 0
        || pthread_create(&twin->thread, NULL, listen_for_all, twin) != 0) {
        perror(twin->path);
        abort();
    }
}

void
redis_double_stop(struct redis_double *twin)
{
    (void)shutdown(twin->fd, SHUT_RDWR);
    (void)pthread_join(twin->thread, NULL);
    (void)close(twin->fd);
    (void)unlink(twin->path);
}

void
redis_double_uri(const struct redis_double *twin, char *out, size_t size)
{
    (void)snprintf(out, size, "redis+unix://%s", twin->path);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/redis_rig.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/double/temp_dir.h"

enum { ARGS_MAX = 64, START_MS = 10000, ANSWER_MS = 2000, STEP_MS = 5 };

static const char *
binary(void)
{
    static const char *const paths[] = { "/usr/bin/redis-server", "/usr/local/bin/redis-server" };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (access(paths[i], X_OK) == 0) {
            return paths[i];
        }
    }
    return NULL;
}

bool
redis_rig_is_there(void)
{
    return binary() != NULL;
}

unsigned
redis_rig_port(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0
        || getsockname(fd, (struct sockaddr *)&addr, &len) != 0) {
        perror("a free port");
        abort();
    }
    (void)close(fd);
    return ntohs(addr.sin_port);
}

void
redis_rig_init(struct redis_rig *rig, const char *name, const char *const *args)
{
    *rig = (struct redis_rig){ .args = args };
    (void)snprintf(rig->dir, sizeof(rig->dir), "%s/%s", temp_dir(), name);
    (void)snprintf(rig->socket, sizeof(rig->socket), "%s/redis.sock", rig->dir);
    (void)mkdir(rig->dir, 0700);
    rig->port = redis_rig_port();
}

/* ---- the process ---- */

static void
add_all(char **argv, size_t *n, const char *const *more)
{
    for (size_t i = 0; more != NULL && more[i] != NULL && *n < ARGS_MAX - 1; i++) {
        argv[(*n)++] = (char *)(uintptr_t)more[i];
    }
}

static void
become_server(const struct redis_rig *rig)
{
    char port[12];
    char conf[300];
    const char *const file[] = { conf, "--sentinel", NULL };
    const char *const own[] = { "--port",       port,        "--bind", "127.0.0.1",
                                "--unixsocket", rig->socket, "--dir",  rig->dir,
                                "--logfile",    "redis.log", NULL };
    /* A replica is served at once, not after 5 s in which others might come. */
    const char *const kept[] = { "--appendonly",
                                 "yes",
                                 "--appendfsync",
                                 "always",
                                 "--save",
                                 "",
                                 "--repl-diskless-sync-delay",
                                 "0",
                                 NULL };
    char *argv[ARGS_MAX] = { NULL };
    size_t n = 0;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)snprintf(port, sizeof(port), "%u", rig->port);
    (void)snprintf(conf, sizeof(conf), "%s/sentinel.conf", rig->dir);
    argv[n++] = (char *)(uintptr_t)binary();
    if (rig->sentinel) {
        add_all(argv, &n, file);
    }
    add_all(argv, &n, own);
    if (!rig->sentinel) {
        add_all(argv, &n, kept);
    }
    add_all(argv, &n, rig->args);
    /* What it says goes to its log; sanitizers are not for it. */
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)dup2(null, 0);
    (void)dup2(null, 1);
    (void)execv(argv[0], argv);
    _exit(127);
}

static void
show_log(const struct redis_rig *rig)
{
    char path[300];
    char line[512];
    FILE *log;

    (void)snprintf(path, sizeof(path), "%s/redis.log", rig->dir);
    log = fopen(path, "re");
    while (log != NULL && fgets(line, sizeof(line), log) != NULL) {
        (void)fputs(line, stderr);
    }
    if (log != NULL) {
        (void)fclose(log);
    }
}

static bool
has_ended(struct redis_rig *rig)
{
    if (waitpid(rig->pid, NULL, WNOHANG) != rig->pid) {
        return false;
    }
    rig->pid = 0;
    return true;
}

bool
redis_rig_start(struct redis_rig *rig)
{
    char reply[64];

    (void)unlink(rig->socket);
    rig->pid = fork();
    if (rig->pid == 0) {
        become_server(rig);
    }
    for (unsigned ms = 0; ms < START_MS && rig->pid > 0 && !has_ended(rig); ms += STEP_MS) {
        /* One that wants a password, or is a replica without a master, answers too. */
        if (redis_rig_ask(rig, "PING", reply, sizeof(reply))
            && strncmp(reply, "-LOADING", 8) != 0) {
            return true;
        }
        (void)usleep(STEP_MS * 1000);
    }
    show_log(rig);
    return false;
}

static void
end(struct redis_rig *rig, int signal)
{
    if (rig->pid > 0) {
        (void)kill(rig->pid, signal);
        (void)kill(rig->pid, SIGCONT);
        (void)waitpid(rig->pid, NULL, 0);
    }
    rig->pid = 0;
}

void
redis_rig_stop(struct redis_rig *rig)
{
    end(rig, SIGTERM);
}

void
redis_rig_kill(struct redis_rig *rig)
{
    end(rig, SIGKILL);
}

void
redis_rig_pause(const struct redis_rig *rig)
{
    (void)kill(rig->pid, SIGSTOP);
}

void
redis_rig_resume(const struct redis_rig *rig)
{
    (void)kill(rig->pid, SIGCONT);
}

/* ---- asking it ---- */

static int
dial(const struct redis_rig *rig)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(addr.sun_path, rig->socket, strnlen(rig->socket, sizeof(addr.sun_path) - 1));
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool
redis_rig_ask(const struct redis_rig *rig, const char *line, char *out, size_t size)
{
    const int fd = dial(rig);
    struct pollfd p = { .fd = fd, .events = POLLIN };
    ssize_t n = -1;

    out[0] = '\0';
    if (fd < 0) {
        return false;
    }
    if (send(fd, line, strlen(line), MSG_NOSIGNAL) > 0 && send(fd, "\r\n", 2, MSG_NOSIGNAL) == 2
        && poll(&p, 1, ANSWER_MS) == 1) {
        n = recv(fd, out, size - 1, 0);
    }
    (void)close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n > 0;
}

bool
redis_rig_says(const struct redis_rig *rig, const char *line, const char *reply)
{
    char got[512];

    if (redis_rig_ask(rig, line, got, sizeof(got)) && strncmp(got, reply, strlen(reply)) == 0) {
        return true;
    }
    (void)fprintf(stderr, "%s: %s\n", line, got);
    return false;
}

bool
redis_rig_until(const struct redis_rig *rig, const char *line, const char *text, unsigned ms)
{
    char got[8192];

    for (unsigned at = 0; at < ms; at += STEP_MS) {
        if (redis_rig_ask(rig, line, got, sizeof(got)) && strstr(got, text) != NULL) {
            return true;
        }
        (void)usleep(STEP_MS * 1000);
    }
    return false;
}

void
redis_rig_uri(const struct redis_rig *rig, const char *options, char *out, size_t size)
{
    (void)snprintf(out, size, "redis+unix://%s?%s", rig->socket, options);
}

void
redis_rig_tcp_uri(const struct redis_rig *rig, const char *options, char *out, size_t size)
{
    (void)snprintf(out, size, "redis://127.0.0.1:%u/0?%s", rig->port, options);
}

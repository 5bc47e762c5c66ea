/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { CHUNK = 4096 };

tsec_rc
cli_input_fd(int fd, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t chunk[CHUNK];
    ssize_t got;

    do {
        got = read(fd, chunk, sizeof(chunk));
        if (got > 0) {
            tsec_buf_put(out, chunk, (size_t)got);
        }
    } while ((got > 0 && !out->failed) || (got < 0 && errno == EINTR));
    explicit_bzero(chunk, sizeof(chunk));
    if (got < 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cannot read the input: %s", strerror(errno));
    }
    return tsec_buf_check(out, err);
}

tsec_rc
cli_input_file(const char *path, struct tsec_buf *out, struct tsec_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    tsec_rc rc;

    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "cannot open %.120s: %s", path, strerror(errno));
    }
    rc = cli_input_fd(fd, out, err);
    (void)close(fd);
    return rc;
}

/* A signal that came while the terminal was quiet: it is raised again when echo is back. */
static volatile sig_atomic_t caught;

static void
on_signal(int sig)
{
    caught = sig;
}

static const int fatal_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

enum { FATAL_SIGNALS = 4 };

/** What was in force before a prompt. */
struct before {
    struct termios terminal;
    struct sigaction actions[FATAL_SIGNALS];
    sigset_t mask;
};

/** Held back but while waiting, so that none is lost between a look and a wait. */
static void
hold_signals(struct before *before)
{
    const struct sigaction hold = { .sa_handler = on_signal };
    sigset_t fatal;

    caught = 0;
    (void)sigemptyset(&fatal);
    for (size_t i = 0; i < FATAL_SIGNALS; i++) {
        (void)sigaddset(&fatal, fatal_signals[i]);
        (void)sigaction(fatal_signals[i], &hold, &before->actions[i]);
    }
    (void)pthread_sigmask(SIG_BLOCK, &fatal, &before->mask);
}

static void
release_signals(const struct before *before)
{
    for (size_t i = 0; i < FATAL_SIGNALS; i++) {
        (void)sigaction(fatal_signals[i], &before->actions[i], NULL);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before->mask, NULL);
    if (caught != 0) {
        (void)raise(caught);
    }
}

/** False: a signal came first. */
static bool
wait_for_input(int fd, const struct before *before)
{
    struct pollfd waiting = { .fd = fd, .events = POLLIN };

    while (before != NULL && ppoll(&waiting, 1, NULL, &before->mask) < 0) {
        if (caught != 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

/** Byte by byte: what comes behind the newline belongs to whoever reads next. */
static tsec_rc
read_line(int fd, const struct before *before, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t byte = 0;
    ssize_t got;

    for (;;) {
        if (!wait_for_input(fd, before)) {
            return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "interrupted");
        }
        got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0 || byte == '\n') {
            break;
        }
        tsec_buf_put_byte(out, byte);
    }
    explicit_bzero(&byte, 1);
    if (got < 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cannot read the input: %s", strerror(errno));
    }
    return tsec_buf_check(out, err);
}

tsec_rc
cli_input_line(int fd, int prompt_fd, const char *prompt, struct tsec_buf *out,
               struct tsec_err *err)
{
    struct before before;
    struct termios quiet;
    tsec_rc rc;

    if (tcgetattr(fd, &before.terminal) != 0) {
        return read_line(fd, NULL, out, err);
    }
    quiet = before.terminal;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    hold_signals(&before);
    (void)dprintf(prompt_fd, "%s", prompt);
    if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0) {
        rc = TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cannot turn the terminal's echo off: %s",
                       strerror(errno));
    } else {
        rc = read_line(fd, &before, out, err);
        (void)tcsetattr(fd, TCSAFLUSH, &before.terminal);
        (void)dprintf(prompt_fd, "\n");
    }
    release_signals(&before);
    return rc;
}

void
cli_input_trim(struct tsec_buf *buf)
{
    while (buf->len > 0
           && (buf->ptr[buf->len - 1] == '\n' || buf->ptr[buf->len - 1] == '\r'
               || buf->ptr[buf->len - 1] == ' ' || buf->ptr[buf->len - 1] == '\t')) {
        buf->ptr[--buf->len] = 0;
    }
}

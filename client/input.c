/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input.h"

#include <errno.h>
#include <fcntl.h>
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
    } while (got > 0 || (got < 0 && errno == EINTR));
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

/** Byte by byte: what comes behind the newline belongs to whoever reads next. */
static tsec_rc
read_line(int fd, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t byte = 0;
    ssize_t got;

    for (;;) {
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
    struct termios before;
    struct termios quiet;
    tsec_rc rc;

    if (tcgetattr(fd, &before) != 0) {
        return read_line(fd, out, err);
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    (void)dprintf(prompt_fd, "%s", prompt);
    if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cannot turn the terminal's echo off: %s",
                         strerror(errno));
    }
    rc = read_line(fd, out, err);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)dprintf(prompt_fd, "\n");
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 16384 };

static tsec_rc
read_all(int fd, struct tsec_buf *out, struct tsec_err *err)
{
    for (;;) {
        uint8_t chunk[CHUNK];
        const ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n > 0) {
            tsec_buf_put(out, chunk, (size_t)n);
        }
        explicit_bzero(chunk, sizeof(chunk)); /* a password may be written in the file */
        if (n == 0) {
            return TSEC_OK;
        }
        if (n < 0 && errno != EINTR) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot be read: %s", strerror(errno));
        }
        if (tsec_failed(tsec_buf_check(out, NULL))) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "larger than %zu bytes", out->max);
        }
    }
}

tsec_rc
conf_file_read(const char *path, struct tsec_buf *out, struct tsec_err *err)
{
    /* O_NONBLOCK: a pipe is refused below instead of waited for. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;
    tsec_rc rc;

    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot be opened: %s", strerror(errno));
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        rc = TSEC_FAIL(err, TSEC_E_CONFIG, "is not a regular file");
    } else {
        rc = read_all(fd, out, err);
    }
    (void)close(fd);
    return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 1024, NAME_MAX_HERE = 128 };

/* ---- reading ---- */

static tsec_rc
read_fd(int fd, const char *path, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t chunk[4096];
    struct stat st;
    ssize_t n = 0;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: not a regular file", path);
    }
    if ((st.st_mode & S_IWOTH) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: everybody can write it: chmod o-w it", path);
    }
    while (!out->failed && (n = read(fd, chunk, sizeof(chunk))) > 0) {
        tsec_buf_put(out, chunk, (size_t)n);
    }
    if (n < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: %s", path, strerror(errno));
    }
    return tsec_buf_check(out, err);
}

tsec_rc
maa_file_read(const char *path, struct tsec_buf *out, struct tsec_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    tsec_rc rc;

    if (fd < 0) {
        return TSEC_FAIL(err, errno == ENOENT ? TSEC_E_NOT_FOUND : TSEC_E_CONFIG, "%s: %s", path,
                         strerror(errno));
    }
    rc = read_fd(fd, path, out, err);
    (void)close(fd);
    return rc;
}

/* ---- writing ---- */

static bool
write_all(int fd, struct tsec_span bytes)
{
    size_t done = 0;

    while (done < bytes.len) {
        const ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

static tsec_rc
replace_in(int folder, const char *name, struct tsec_span bytes, struct tsec_err *err)
{
    char temp[NAME_MAX_HERE + 32];
    bool good;
    int fd;

    (void)snprintf(temp, sizeof(temp), ".%.*s.%d", NAME_MAX_HERE, name, (int)getpid());
    (void)unlinkat(folder, temp, 0);
    fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot write %s: %s", name, strerror(errno));
    }
    good = write_all(fd, bytes);
    (void)close(fd);
    if (!good || renameat(folder, temp, folder, name) != 0) {
        (void)unlinkat(folder, temp, 0);
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot write %s: %s", name, strerror(errno));
    }
    (void)fsync(folder);
    return TSEC_OK;
}

tsec_rc
maa_file_replace(const char *folder, const char *name, struct tsec_span bytes, struct tsec_err *err)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    tsec_rc rc;

    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: %s", folder, strerror(errno));
    }
    rc = replace_in(fd, name, bytes, err);
    (void)close(fd);
    return rc;
}

/* ---- folders ---- */

static int
seen(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static tsec_rc
visit(const char *folder, const char *name,
      tsec_rc (*each)(void *ctx, const char *path, struct tsec_err *err), void *ctx,
      struct tsec_err *err)
{
    char path[PATH_MAX];
    struct stat st;

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: a path too long", folder);
    }
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return TSEC_OK;
    }
    return each(ctx, path, err);
}

tsec_rc
maa_file_each(const char *folder,
              tsec_rc (*each)(void *ctx, const char *path, struct tsec_err *err), void *ctx,
              struct tsec_err *err)
{
    struct dirent **entries = NULL;
    const int n = scandir(folder, &entries, seen, alphasort);
    tsec_rc rc = TSEC_OK;

    if (n < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: %s", folder, strerror(errno));
    }
    if (n > FILES_MAX) {
        rc = TSEC_FAIL(err, TSEC_E_CONFIG, "%s: more than %d files", folder, FILES_MAX);
    }
    for (int i = 0; i < n; i++) {
        if (!tsec_failed(rc)) {
            rc = visit(folder, entries[i]->d_name, each, ctx, err);
        }
        free(entries[i]);
    }
    free(entries);
    return rc;
}

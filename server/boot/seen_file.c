/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/seen_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { SLOTS = 2, SLOT_APART = 4096, NAME_MAX_LEN = PATH_MAX };

struct seen_file {
    struct node_seen seen;
    char names[SEEN_FILES_MAX][NAME_MAX_LEN];
    int own; /* which of them; locked */
    int fd;
    bool is_new;
    unsigned slot;  /* the next to be written */
    bool unsettled; /* written since the last fdatasync() */
    bool told;      /* that it cannot be written */
};

/* ---- reading ---- */

static size_t
read_slot(int fd, unsigned slot, uint8_t record[SEEN_RECORD_LEN])
{
    const ssize_t n = pread(fd, record, SEEN_RECORD_LEN, (off_t)slot * SLOT_APART);
    bool any = false;

    for (ssize_t i = 0; i < n; i++) {
        any = any || record[i] != 0; /* a hole is no record */
    }
    return any ? (size_t)n : 0;
}

static void
recall_one(int fd, const char *name, struct tsec_span out[SLOTS],
           uint8_t records[SLOTS][SEEN_RECORD_LEN],
           void (*each)(void *, const struct tsec_span[2], const char *), void *each_ctx)
{
    for (unsigned s = 0; s < SLOTS; s++) {
        out[s] = tsec_span(records[s], read_slot(fd, s, records[s]));
    }
    each(each_ctx, out, name);
}

/* What is not there was never kept; what is there and cannot be read may say that the database is
 * an older copy. */
static tsec_rc
file_recall(void *ctx, void (*each)(void *, const struct tsec_span[2], const char *),
            void *each_ctx, struct tsec_err *err)
{
    struct seen_file *f = ctx;
    uint8_t records[SLOTS][SEEN_RECORD_LEN];
    struct tsec_span spans[SLOTS];

    for (int i = 0; i < SEEN_FILES_MAX; i++) {
        const int fd = open(f->names[i], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

        if (fd < 0 && errno == ENOENT) {
            continue;
        }
        if (fd < 0) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: %s", f->names[i], strerror(errno));
        }
        recall_one(fd, f->names[i], spans, records, each, each_ctx);
        (void)close(fd);
    }
    return TSEC_OK;
}

/* ---- writing ---- */

static void
tell_once(struct seen_file *f, const char *what)
{
    if (!f->told) {
        f->told = true;
        tsec_log(TSEC_LOG_WARN,
                 "how far the ledger was seen cannot be noted: an older copy of the database may "
                 "not be noticed at the next start",
                 TSEC_F_STR("file", f->names[f->own]), TSEC_F_STR("why", what));
    }
}

static void
file_keep(void *ctx, struct tsec_span record)
{
    struct seen_file *f = ctx;
    const ssize_t n = pwrite(f->fd, record.ptr, record.len, (off_t)f->slot * SLOT_APART);

    if (n != (ssize_t)record.len) {
        tell_once(f, n < 0 ? strerror(errno) : "written in part");
        return;
    }
    f->slot = (f->slot + 1) % SLOTS;
    f->unsettled = true;
}

static void
file_settle(void *ctx)
{
    struct seen_file *f = ctx;

    if (f->unsettled && fdatasync(f->fd) != 0) {
        tell_once(f, strerror(errno));
    }
    f->unsettled = false;
}

/* ---- life ---- */

/* The slot with the older record; sizes only grow. */
static unsigned
older_slot(int fd)
{
    enum { SIZE_AT = 8, SIZE_LEN = 8 };
    uint8_t records[SLOTS][SEEN_RECORD_LEN] = { { 0 } };

    for (unsigned s = 0; s < SLOTS; s++) {
        if (read_slot(fd, s, records[s]) < SEEN_RECORD_LEN) {
            return s;
        }
    }
    return tsec_span_compare(tsec_span(records[0] + SIZE_AT, SIZE_LEN),
                             tsec_span(records[1] + SIZE_AT, SIZE_LEN))
                   <= 0
               ? 0
               : 1;
}

/* OK, or TSEC_E_BUSY: another server has it. */
static tsec_rc
open_one(struct seen_file *f, int i, struct tsec_err *err)
{
    const char *name = f->names[i];
    struct stat st = { 0 };
    const int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s: %s", name, strerror(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int why = errno;

        (void)close(fd);
        return why == EWOULDBLOCK ? TSEC_FAIL(err, TSEC_E_BUSY, "%s is another server's", name)
                                  : TSEC_FAIL(err, TSEC_E_CONFIG, "%s: %s", name, strerror(why));
    }
    f->fd = fd;
    f->own = i;
    f->is_new = fstat(fd, &st) == 0 && st.st_size == 0;
    f->slot = older_slot(fd);
    return TSEC_OK;
}

static bool
make_names(struct seen_file *f, const char *path)
{
    int n = snprintf(f->names[0], NAME_MAX_LEN, "%s", path);

    for (int i = 1; i < SEEN_FILES_MAX && n > 0 && n < NAME_MAX_LEN; i++) {
        n = snprintf(f->names[i], NAME_MAX_LEN, "%s.%d", path, i);
    }
    return n > 0 && n < NAME_MAX_LEN;
}

tsec_rc
seen_file_open(const char *path, struct seen_file **out, struct tsec_err *err)
{
    struct seen_file *f = calloc(1, sizeof(*f));
    tsec_rc rc = { TSEC_E_BUSY };

    if (f == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "last-seen file");
    }
    f->fd = -1;
    f->seen = (struct node_seen){
        .ctx = f, .recall = file_recall, .keep = file_keep, .settle = file_settle
    };
    if (!make_names(f, path)) {
        rc = TSEC_FAIL(err, TSEC_E_CONFIG, "the name of the last-seen file is too long");
    }
    for (int i = 0; i < SEEN_FILES_MAX && rc.code == TSEC_E_BUSY; i++) {
        rc = open_one(f, i, err);
    }
    if (tsec_failed(rc)) {
        seen_file_close(f);
        return rc.code != TSEC_E_BUSY
                   ? rc
                   : TSEC_FAIL(err, TSEC_E_CONFIG, "%d servers share %s", SEEN_FILES_MAX, path);
    }
    *out = f;
    return TSEC_OK;
}

void
seen_file_close(struct seen_file *file)
{
    if (file != NULL) {
        if (file->fd >= 0) {
            file_settle(file);
            (void)close(file->fd);
        }
        free(file);
    }
}

const struct node_seen *
seen_file_seen(const struct seen_file *file)
{
    return &file->seen;
}

const char *
seen_file_path(const struct seen_file *file)
{
    return file->names[file->own];
}

bool
seen_file_new(const struct seen_file *file)
{
    return file->is_new;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_collateral.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/input.h"

static tsec_rc
count_bytes(struct evidence_collateral *sum, size_t len, struct tsec_err *err)
{
    sum->bytes += len;
    if (sum->bytes > EVIDENCE_COLLATERAL_TOTAL) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "more than %d MiB of collateral",
                         EVIDENCE_COLLATERAL_TOTAL / (1024 * 1024));
    }
    return TSEC_OK;
}

/** *known: false when the verifier does not recognise it; `err` says why. */
static tsec_rc
offer(struct evidence_verifier *verifier, const struct tsec_buf *item, bool *known,
      struct evidence_collateral *sum, struct tsec_err *err)
{
    tsec_rc rc;

    TSEC_TRY(count_bytes(sum, item->len, err));
    rc = verifier->ops->collateral_add(verifier->attest, tsec_buf_span(item), err);
    *known = !tsec_failed(rc);
    sum->taken += *known ? 1 : 0;
    return rc.code == TSEC_E_INVALID ? TSEC_OK : rc;
}

/* ---- one file ---- */

static tsec_rc
load_file(struct evidence_verifier *verifier, const char *path, struct evidence_collateral *sum,
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf item = TSEC_BUF_INIT(TSEC_COLLATERAL_MAX);
    bool known = false;

    TSEC_TRY(cli_input_file(path, &item, err));
    TSEC_TRY(offer(verifier, &item, &known, sum, err));
    if (!known && sum->unknown[0] == '\0') {
        (void)snprintf(sum->unknown, sizeof(sum->unknown), "%.70s: %.80s", path,
                       err == NULL ? "not collateral" : err->detail);
    }
    return TSEC_OK;
}

/* ---- a folder ---- */

static void
close_folder(DIR *const *folder)
{
    if (*folder != NULL) {
        (void)closedir(*folder);
    }
}

static void
close_file(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

/** What is not regular, or larger than any collateral, is passed over unread. */
static tsec_rc
load_entry(struct evidence_verifier *verifier, int folder, const char *name,
           struct evidence_collateral *sum, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf item = TSEC_BUF_INIT(TSEC_COLLATERAL_MAX);
    /* Without waiting: what looks like a file may be a pipe by now. */
    const int fd __attribute__((cleanup(close_file))) =
        openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    bool known = false;

    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cannot open %.120s: %s", name, strerror(errno));
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= (off_t)TSEC_COLLATERAL_MAX) {
        TSEC_TRY(cli_input_fd(fd, &item, err));
        TSEC_TRY(offer(verifier, &item, &known, sum, err));
    }
    sum->passed_over += known ? 0 : 1;
    return TSEC_OK;
}

static bool
is_regular(int folder, const char *name)
{
    struct stat st;

    return fstatat(folder, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

struct names {
    char *items[EVIDENCE_FOLDER_FILES];
    size_t len;
};

static void
names_done(struct names **names)
{
    for (size_t i = 0; *names != NULL && i < (*names)->len; i++) {
        free((*names)->items[i]);
    }
    free(*names);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/** In the order of names, so that the same folder always reads the same. */
static tsec_rc
list_folder(DIR *folder, struct names *names, struct tsec_err *err)
{
    const struct dirent *entry;

    for (entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!is_regular(dirfd(folder), entry->d_name)) {
            continue;
        }
        if (names->len == EVIDENCE_FOLDER_FILES) {
            return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "more than %d files in a folder of collateral",
                             EVIDENCE_FOLDER_FILES);
        }
        names->items[names->len] = strdup(entry->d_name);
        if (names->items[names->len++] == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a folder of collateral");
        }
    }
    qsort(names->items, names->len, sizeof(names->items[0]), by_name);
    return TSEC_OK;
}

static tsec_rc
load_folder(struct evidence_verifier *verifier, const char *path, struct evidence_collateral *sum,
            struct tsec_err *err)
{
    DIR *const folder __attribute__((cleanup(close_folder))) = opendir(path);
    struct names *names __attribute__((cleanup(names_done))) = calloc(1, sizeof(*names));

    if (folder == NULL || names == NULL) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cannot open the folder %.120s: %s", path,
                         strerror(errno));
    }
    TSEC_TRY(list_folder(folder, names, err));
    for (size_t i = 0; i < names->len; i++) {
        TSEC_TRY(load_entry(verifier, dirfd(folder), names->items[i], sum, err));
    }
    return TSEC_OK;
}

tsec_rc
evidence_collateral_load(struct evidence_verifier *verifier, const char *path,
                         struct evidence_collateral *sum, struct tsec_err *err)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "cannot open %.120s: %s", path, strerror(errno));
    }
    if (!evidence_verifier_takes_collateral(verifier)) {
        return TSEC_OK;
    }
    return S_ISDIR(st.st_mode) ? load_folder(verifier, path, sum, err)
                               : load_file(verifier, path, sum, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/temp_dir.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[PATH_MAX];
static pid_t owner;

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void
remove_all(void)
{
    /* A forked child that exits leaves its parent's files alone. */
    if (getpid() == owner) {
        (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    }
}

const char *
temp_dir(void)
{
    if (folder[0] == '\0') {
        const char *base = getenv("TMPDIR");

        (void)snprintf(folder, sizeof(folder), "%s/tsec-test-XXXXXX",
                       base == NULL || base[0] != '/' ? "/tmp" : base);
        if (mkdtemp(folder) == NULL) {
            perror(folder);
            abort();
        }
        owner = getpid();
        (void)atexit(remove_all);
    }
    return folder;
}

void
temp_path(const char *name, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/%s", temp_dir(), name);
}

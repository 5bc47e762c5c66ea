/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/tool.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

static _Noreturn void
become(const char *const *argv)
{
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; fd < 3; fd++) {
        (void)dup2(null, fd);
    }
    (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(TOOL_MISSING);
}

int
tool_run(const char *const *argv)
{
    int status = 0;
    const pid_t child = fork();

    if (child == 0) {
        become(argv);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
tool_dir_make(struct tool_dir *dir)
{
    (void)snprintf(dir->path, sizeof(dir->path), "/tmp/tsec-test-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir->path));
}

void
tool_dir_remove(struct tool_dir *dir)
{
    DIR *d = opendir(dir->path);
    char path[128];

    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            tool_path(dir, e->d_name, path);
            (void)unlink(path);
        }
    }
    (void)closedir(d);
    CU_ASSERT_EQUAL(rmdir(dir->path), 0);
}

void
tool_path(const struct tool_dir *dir, const char *name, char out[128])
{
    const int n = snprintf(out, 128, "%s/%s", dir->path, name);

    CU_ASSERT_FATAL(n > 0 && n < 128);
}

void
tool_write(const char *path, struct tsec_span bytes)
{
    FILE *f = fopen(path, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

void
tool_read(const char *path, struct tsec_buf *out)
{
    FILE *f = fopen(path, "rb");
    uint8_t chunk[4096];

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    for (size_t n = fread(chunk, 1, sizeof(chunk), f); n > 0;
         n = fread(chunk, 1, sizeof(chunk), f)) {
        tsec_buf_put(out, chunk, n);
    }
    CU_ASSERT_EQUAL(fclose(f), 0);
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(out, NULL)));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "process/filter.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "process/harden.h"
#include "tests/process/child.h"

static bool
filtered(void)
{
    struct tsec_err err = { 0 };
    const bool ok = !tsec_failed(process_harden(&err)) && !tsec_failed(process_filter(&err));

    if (!ok) {
        (void)fprintf(stderr, "%s\n", err.detail);
    }
    return ok;
}

static int
runs_a_program(void)
{
    char *const argv[] = { (char[]){ "true" }, NULL };

    return filtered() ? execv("/bin/true", argv) : CHILD_SETUP_FAILED;
}

static int
reads_another_process(void)
{
    char byte = 0;
    struct iovec v = { &byte, 1 };

    return filtered() ? (int)process_vm_readv(getppid(), &v, 1, &v, 1, 0) : CHILD_SETUP_FAILED;
}

static void
what_only_an_intruder_calls_ends_the_process(void)
{
    CU_ASSERT_TRUE(child_dies_of(runs_a_program, SIGSYS));
    CU_ASSERT_TRUE(child_dies_of(reads_another_process, SIGSYS));
}

static bool
is_refused(long rc)
{
    return rc == -1 && errno == EPERM;
}

/* The number of the first call that was not refused. */
static int
forbidden(void)
{
    const struct rlimit limit = { 1, 1 };
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (!filtered()) {
        return CHILD_SETUP_FAILED;
    }
    if (!is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL))) {
        return 1;
    }
    if (!is_refused(fork())) {
        return 2;
    }
    if (!is_refused(mprotect(page, 4096, PROT_READ | PROT_EXEC))) {
        return 3;
    }
    if (mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
        || mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
        return 4;
    }
    if (!is_refused(setrlimit(RLIMIT_NOFILE, &limit))) {
        return 5;
    }
    if (!is_refused(socket(AF_PACKET, SOCK_RAW, 0))) {
        return 6;
    }
    if (!is_refused(ioctl(0, TIOCSTI, "x"))) {
        return 7;
    }
    if (!is_refused(ioctl(0, (unsigned long)TIOCSTI | (1UL << 40), "x"))) {
        return 8;
    }
    if (!is_refused(kill(getppid(), 0))
        || !is_refused(syscall(SYS_tgkill, getppid(), getppid(), 0))) {
        return 9;
    }
    if (!is_refused(syscall(SYS_keyctl, 0, 0, 0, 0, 0)) || !is_refused(syscall(SYS_chroot, "/"))) {
        return 10;
    }
    return CHILD_OK;
}

static void
what_is_not_listed_fails(void)
{
    const int status = child_status(forbidden);

    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), CHILD_OK);
}

static void *
in_a_thread(void *arg)
{
    *(bool *)arg = is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    return NULL;
}

static int
needed(void)
{
    const struct timespec moment = { 0, 1000 };
    pthread_t thread;
    bool refused_there = false;
    int pair[2];
    char path[64];
    int fd;

    if (!filtered()) {
        return CHILD_SETUP_FAILED;
    }
    if (pthread_create(&thread, NULL, in_a_thread, &refused_there) != 0
        || pthread_join(thread, NULL) != 0 || !refused_there) {
        return 1;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || write(pair[0], "x", 1) != 1) {
        return 2;
    }
    if (socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0) {
        return 3;
    }
    (void)snprintf(path, sizeof(path), "/tmp/tee-secrets-filter-%d", (int)getpid());
    fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || fdatasync(fd) != 0 || unlink(path) != 0) {
        return 4;
    }
    if (nanosleep(&moment, NULL) != 0) {
        return 5;
    }
    if (dlopen(PLUGIN_DIR "/store-sqlite.so", RTLD_NOW | RTLD_LOCAL) == NULL) {
        (void)fprintf(stderr, "%s\n", dlerror());
        return 6;
    }
    (void)signal(SIGUSR1, SIG_IGN);
    return raise(SIGUSR1) == 0 ? CHILD_OK : 7;
}

static void
threads_sockets_files_and_plugins_still_work(void)
{
    const int status = child_status(needed);

    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), CHILD_OK);
}

static const struct test_case cases[] = {
    { "what only an intruder calls ends the process",
      what_only_an_intruder_calls_ends_the_process },
    { "what is not listed fails", what_is_not_listed_fails },
    { "threads, sockets, files and plugins still work",
      threads_sockets_files_and_plugins_still_work },
};

TEST_MAIN("process/filter", cases)

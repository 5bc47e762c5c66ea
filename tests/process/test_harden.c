/* SPDX-License-Identifier: Apache-2.0 */
#include "process/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/process/child.h"

enum { NOBODY = 65534 };

static int
no_core(void)
{
    struct rlimit limit = { 1, 1 };

    if (tsec_failed(process_harden(NULL))) {
        return CHILD_SETUP_FAILED;
    }
    if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0 || limit.rlim_max != 0) {
        return 1;
    }
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? CHILD_OK : 2;
}

static int
crashes(void)
{
    if (tsec_failed(process_harden(NULL))) {
        return CHILD_SETUP_FAILED;
    }
    (void)signal(SIGABRT, SIG_DFL);
    (void)raise(SIGABRT);
    return 1;
}

static void
a_crash_leaves_no_core(void)
{
    const int status = child_status(crashes);

    CU_ASSERT_TRUE(child_succeeds(no_core));
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CU_ASSERT_FALSE(WCOREDUMP(status));
}

static int
nothing_gained(void)
{
    if (tsec_failed(process_harden(NULL))) {
        return CHILD_SETUP_FAILED;
    }
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? CHILD_OK : 1;
}

static void
a_set_uid_program_gains_nothing(void)
{
    CU_ASSERT_TRUE(child_succeeds(nothing_gained));
}

static int
files_are_ours(void)
{
    char path[64];
    struct stat st;
    int fd;

    if (tsec_failed(process_harden(NULL))) {
        return CHILD_SETUP_FAILED;
    }
    (void)snprintf(path, sizeof(path), "/tmp/tee-secrets-umask-%d", (int)getpid());
    fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    (void)unlink(path);
    return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0600 ? CHILD_OK : 1;
}

static void
a_new_file_is_readable_by_us_only(void)
{
    CU_ASSERT_TRUE(child_succeeds(files_are_ours));
}

/* As an ordinary user, a child of ours is hardened or not, and a sibling of the same user looks. */
static int
sibling_can_look(bool hardened)
{
    char path[64];
    int go[2];
    char byte = 0;
    pid_t target;
    bool seen;

    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) {
        return CHILD_SETUP_FAILED;
    }
    (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* the change of user cleared it */
    if (pipe2(go, O_CLOEXEC) != 0) {
        return CHILD_SETUP_FAILED;
    }
    target = fork();
    if (target == 0) {
        if (hardened && tsec_failed(process_harden(NULL))) {
            _exit(1);
        }
        (void)!write(go[1], "x", 1);
        (void)pause();
        _exit(0);
    }
    (void)!read(go[0], &byte, 1);
    (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)target);

    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    seen = fd >= 0 || ptrace(PTRACE_SEIZE, target, NULL, NULL) == 0;
    (void)kill(target, SIGKILL);
    (void)waitpid(target, NULL, 0);
    return seen ? 1 : CHILD_OK;
}

static int
look_at_hardened(void)
{
    return sibling_can_look(true);
}

static int
look_at_plain(void)
{
    return sibling_can_look(false);
}

static void
another_process_of_the_same_user_cannot_read_memory(void)
{
    const int plain = child_status(look_at_plain);

    CU_ASSERT_TRUE(child_succeeds(look_at_hardened));
    /* The test can fail: without hardening its /proc/PID/mem opens. */
    CU_ASSERT_TRUE(WIFEXITED(plain) && WEXITSTATUS(plain) == 1);
}

static void
a_forgotten_variable_is_overwritten_where_it_was(void)
{
    char entry[] = "CONF_FORGET=hunter2";
    char other[] = "CONF_FORGET_NOT=stays";

    CU_ASSERT_EQUAL(putenv(entry), 0); /* the array itself is in the environment now */
    CU_ASSERT_EQUAL(putenv(other), 0);
    process_forget_variable("CONF_FORGET");
    CU_ASSERT_PTR_NULL(getenv("CONF_FORGET"));
    CU_ASSERT_PTR_NULL(memmem(entry, sizeof(entry), "hunter2", 7));
    CU_ASSERT_STRING_EQUAL(getenv("CONF_FORGET_NOT"), "stays");
    (void)unsetenv("CONF_FORGET_NOT");
    process_forget_variable("CONF_NEVER_WAS");
}

static const struct test_case cases[] = {
    { "a crash leaves no core", a_crash_leaves_no_core },
    { "a set-uid program gains nothing", a_set_uid_program_gains_nothing },
    { "a new file is readable by us only", a_new_file_is_readable_by_us_only },
    { "another process of the same user cannot read memory",
      another_process_of_the_same_user_cannot_read_memory },
    { "a forgotten variable is overwritten where it was",
      a_forgotten_variable_is_overwritten_where_it_was },
};

TEST_MAIN("process/harden", cases)

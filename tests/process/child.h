/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/process/child.h
 * @brief A forked child that gives something up and reports by its exit status.
 */
#ifndef TSEC_TESTS_PROCESS_CHILD_H
#define TSEC_TESTS_PROCESS_CHILD_H

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

enum { CHILD_OK = 0, CHILD_SETUP_FAILED = 99 };

/** The wait status of a child that ran `run`, whose result is its exit status. */
static inline int
child_status(int (*run)(void))
{
    int status = -1;
    const pid_t child = fork();

    if (child == 0) {
        _exit(run());
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    return status;
}

static inline bool
child_succeeds(int (*run)(void))
{
    const int status = child_status(run);

    return WIFEXITED(status) && WEXITSTATUS(status) == CHILD_OK;
}

static inline bool
child_dies_of(int (*run)(void), int signal)
{
    const int status = child_status(run);

    return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

#endif

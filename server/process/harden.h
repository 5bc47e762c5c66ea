/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file process/harden.h
 * @brief What a process gives up before it holds the first key: core dumps, being traced, gaining
 * privileges, files that others can read, secrets in its environment.
 *
 * Nothing here can be turned off.  One thread.
 */
#ifndef TSEC_PROCESS_HARDEN_H
#define TSEC_PROCESS_HARDEN_H

#include "base/err.h"

/** First thing in main(), and again after process_become(): changing the user resets part of it. */
TSEC_MUST_CHECK tsec_rc process_harden(struct tsec_err *err);

/** Overwrites the value of a variable where the kernel put it (/proc/PID/environ shows that memory
 *  for as long as the process lives) and takes the variable out.  Nothing happens when it is not
 *  there. */
void process_forget_variable(const char *name);

#endif

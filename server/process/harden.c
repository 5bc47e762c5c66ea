/* SPDX-License-Identifier: Apache-2.0 */
#include "process/harden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

tsec_rc
process_harden(struct tsec_err *err)
{
    const struct rlimit none = { 0, 0 };

    (void)umask(S_IRWXG | S_IRWXO);
    if (setrlimit(RLIMIT_CORE, &none) != 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "core dumps cannot be forbidden: %s",
                         strerror(errno));
    }
    /* Also closes /proc/PID/mem and ptrace to every other process of the same user. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "tracing cannot be forbidden: %s", strerror(errno));
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "gaining privileges cannot be forbidden: %s",
                         strerror(errno));
    }
    return TSEC_OK;
}

void
process_forget_variable(const char *name)
{
    const size_t len = strlen(name);

    for (char **e = environ; e != NULL && *e != NULL; e++) {
        if (strncmp(*e, name, len) == 0 && (*e)[len] == '=') {
            explicit_bzero(*e + len + 1, strlen(*e + len + 1));
        }
    }
    (void)unsetenv(name);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "process/files.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

tsec_rc
process_files(size_t files, struct tsec_err *err)
{
    struct rlimit limit = { 0, 0 };

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "limit of open files: %s", strerror(errno));
    }
    if (limit.rlim_cur >= files) {
        return TSEC_OK;
    }
    limit.rlim_cur = files;
    limit.rlim_max = limit.rlim_max < files ? files : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                         "%zu files cannot be open at once (%s): lower server.limits.connections, "
                         "set LimitNOFILE=%zu in the systemd unit, or run \"ulimit -n %zu\"",
                         files, strerror(errno), files, files);
    }
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "process/memlock.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { KIB = 1024, MIB = 1024 * 1024 };

void
process_memlock_raise(size_t bytes)
{
    struct rlimit limit = { 0, 0 };

    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur >= bytes) {
        return;
    }
    limit.rlim_cur = bytes;
    if (limit.rlim_max < bytes) {
        const struct rlimit more = { bytes, bytes };

        if (setrlimit(RLIMIT_MEMLOCK, &more) == 0) {
            return; /* privileged */
        }
        limit.rlim_cur = limit.rlim_max;
    }
    (void)setrlimit(RLIMIT_MEMLOCK, &limit); /* what is still missing shows in the check */
}

tsec_rc
process_memlock_check(size_t bytes, struct tsec_err *err)
{
    const size_t mib = bytes / MIB + (bytes % MIB == 0 ? 0 : 1);
    void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int why;

    if (map == MAP_FAILED) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%zu MiB of memory for keys cannot be had: %s",
                         mib, strerror(errno));
    }
    why = mlock(map, bytes) == 0 ? 0 : errno;
    (void)munmap(map, bytes);
    if (why != 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                         "%zu MiB cannot be locked for keys (%s): set LimitMEMLOCK=%zuM in the "
                         "systemd unit, or run \"ulimit -l %zu\" before starting",
                         mib, strerror(why), mib, mib * KIB);
    }
    return TSEC_OK;
}

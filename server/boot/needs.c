/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/needs.h"

#include "host/egress.h"

enum {
    /* Keys and the arenas of requests; secret pages are dear, see base/secret.h. */
    LOCKED_BASE = 2 * 1024 * 1024,
    LOCKED_HEAP = 2 * 1024 * 1024, /* see core/transit_cache.h */
    LOCKED_PER_THREAD = 128 * 1024,
    /* Store, devices, listeners, log, and what each thread waits on. */
    FILES_BASE = 128,
    FILES_PER_THREAD = 8,
    FILES_EGRESS = EGRESS_ROUTES_MAX + 2 * EGRESS_CONNECTIONS_MAX,
};

void
boot_needs(const struct tsec_conf *conf, const struct conf_machine *machine, struct boot_needs *out)
{
    const size_t threads = (size_t)(conf->threads > 0 ? conf->threads : machine->cpus);

    *out = (struct boot_needs){
        .locked = LOCKED_BASE + LOCKED_HEAP + threads * LOCKED_PER_THREAD,
        .heap = LOCKED_HEAP,
        .files = FILES_BASE + threads * FILES_PER_THREAD + (size_t)conf->limit_connections
                 + (conf->egress.len > 0 ? FILES_EGRESS : 0),
    };
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Grouped commits through the bare client library, of the bytes that the server's commits have.
 * Alone, one after the other; or behind a bare libmicrohttpd that has each request wait for the
 * commit it became part of, as the server does.  The ceilings of a server over PostgreSQL or Redis.
 *
 *     ceiling_group URI LEAF_BYTES ROW_BYTES loop OPS SECONDS      prints operations per second
 *     ceiling_group URI LEAF_BYTES ROW_BYTES http PORT FILE        answers with the file's bytes */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "group_http.h"

static int
loop(struct group_store *store, const struct group_shape *shape, size_t ops, double seconds)
{
    uint64_t done = 0;
    int64_t start;
    int64_t now;

    for (unsigned i = 0; i < 20; i++) { /* connections, caches */
        if (!group_commit(store, shape, ops)) {
            return 69;
        }
    }
    start = tsec_clock_mono_ns(&tsec_clock_system);
    now = start;
    while ((double)(now - start) < seconds * 1e9) {
        if (!group_commit(store, shape, ops)) {
            return 69;
        }
        done += ops;
        now = tsec_clock_mono_ns(&tsec_clock_system);
    }
    (void)printf("%.1f\n", (double)done / ((double)(now - start) / 1e9));
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc != 7) {
        (void)fputs("usage: ceiling_group URI LEAF_BYTES ROW_BYTES loop OPS SECONDS\n"
                    "       ceiling_group URI LEAF_BYTES ROW_BYTES http PORT FILE\n",
                    stderr);
        return 64;
    }

    const struct group_kind *kind = strncmp(argv[1], "redis", 5) == 0 ? &group_redis : &group_pg;
    const struct group_shape shape = { strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10) };
    struct group_store *store = kind->open(argv[1]);
    int status;

    if (store == NULL) {
        return 69;
    }
    if (strcmp(argv[4], "loop") == 0) {
        status = loop(store, &shape, strtoul(argv[5], NULL, 10), strtod(argv[6], NULL));
    } else {
        status = group_http(store, &shape, (uint16_t)strtoul(argv[5], NULL, 10), argv[6]);
    }
    kind->close(store);
    return status;
}

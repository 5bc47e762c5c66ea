/* SPDX-License-Identifier: Apache-2.0 */
/* What a store plugin alone can do: commits of N rows each, as large as the server's and at random
 * among as many keys, nothing sealed, hashed or audited.  The ceiling that the server's write rate
 * is divided by.
 *
 *     ceiling_store PLUGIN_DIR PLUGIN URI ROWS ROW_BYTES SECONDS      prints rows per second */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <tsec/store.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"
#include "host/services.h"
#include "load/loader.h"

enum { ROWS_MAX = 256, ROW_MAX = 1 << 16, KEYS = 10000 };

static uint8_t value[ROWS_MAX][ROW_MAX];
static uint8_t key[ROWS_MAX][33];

static int
fail(const struct tsec_err *err)
{
    (void)fprintf(stderr, "ceiling_store: %s\n", err->detail);
    return 69;
}

/* New bytes in every row, or the store would notice that nothing changes. */
static void
next_rows(struct tsec_store_op *ops, size_t rows, size_t row_bytes, uint64_t *counter)
{
    /* Each key comes once in KEYS steps, each time in another order: none of these has a divisor in
     * common with KEYS.  In the order of their making, several rows would share each page. */
    static const uint64_t order[] = { 1, 7919, 3373, 9029 };

    for (size_t i = 0; i < rows; i++) {
        const uint64_t n = *counter * order[*counter / KEYS % TSEC_ARRAY_LEN(order)] % KEYS;

        (*counter)++;
        key[i][0] = 'r';
        for (size_t at = 0; at < 4; at++) {
            const uint64_t word = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) + at;

            memcpy(key[i] + 1 + 8 * at, &word, sizeof(word));
        }
        memcpy(value[i], counter, sizeof(*counter));
        ops[i] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                         .key = { key[i], sizeof(key[i]) },
                                         .value = { value[i], row_bytes } };
    }
}

static int
measure(const struct tsec_store_ops *ops, struct tsec_store *store, size_t rows, size_t row_bytes,
        double seconds)
{
    static struct tsec_store_op batch[ROWS_MAX];
    struct tsec_err err = { 0 };
    uint64_t counter = 0;
    uint64_t filled;

    if (getrandom(value, sizeof(value[0]) * 4, 0) < 0) {
        return 71;
    }
    while (counter < KEYS) { /* the database is there, as the server's is */
        next_rows(batch, rows, row_bytes, &counter);
        if (tsec_failed(ops->commit(store, batch, rows, &err))) {
            return fail(&err);
        }
    }
    filled = counter;

    const int64_t start = tsec_clock_mono_ns(&tsec_clock_system);
    const int64_t end = start + (int64_t)(seconds * 1e9);
    int64_t now = start;

    while (now < end) {
        next_rows(batch, rows, row_bytes, &counter);
        if (tsec_failed(ops->commit(store, batch, rows, &err))) {
            return fail(&err);
        }
        now = tsec_clock_mono_ns(&tsec_clock_system);
    }
    (void)printf("%.0f\n", (double)(counter - filled) / ((double)(now - start) / 1e9));
    return 0;
}

int
main(int argc, char **argv)
{
    const struct tsec_plugin *plugin = NULL;
    struct plugin_services services;
    struct tsec_store *store = NULL;
    struct tsec_err err = { 0 };

    if (argc != 7) {
        (void)fputs("usage: ceiling_store PLUGIN_DIR PLUGIN URI ROWS ROW_BYTES SECONDS\n", stderr);
        return 64;
    }

    const size_t rows = strtoul(argv[4], NULL, 10);
    const size_t row_bytes = strtoul(argv[5], NULL, 10);

    if (rows == 0 || rows > ROWS_MAX || row_bytes < 8 || row_bytes > ROW_MAX) {
        (void)fputs("ceiling_store: 1..256 rows of 8..65536 bytes\n", stderr);
        return 64;
    }
    if (tsec_failed(tsec_plugin_load(argv[1], argv[2], TSEC_PLUGIN_STORE, &plugin, &err))) {
        return fail(&err);
    }
    plugin_services_init(&services, argv[2], NULL, &tsec_clock_system);
    if (tsec_failed(plugin->store->open(&services.host, argv[3], &store, &err))) {
        return fail(&err);
    }

    const int status = measure(plugin->store, store, rows, row_bytes, strtod(argv[6], NULL));

    plugin->store->close(store);
    return status;
}

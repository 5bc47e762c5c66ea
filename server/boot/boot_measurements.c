/* SPDX-License-Identifier: Apache-2.0 */
/* Which code operators allowed, at this server or at another of the cluster. */
#include <stdlib.h>

#include "base/base64.h"
#include "base/log.h"
#include "boot/boot_internal.h"
#include "core/measurements.h"

enum { FOLLOW_MEMORY_MAX = 16 * 1024 * 1024 };

tsec_rc
boot_set_operators(struct boot *boot, const struct tsec_conf *conf, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT((size_t)OPERATORS_MAX * OPERATOR_SPKI_MAX);
    struct tsec_span keys[OPERATORS_MAX];
    size_t ends[OPERATORS_MAX];
    size_t n = 0;

    if (boot->operators == NULL) {
        TSEC_TRY(operators_new(&boot->operators, err));
    }
    for (; n < conf->operators.len && n < OPERATORS_MAX; n++) {
        TSEC_TRY(tsec_base64_decode(&bytes, TSEC_BASE64_STD,
                                    tsec_span_str(conf->operators.items[n].value), err));
        ends[n] = bytes.len;
    }
    for (size_t i = 0; i < n; i++) { /* the buffer stays where it is from now on */
        const size_t from = i == 0 ? 0 : ends[i - 1];

        keys[i] = tsec_span(bytes.ptr + from, ends[i] - from);
    }
    return operators_set(boot->operators, keys, n, err);
}

/* A list of the row's entries, when that is newer than what the appraiser has. */
struct news {
    int64_t known;
    int64_t sequence; /* 0: there is nothing new */
    struct allowlist *list;
};

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct news *news = ctx;
    const struct measurements *row = NULL;
    struct tsec_span *entries;

    TSEC_TRY(measurements_read(txn, &row, err));
    if (row->sequence <= news->known) {
        return TSEC_OK;
    }
    entries = tsec_arena_alloc(txn_arena(txn), (row->entries.len + 1) * sizeof(*entries));
    if (entries == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the signed measurements");
    }
    for (size_t i = 0; i < row->entries.len; i++) {
        entries[i] = tsec_span_str(row->entries.items[i]);
    }
    TSEC_TRY(allowlist_new(entries, row->entries.len, &news->list, err));
    news->sequence = row->sequence;
    return TSEC_OK;
}

static int64_t
known_sequence(struct appraiser *appraiser)
{
    struct appraiser_lists lists;
    int64_t sequence;

    appraiser_lists_take(appraiser, &lists);
    sequence = lists.sequence;
    appraiser_lists_done(&lists);
    return sequence;
}

static void
take(struct api *api, const struct news *news)
{
    size_t closed;

    if (!appraiser_set_signed(api->options.appraiser, news->sequence, news->list)) {
        return;
    }
    closed = api_review_channels(api);
    tsec_log(TSEC_LOG_INFO, "measurements that operators signed are allowed from now on",
             TSEC_F_INT("sequence", news->sequence),
             TSEC_F_INT("entries", (int64_t)allowlist_len(news->list)),
             TSEC_F_INT("channels_closed", (int64_t)closed));
}

void
boot_follow_measurements(struct api *api)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct news news = { .list = NULL };
    struct tsec_err err = { 0 };
    tsec_rc rc;

    if (api == NULL || node_status(api->options.node) != NODE_ACTIVE) {
        return;
    }
    news.known = known_sequence(api->options.appraiser);
    rc = tsec_arena_new(FOLLOW_MEMORY_MAX, &arena, &err);
    if (!tsec_failed(rc)) {
        rc = node_view(api->options.node, arena, tsec_clock_real_ns(api->options.clock), look,
                       &news, &err);
    }
    if (tsec_failed(rc)) {
        tsec_log_err("the signed measurements could not be read; the list in force stays", &err);
    } else if (news.sequence > 0) {
        take(api, &news);
    }
    allowlist_free(news.list);
}

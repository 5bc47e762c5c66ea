/* SPDX-License-Identifier: Apache-2.0 */
/* What this server saw of the log before it ended, or was ended: it must be there again. */
#include "core/node_internal.h"

struct recalling {
    const struct node *node;
    const struct ledger_options *log;
    struct node_seen_list *out;
};

/* Of two records one may be torn, if the machine died while it was written. */
static void
recalled(void *ctx, const struct tsec_span records[2], const char *where)
{
    struct recalling *r = ctx;
    bool any = false;
    bool good = false;

    for (int i = 0; i < 2; i++) {
        if (r->out->len < NODE_SEEN_MAX && records[i].len > 0) {
            struct ledger_seen *seen = &r->out->list[r->out->len];
            const bool is = ledger_seen_read(r->log, records[i], seen);

            seen->where = where;
            r->out->len += is ? 1 : 0;
            good = good || is;
            any = true;
        }
    }
    if (any && !good) {
        struct tsec_err err = { 0 };

        (void)TSEC_FAIL(&err, TSEC_E_INVALID, "of another ledger, or damaged: %s", where).code;
        node_notice(r->node, "what was seen before is not known", &err);
    }
}

tsec_rc
node_seen_recall(struct node *node, const struct ledger_options *log, struct node_seen_list *out,
                 struct tsec_err *err)
{
    const struct node_seen *seen = node->options.seen;
    struct recalling r = { node, log, out };

    out->len = 0;
    return seen == NULL ? TSEC_OK : seen->recall(seen->ctx, recalled, &r, err);
}

/* Until the history is read, what lies before the snapshot is not known to be what was seen. */
void
node_seen_opened(struct active *active, const struct node_seen_list *list)
{
    const uint64_t from = ledger_from(active->ledger);
    bool behind = false;

    for (size_t i = 0; i < list->len; i++) {
        behind = behind || list->list[i].size < from;
    }
    atomic_store(&active->seen_behind, behind);
}

void
node_seen_keep(const struct node *node, struct active *active)
{
    const struct node_seen *seen = node->options.seen;
    uint8_t record[LEDGER_SEEN_LEN];

    if (seen != NULL && !atomic_load(&active->seen_behind) && ledger_size(active->ledger) > 0) {
        ledger_seen(active->ledger, record);
        seen->keep(seen->ctx, tsec_span(record, sizeof(record)));
    }
}

void
node_seen_settle(const struct node *node)
{
    const struct node_seen *seen = node->options.seen;

    if (seen != NULL) {
        seen->settle(seen->ctx);
    }
}

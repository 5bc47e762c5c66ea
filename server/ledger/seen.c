/* SPDX-License-Identifier: Apache-2.0 */
/* What a server saw of a log, as a record it may keep elsewhere: a tag proves it, that of the
 * segment the log ended with. */
#include <stdlib.h>

#include "codec/pack.h"
#include "ledger/ledger_internal.h"

static const uint8_t magic[8] = { 'T', 'S', 'S', '1' };

void
ledger_seen(struct ledger *ledger, uint8_t record[LEDGER_SEEN_LEN])
{
    const struct tsec_frontier *frontier = &ledger->now.frontier;

    memcpy(record, magic, sizeof(magic));
    for (unsigned b = 0; b < 8; b++) {
        record[8 + b] = (uint8_t)(frontier->size >> (56 - 8 * b));
    }
    tsec_frontier_root(frontier, record + 16);
    memcpy(record + 16 + TSEC_SHA256_LEN, ledger->tag, SEGMENT_TAG);
}

bool
ledger_seen_read(const struct ledger_options *options, struct tsec_span record,
                 struct ledger_seen *out)
{
    struct tsec_reader in = tsec_reader(record);
    const struct tsec_span begin = tsec_read_fixed(&in, sizeof(magic));
    const uint64_t size = tsec_read_u64(&in);
    const struct tsec_span root = tsec_read_fixed(&in, TSEC_SHA256_LEN);
    const struct tsec_span tag = tsec_read_fixed(&in, SEGMENT_TAG);

    if (in.failed || in.rest.len > 0 || size == 0
        || !tsec_span_equal(begin, tsec_span(magic, sizeof(magic)))) {
        return false;
    }
    out->size = size;
    segment_tag_of(options, size, root.ptr, out->tag);
    return tsec_ct_equal(tag, tsec_span(out->tag, SEGMENT_TAG));
}

tsec_rc
seen_keep(struct ledger *l, struct tsec_err *err)
{
    const struct ledger_options *o = &l->options;

    if (o->seen_len == 0) {
        l->options.seen = NULL;
        return TSEC_OK;
    }
    l->seen = calloc(o->seen_len, sizeof(*l->seen));
    if (l->seen == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "ledger");
    }
    memcpy(l->seen, o->seen, o->seen_len * sizeof(*l->seen));
    l->options.seen = l->seen;
    return TSEC_OK;
}

static tsec_rc
another_log(const struct ledger_seen *seen, struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_ROLLBACK,
                     "rollback detected: the ledger is not the one of which %llu leaves were seen; "
                     "restore the newest database, or accept this one: delete %s",
                     (unsigned long long)seen->size, seen->where);
}

/* The log ended there once, so a segment did. */
tsec_rc
seen_pass(const struct ledger_options *options, uint64_t before, uint64_t size,
          const uint8_t tag[SEGMENT_TAG], struct tsec_err *err)
{
    for (size_t i = 0; i < options->seen_len; i++) {
        const struct ledger_seen *seen = &options->seen[i];
        const bool here = seen->size == size;

        if ((seen->size > before && seen->size < size)
            || (here
                && !tsec_ct_equal(tsec_span(seen->tag, SEGMENT_TAG),
                                  tsec_span(tag, SEGMENT_TAG)))) {
            return another_log(seen, err);
        }
    }
    return TSEC_OK;
}

tsec_rc
seen_begin(const struct ledger_options *options, const struct tsec_frontier *from,
           struct tsec_err *err)
{
    uint8_t tag[SEGMENT_TAG];

    if (options->seen_len == 0 || from->size == 0) {
        return TSEC_OK;
    }
    segment_tag(options, from, tag);
    return seen_pass(options, from->size - 1, from->size, tag, err);
}

tsec_rc
seen_end(const struct ledger_options *options, uint64_t size, struct tsec_err *err)
{
    for (size_t i = 0; i < options->seen_len; i++) {
        if (options->seen[i].size > size) {
            return TSEC_FAIL(err, TSEC_E_ROLLBACK,
                             "rollback detected: have %llu leaves, saw %llu; restore the newest "
                             "database, or accept this one: delete %s",
                             (unsigned long long)size, (unsigned long long)options->seen[i].size,
                             options->seen[i].where);
        }
    }
    return TSEC_OK;
}

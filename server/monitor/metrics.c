/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "appraisal/report.h"

static void
metric(struct tsec_buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    tsec_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s ", name, help, name, type, name);
    tsec_buf_put_u64(out, value);
    tsec_buf_put_str(out, "\n");
}

/* The second number of /proc/self/statm: resident pages. */
static uint64_t
resident_bytes(void)
{
    unsigned long size = 0;
    unsigned long resident = 0;
    FILE *in = fopen("/proc/self/statm", "re");

    if (in != NULL) {
        if (fscanf(in, "%lu %lu", &size, &resident) != 2) {
            resident = 0;
        }
        (void)fclose(in);
    }
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t
seconds_since(const struct metrics_sources *s, int64_t since_ns)
{
    const int64_t now = tsec_clock_real_ns(s->clock);

    return since_ns == 0 || now < since_ns ? 0 : (uint64_t)((now - since_ns) / TSEC_NS_PER_S);
}

static void
put_ledger(const struct metrics_sources *s, const struct node_health *h, struct tsec_buf *out)
{
    metric(out, "tee_secrets_ledger_leaves", "counter", "Leaves in the ledger.", h->ledger_size);
    metric(out, "tee_secrets_ledger_batches_total", "counter", "Commits of the ledger.",
           h->ledger.batches);
    metric(out, "tee_secrets_ledger_operations_total", "counter", "Operations committed.",
           h->ledger.operations);
    metric(out, "vault_audit_log_request_failure", "counter", "Commits of the ledger that failed.",
           h->ledger.failures);
    metric(out, "tee_secrets_ledger_conflicts_total", "counter",
           "Commits that another server's was faster than.", h->ledger.conflicts);
    metric(out, "tee_secrets_ledger_follows_total", "counter",
           "Times that leaves of other servers were read.", h->ledger.follows);
    metric(out, "tee_secrets_ledger_rollback", "gauge",
           "1 while the store holds an older or another ledger than this server saw.",
           h->ledger.failing_since_ns != 0 && h->ledger.last_error.code == TSEC_E_ROLLBACK ? 1 : 0);
    metric(out, "tee_secrets_ledger_queued", "gauge", "Operations that wait for the ledger.",
           h->ledger.queued);
    metric(out, "tee_secrets_ledger_failing_seconds", "gauge",
           "How long the ledger could not be written; 0 when it can.",
           seconds_since(s, h->ledger.failing_since_ns));
}

static void
put_store(const struct metrics_sources *s, const struct node_health *h, struct tsec_buf *out)
{
    struct store_watch_status status = { .failing = false };

    if (s->store_watch != NULL) {
        store_watch_status(s->store_watch, &status);
    }
    metric(out, "tee_secrets_store_up", "gauge", "1 when the store expects to take writes.",
           tsec_failed(h->store) || status.failing ? 0 : 1);
    metric(out, "tee_secrets_store_failing_seconds", "gauge",
           "How long the store has not answered, or has refused; 0 when it works.",
           status.failing ? seconds_since(s, status.since_ns) : 0);
    metric(out, "tee_secrets_store_failures_total", "counter", "Calls of the store that failed.",
           status.failures);
    metric(out, "tee_secrets_store_outages_total", "counter", "Times the store began to fail.",
           status.outages);
}

static void
put_gateway(const struct gateway *gateway, struct tsec_buf *out)
{
    const struct gateway_counts c = gateway_counts(gateway);

    metric(out, "tee_secrets_connections", "gauge", "Connections open.", c.connections);
    metric(out, "tee_secrets_requests_active", "gauge", "Requests under way.", c.requests_active);
    metric(out, "tee_secrets_requests_total", "counter", "Requests taken.", c.requests_total);
    metric(out, "tee_secrets_requests_refused_total", "counter",
           "Requests refused by the guard, a limit or the rate.", c.refused_total);
    metric(out, "tee_secrets_connections_timed_out_total", "counter",
           "Connections shut by a deadline.", c.timed_out_total);
}

static void
put_verification(struct tsec_buf *out, const char *format, const char *verdict, const char *reason,
                 uint64_t count)
{
    tsec_buf_printf(out,
                    "tee_secrets_verifications_total{format=\"%s\",verdict=\"%s\",reason=\"%s\"} ",
                    format, verdict, reason);
    tsec_buf_put_u64(out, count);
    tsec_buf_put_str(out, "\n");
}

/* Each format's admissions always, its refusals once there is one. */
static void
put_verifications(const struct appraiser *appraiser, struct tsec_buf *out)
{
    const struct verifiers *set = appraiser_verifiers(appraiser);

    tsec_buf_put_str(out, "# HELP tee_secrets_verifications_total Evidence appraised.\n"
                          "# TYPE tee_secrets_verifications_total counter\n");
    for (size_t i = 0; i < verifiers_formats_len(set); i++) {
        const char *format = verifiers_formats(set)[i];

        put_verification(out, format, "genuine", "",
                         appraiser_count(appraiser, i, TSEC_REASON_NONE));
        for (uint32_t r = 1; r <= TSEC_REASON_INTERNAL; r++) {
            const uint64_t n = appraiser_count(appraiser, i, (enum tsec_reason)r);

            if (n > 0) {
                put_verification(out, format, "refused", tsec_reason_info(r)->slug, n);
            }
        }
    }
}

/* A label's value: its quotes, backslashes and line ends escaped. */
static void
put_label(struct tsec_buf *out, const char *value)
{
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            tsec_buf_put_byte(out, '\\');
        }
        if (*c == '\n') {
            tsec_buf_put_str(out, "\\n");
        } else {
            tsec_buf_put_byte(out, (uint8_t)*c);
        }
    }
}

static void
put_grant(struct tsec_buf *out, const struct grant_count *item)
{
    tsec_buf_printf(out, "tee_secrets_%s_total{kind=\"%s\",%s=\"",
                    item->refused ? "attested_refusals" : "attested_grants",
                    grant_kind_name(item->kind), item->refused ? "reason" : "role");
    put_label(out, item->label);
    tsec_buf_put_str(out, "\"} ");
    tsec_buf_put_u64(out, item->count);
    tsec_buf_put_str(out, "\n");
}

static void
put_grants(struct grants *grants, struct tsec_buf *out)
{
    struct grant_count *items = calloc(GRANTS_MAX + 2 * GRANT_KINDS, sizeof(*items));
    const size_t n = items == NULL ? 0 : grants_copy(grants, items);

    for (int refused = 0; refused < 2; refused++) {
        tsec_buf_put_str(
            out, refused == 1
                     ? "# HELP tee_secrets_attested_refusals_total Logins, releases and channels "
                       "refused to code.\n# TYPE tee_secrets_attested_refusals_total counter\n"
                     : "# HELP tee_secrets_attested_grants_total Logins, releases and channels "
                       "granted to code.\n# TYPE tee_secrets_attested_grants_total counter\n");
        for (size_t i = 0; i < n; i++) {
            if (items[i].refused == (refused == 1)) {
                put_grant(out, &items[i]);
            }
        }
    }
    free(items);
}

static void
put_handshakes(const struct channels_counts *c, struct tsec_buf *out)
{
    static const char name[] = "tee_secrets_channel_handshake_seconds";
    uint64_t n = 0;

    tsec_buf_printf(out,
                    "# HELP %s From the first reply to the open channel.\n"
                    "# TYPE %s histogram\n",
                    name, name);
    for (size_t i = 0; i < CHANNEL_SECONDS_LEN; i++) {
        n += c->handshakes[i];
        tsec_buf_printf(out, "%s_bucket{le=\"%u.%03u\"} %llu\n", name, channel_seconds_ms[i] / 1000,
                        channel_seconds_ms[i] % 1000, (unsigned long long)n);
    }
    n += c->handshakes[CHANNEL_SECONDS_LEN];
    tsec_buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %lld.%09lld\n%s_count %llu\n", name,
                    (unsigned long long)n, name, (long long)(c->handshakes_ns / TSEC_NS_PER_S),
                    (long long)(c->handshakes_ns % TSEC_NS_PER_S), name, (unsigned long long)n);
}

static void
put_channels(struct channels *channels, struct tsec_buf *out)
{
    const struct channels_counts c = channels_counts(channels);

    metric(out, "tee_secrets_channels_open", "gauge", "Attested channels that are open.", c.open);
    metric(out, "tee_secrets_channels_unproven", "gauge",
           "Of these, channels in which nobody has shown evidence or a token.", c.strangers);
    metric(out, "tee_secrets_channels_half_open", "gauge", "Handshakes between their round trips.",
           c.half_open);
    metric(out, "tee_secrets_channels_opened_total", "counter", "Channels that were opened.",
           c.opened_total);
    metric(out, "tee_secrets_channels_resumed_total", "counter", "Of these, by a ticket.",
           c.resumed_total);
    metric(out, "tee_secrets_channels_closed_total", "counter", "Channels that ended.",
           c.closed_total);
    metric(out, "tee_secrets_channels_refused_total", "counter", "Handshakes that were refused.",
           c.refused_total);
    metric(out, "tee_secrets_channels_given_way_total", "counter",
           "Handshakes and unproven channels that ended for want of room.", c.given_way_total);
    metric(out, "tee_secrets_channel_rekeys_total", "counter", "Rekeys.", c.rekeyed_total);
    metric(out, "tee_secrets_channel_messages_total", "counter", "Messages that were opened.",
           c.messages_total);
    metric(out, "tee_secrets_channel_messages_refused_total", "counter",
           "Messages that were altered, came twice, or had keys that are over.",
           c.message_refused_total);
    put_handshakes(&c, out);
}

void
metrics_text(const struct metrics_sources *sources, struct tsec_buf *out)
{
    struct node_health h;
    struct node_info info;

    node_health(sources->node, &h);
    node_info(sources->node, &info);
    metric(out, "vault_core_unsealed", "gauge", "1 when the server is unsealed.",
           h.status == NODE_ACTIVE ? 1 : 0);
    metric(out, "tee_secrets_simulated", "gauge", "1 when no hardware stands behind the TEE.",
           info.tee.simulated ? 1 : 0);
    put_store(sources, &h, out);
    metric(out, "tee_secrets_attester_up", "gauge", "1 when the TEE answers.",
           tsec_failed(h.attest) ? 0 : 1);
    put_ledger(sources, &h, out);
    metric(out, "tee_secrets_rows", "gauge", "Keys of rows held in memory.", h.state.rows);
    metric(out, "tee_secrets_rows_bytes", "gauge", "Sealed bytes held in memory.", h.state.bytes);
    metric(out, "tee_secrets_audit_epoch", "counter", "The audit epoch.", h.audit_epoch);
    if (sources->gateway != NULL) {
        put_gateway(sources->gateway, out);
    }
    if (sources->appraiser != NULL) {
        put_verifications(sources->appraiser, out);
    }
    if (sources->grants != NULL) {
        put_grants(sources->grants, out);
    }
    if (sources->channels != NULL) {
        put_channels(sources->channels, out);
    }
    metric(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
    metric(out, "tee_secrets_uptime_seconds", "counter", "Since the store was opened.",
           seconds_since(sources, info.opened_ns));
    tsec_buf_printf(out,
                    "# HELP tee_secrets_build_info The version.\n"
                    "# TYPE tee_secrets_build_info gauge\n"
                    "tee_secrets_build_info{version=\"%s\"} 1\n",
                    sources->version);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/health.h"

#include <stdio.h>

#include "api/api.h"

void
health_memory_init(struct health_memory *memory)
{
    memset(memory, 0, sizeof(*memory));
    (void)pthread_mutex_init(&memory->lock, NULL);
}

void
health_memory_done(struct health_memory *memory)
{
    (void)pthread_mutex_destroy(&memory->lock);
}

static void
say(struct health_part *part, enum health_state state, int32_t code, const char *advice)
{
    part->state = state;
    part->code = code;
    part->advice = advice;
}

static void
look_at_node(const struct node_health *now, struct health_part *part)
{
    if (now->status == NODE_FAILED) {
        say(part, HEALTH_FAILED, TSEC_E_INTERNAL,
            "restart the server: its log says what made it stop");
    } else if (now->status == NODE_SEALED) {
        say(part, HEALTH_DEGRADED, TSEC_E_SEALED, "unseal it: POST /v1/sys/unseal");
    } else if (now->status == NODE_UNINITIALIZED) {
        say(part, HEALTH_DEGRADED, TSEC_E_NOT_INITIALIZED, "initialise it: POST /v1/sys/init");
    }
}

static void
look_at_ledger(const struct node_health *now, struct health_part *part)
{
    const struct sequencer_stats *ledger = &now->ledger;

    if (ledger->failing_since_ns != 0 && ledger->last_error.code == TSEC_E_ROLLBACK) {
        say(part, HEALTH_ROLLBACK, TSEC_E_ROLLBACK,
            "put the newest database back: this one is older than what this server saw, or was "
            "continued elsewhere; service resumes by itself");
        (void)snprintf(part->detail, sizeof(part->detail), "%s", ledger->last_error.detail);
    } else if (ledger->failing_since_ns != 0) {
        say(part, HEALTH_FAILED, ledger->last_error.code,
            "the store does not take what is written: look at its space and its log");
    } else if (ledger->unknown) {
        say(part, HEALTH_DEGRADED, TSEC_E_OUTCOME_UNKNOWN,
            "waiting for the store to say whether the last commit happened");
    }
    part->since_ns = ledger->failing_since_ns;
}

static void
look_at_store(const struct node_health *now, struct store_watch *watch, struct health_part *part)
{
    struct store_watch_status status = { .failing = false };

    if (watch != NULL) {
        store_watch_status(watch, &status);
    }
    if (tsec_failed(now->store) || status.failing) {
        say(part, HEALTH_FAILED, status.failing ? status.why.code : now->store.code,
            "the database does not answer, or refuses: look at it, at the way to it, and at the "
            "server's log");
    } else if (now->store_err.detail[0] != '\0') {
        say(part, HEALTH_DEGRADED, 0, "as it was configured: see plugins in the settings");
        (void)snprintf(part->detail, sizeof(part->detail), "%s", now->store_err.detail);
    }
    part->since_ns = status.failing ? status.since_ns : 0;
}

static void
look_at_attester(const struct node_health *now, struct health_part *part)
{
    if (tsec_failed(now->attest)) {
        say(part, HEALTH_FAILED, now->attest.code,
            "the TEE does not answer: look at the server's log");
    }
}

/* Old collateral weakens no verdict: what it no longer vouches for is refused. */
static void
look_at_verifiers(const struct appraiser *appraiser, struct health_part *part)
{
    const tsec_rc rc = verifiers_health(appraiser_verifiers(appraiser), NULL);

    if (tsec_failed(rc)) {
        say(part, HEALTH_DEGRADED, rc.code,
            "a verifier lacks what it needs, such as collateral: look at the server's log");
    }
}

/* A part that cannot say itself since when is as it is since it was first seen so. */
static void
remember(struct health_memory *memory, int64_t opened_ns, int64_t now_ns, struct health *health)
{
    (void)pthread_mutex_lock(&memory->lock);
    for (size_t i = 0; i < health->parts_len; i++) {
        struct health_part *part = &health->parts[i];

        if (memory->parts[i].since_ns == 0) {
            memory->parts[i].since_ns = opened_ns;
        }
        if (memory->parts[i].state != part->state) {
            memory->parts[i].state = part->state;
            memory->parts[i].since_ns = now_ns;
        }
        if (part->since_ns != 0) {
            memory->parts[i].since_ns = part->since_ns;
        }
        part->since_ns = memory->parts[i].since_ns;
    }
    (void)pthread_mutex_unlock(&memory->lock);
}

void
health_judge(const struct node_health *now, struct store_watch *watch, struct health *out)
{
    look_at_node(now, &out->parts[HEALTH_NODE]);
    look_at_ledger(now, &out->parts[HEALTH_LEDGER]);
    look_at_store(now, watch, &out->parts[HEALTH_STORE]);
    look_at_attester(now, &out->parts[HEALTH_ATTESTER]);
    for (size_t i = 0; i < out->parts_len; i++) {
        out->worst = out->parts[i].state > out->worst ? out->parts[i].state : out->worst;
    }
    out->serves = now->status == NODE_ACTIVE && out->parts[HEALTH_LEDGER].state < HEALTH_FAILED
                  && out->parts[HEALTH_STORE].state < HEALTH_FAILED;
}

void
health_read(struct api *api, struct health *out)
{
    const struct api_options *options = &api->options;
    struct node_info info;

    memset(out, 0, sizeof(*out));
    node_info(options->node, &info);
    node_health(options->node, &out->node);
    out->parts_len = options->appraiser == NULL ? HEALTH_VERIFIERS : HEALTH_PARTS;
    if (options->appraiser != NULL) {
        look_at_verifiers(options->appraiser, &out->parts[HEALTH_VERIFIERS]);
    }
    health_judge(&out->node, options->store_watch, out);
    remember(&api->health, info.opened_ns, tsec_clock_real_ns(options->clock), out);
}

const char *
health_state_name(enum health_state state)
{
    static const char *const names[] = { "ok", "degraded", "failed", "rollback" };

    return names[state];
}

static void
put_part(const struct health_part *part, const char *name, struct tsec_json_out *out)
{
    tsec_json_object(out);
    tsec_json_put_str(out, "name", name);
    tsec_json_put_str(out, "state", health_state_name(part->state));
    tsec_json_put_time(out, "since", part->since_ns);
    if (part->code != 0) {
        tsec_json_put_str(out, "reason", tsec_error_info(part->code)->slug);
    }
    if (part->detail[0] != '\0') {
        tsec_json_put_str(out, "detail", part->detail);
    }
    if (part->advice != NULL) {
        tsec_json_put_str(out, "advice", part->advice);
    }
    tsec_json_object_end(out);
}

void
health_put_parts(const struct health *health, bool bad_only, struct tsec_json_out *out)
{
    static const char *const names[] = { "node", "ledger", "store", "attester", "verifiers" };

    tsec_json_array(out);
    for (size_t i = 0; i < health->parts_len; i++) {
        if (!bad_only || health->parts[i].state != HEALTH_OK) {
            put_part(&health->parts[i], names[i], out);
        }
    }
    tsec_json_array_end(out);
}

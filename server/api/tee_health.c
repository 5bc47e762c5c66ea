/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"

enum part_state { PART_OK = 0, PART_DEGRADED, PART_FAILED };

struct part {
    const char *name;
    enum part_state state;
    int64_t since_ns;
    const char *advice; /* NULL: none needed */
};

enum { PARTS_MAX = 6 };

static const char *
state_name(enum part_state state)
{
    static const char *const names[] = { "ok", "degraded", "failed" };

    return names[state];
}

static struct part
node_part(const struct node_health *health, int64_t since_ns)
{
    struct part part = { "node", PART_OK, since_ns, NULL };

    if (health->status == NODE_FAILED) {
        part.state = PART_FAILED;
        part.advice = "restart the server: its log says what made it stop";
    } else if (health->status == NODE_SEALED) {
        part.state = PART_DEGRADED;
        part.advice = "unseal it: POST /v1/sys/unseal";
    } else if (health->status == NODE_UNINITIALIZED) {
        part.state = PART_DEGRADED;
        part.advice = "initialise it: POST /v1/sys/init";
    }
    return part;
}

static struct part
ledger_part(const struct node_health *health, int64_t since_ns)
{
    struct part part = { "ledger", PART_OK, since_ns, NULL };

    if (health->ledger.failing_since_ns != 0) {
        part.state = PART_FAILED;
        part.since_ns = health->ledger.failing_since_ns;
        part.advice = "the store does not take what is written: look at its space and its log";
    } else if (health->ledger.unknown) {
        part.state = PART_DEGRADED;
        part.advice = "waiting for the store to say whether the last commit happened";
    }
    return part;
}

static struct part
rc_part(const char *name, tsec_rc rc, int64_t since_ns, const char *advice)
{
    return (struct part){ name, tsec_failed(rc) ? PART_FAILED : PART_OK, since_ns,
                          tsec_failed(rc) ? advice : NULL };
}

static void
put_part(struct tsec_json_out *out, const struct part *part)
{
    tsec_json_object(out);
    tsec_json_put_str(out, "name", part->name);
    tsec_json_put_str(out, "state", state_name(part->state));
    tsec_json_put_time(out, "since", part->since_ns);
    if (part->advice != NULL) {
        tsec_json_put_str(out, "advice", part->advice);
    }
    tsec_json_object_end(out);
}

/* Old collateral weakens no verdict: what it no longer vouches for is refused. */
static struct part
verifiers_part(struct appraiser *appraiser, int64_t since_ns)
{
    struct part part = { "verifiers", PART_OK, since_ns, NULL };

    if (tsec_failed(verifiers_health(appraiser_verifiers(appraiser), NULL))) {
        part.state = PART_DEGRADED;
        part.advice =
            "a verifier lacks what it needs, such as collateral: look at the server's log";
    }
    return part;
}

/* What a setting admits although it should not be trusted: said wherever anybody looks. */
static void
put_admits(struct appraiser *appraiser, struct tsec_json_out *out)
{
    const struct admission_policy policy = appraiser_policy(appraiser);

    tsec_json_key(out, "admits");
    tsec_json_array(out);
    if (policy.allow_debug) {
        tsec_json_str(out, "debug");
    }
    if (policy.allow_simulated) {
        tsec_json_str(out, "simulated");
    }
    tsec_json_array_end(out);
    tsec_json_key(out, "formats");
    tsec_json_array(out);
    for (size_t i = 0; i < verifiers_formats_len(appraiser_verifiers(appraiser)); i++) {
        tsec_json_str(out, verifiers_formats(appraiser_verifiers(appraiser))[i]);
    }
    tsec_json_array_end(out);
}

tsec_rc
api_op_teeHealth(struct api_call *call, struct tsec_err *err)
{
    struct node *node = call->api->options.node;
    struct appraiser *appraiser = call->api->options.appraiser;
    enum part_state worst = PART_OK;
    struct part parts[PARTS_MAX];
    struct node_health health;
    struct node_info info = { 0 };
    struct tsec_json_out out;
    size_t n = 0;

    node_info(node, &info);
    node_health(node, &health);
    parts[n++] = node_part(&health, info.opened_ns);
    parts[n++] = ledger_part(&health, info.opened_ns);
    parts[n++] = rc_part("store", health.store, info.opened_ns,
                         "the database does not answer: look at it and at the server's log");
    parts[n++] = rc_part("attester", health.attest, info.opened_ns,
                         "the TEE does not answer: look at the server's log");
    if (appraiser != NULL) {
        parts[n++] = verifiers_part(appraiser, info.opened_ns);
    }
    for (size_t i = 0; i < n; i++) {
        worst = parts[i].state > worst ? parts[i].state : worst;
    }
    out = api_bare(call);
    tsec_json_put_str(&out, "state", state_name(worst));
    tsec_json_put_bool(&out, "simulated", info.tee.simulated);
    /* Nobody but us has signed the ledger's head. */
    tsec_json_put_str(&out, "freshness", "unwitnessed");
    if (appraiser != NULL) {
        put_admits(appraiser, &out);
    }
    tsec_json_key(&out, "parts");
    tsec_json_array(&out);
    for (size_t i = 0; i < n; i++) {
        put_part(&out, &parts[i]);
    }
    tsec_json_array_end(&out);
    return api_bare_end(call, &out, worst == PART_FAILED ? 503 : 200, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot.h"

#include <malloc.h>
#include <signal.h>

#include "base/log.h"
#include "boot/boot_internal.h"
#include "codec/json_fields.h"
#include "crypto/age.h"

enum { DRAIN_MS = 10000, WORK_QUEUE_MAX = 1024 };

static void
boot_metrics(void *ctx, struct tsec_buf *out)
{
    metrics_text(ctx, out);
}

static void
jobs_set(struct boot_jobs *jobs, const struct tsec_conf *conf)
{
    atomic_store(&jobs->dek_max_age_ns, conf->dek_max_age_ns);
    atomic_store(&jobs->mek_max_age_ns, conf->mek_max_age_ns);
    atomic_store(&jobs->dek_max_uses, (uint64_t)conf->dek_max_uses);
}

/* One line when the database goes away and one when it is back, however many requests that is. */
static void
store_changed(void *ctx, const struct store_watch_status *now, int64_t lasted_ns)
{
    (void)ctx;
    if (now->failing) {
        tsec_log(TSEC_LOG_WARN, "the database does not answer, or refuses",
                 TSEC_F_STR("code", tsec_error_info(now->why.code)->slug),
                 TSEC_F_STR("why", now->why.detail));
    } else {
        tsec_log(TSEC_LOG_INFO, "the database answers again",
                 TSEC_F_INT("after_ms", lasted_ns / TSEC_NS_PER_MS));
    }
}

static void
store_set_back(const struct tsec_err *err)
{
    if (err != NULL) {
        tsec_log_err("the database is older than what was seen, or another", err);
    } else {
        tsec_log(TSEC_LOG_INFO, "the database is the one that was seen, again");
    }
}

static tsec_rc
boot_watch_store(struct boot *boot, struct tsec_err *err)
{
    const struct store_watch_options options = { .ops = boot->store_plugin.plugin->store,
                                                 .store = boot->store,
                                                 .clock = &tsec_clock_system,
                                                 .changed = store_changed };

    TSEC_TRY(store_watch_new(&options, &boot->store_watch, err));
    boot->jobs.store_watch = boot->store_watch;
    return TSEC_OK;
}

static tsec_rc
boot_open_workers(struct boot *boot, struct tsec_err *err)
{
    TSEC_TRY(workers_new((unsigned)boot->conf->threads, WORK_QUEUE_MAX, &boot->workers, err));
    boot->jobs.workers = boot->workers;
    return TSEC_OK;
}

static tsec_rc
boot_open_transit(struct boot *boot, struct tsec_err *err)
{
    const struct transit_cache_options options = { .clock = &tsec_clock_system };

    TSEC_TRY(transit_cache_new(&options, &boot->transit, err));
    boot->jobs.transit = boot->transit;
    return TSEC_OK;
}

static tsec_rc
boot_open_channels(struct boot *boot, struct tsec_err *err)
{
    const struct channels_options options = { .clock = &tsec_clock_system,
                                              .rekey_after_s =
                                                  boot->conf->key_rotation_interval_sec };

    TSEC_TRY(channels_new(&options, &boot->channels, err));
    boot->jobs.channels = boot->channels;
    return TSEC_OK;
}

static void
boot_sealed(void *ctx)
{
    const struct boot *boot = ctx;

    transit_cache_clear(boot->transit);
    channels_close_all(boot->channels, "sealed");
}

static tsec_rc
boot_open_node(struct boot *boot, struct tsec_err *err)
{
    const struct tsec_conf *conf = boot->conf;
    struct node_options options = {
        .store_ops = store_watch_ops(boot->store_watch),
        .store = store_watch_store(boot->store_watch),
        .attest_ops = boot->attest_plugin.plugin->attest,
        .attest = boot->attest,
        .clock = &tsec_clock_system,
        .origin = conf->audit_origin,
        .build = PACKAGE_VERSION,
        .patience_ns = boot_store_share_ns(conf),
        .seen = boot->seen == NULL ? NULL : seen_file_seen(boot->seen),
        .background = boot_background,
        .background_ctx = &boot->jobs,
        .sealed = boot_sealed,
        .sealed_ctx = boot,
        .rollback = store_set_back,
        .notice = tsec_log_err,
    };

    memcpy(options.config_digest, conf->digest, sizeof(options.config_digest));
    jobs_set(&boot->jobs, conf);
    TSEC_TRY(boot_auditors(conf, &options.audit, err));
    return node_open(&options, &boot->node, err);
}

static struct api_limits
api_limits_of(const struct tsec_conf *conf)
{
    return (struct api_limits){
        .default_ttl_s = conf->default_token_ttl_ns / TSEC_NS_PER_S,
        .max_ttl_s = conf->max_token_ttl_ns / TSEC_NS_PER_S,
        .body_max = (size_t)conf->limit_body_bytes,
        .metrics_open = conf->metrics_unauthenticated,
    };
}

static tsec_rc
boot_open_api(struct boot *boot, struct tsec_err *err)
{
    const struct tsec_conf *conf = boot->conf;
    const struct api_options options = {
        .node = boot->node,
        .store_watch = boot->store_watch,
        .clock = &tsec_clock_system,
        .version = PACKAGE_VERSION,
        .build_date = "",
        .cluster_name = conf->audit_origin,
        .storage_type = boot->store_plugin.plugin->name + strlen("store-"),
        .provider = conf->provider,
        .tls_spki = tsec_buf_span(&boot->tls_spki),
        .openapi = boot_openapi(),
        .limits = api_limits_of(conf),
        .appraiser = boot->appraiser,
        .operators = boot->operators,
        .workers = boot->workers,
        .transit = boot->transit,
        .channels = boot->channels,
        .operator_recipient = conf->operator_recipient[0] == '\0' ? NULL : boot->operator_key,
        .metrics = conf->metrics_enabled ? boot_metrics : NULL,
        .ctx = &boot->metrics,
    };

    if (conf->operator_recipient[0] != '\0') {
        TSEC_TRY(tsec_age_recipient_parse(tsec_span_str(conf->operator_recipient),
                                          boot->operator_key, err));
    }
    boot->metrics = (struct metrics_sources){ .node = boot->node,
                                              .store_watch = boot->store_watch,
                                              .appraiser = boot->appraiser,
                                              .channels = boot->channels,
                                              .clock = &tsec_clock_system,
                                              .version = PACKAGE_VERSION };
    return api_new(&options, &boot->api, err);
}

static tsec_rc
boot_up(struct boot *boot, struct tsec_err *err)
{
    TSEC_TRY(boot_open_egress(boot, err));
    TSEC_TRY(boot_open_attest(boot, err));
    TSEC_TRY(boot_open_store(boot, err));
    TSEC_TRY(boot_watch_store(boot, err));
    TSEC_TRY(boot_open_seen(boot, err));
    TSEC_TRY(boot_open_workers(boot, err));
    TSEC_TRY(boot_open_transit(boot, err));
    TSEC_TRY(boot_open_channels(boot, err));
    TSEC_TRY(boot_wait(boot, boot_open_node, err));
    TSEC_TRY(boot_open_verifiers(boot, err));
    TSEC_TRY(boot_set_operators(boot, boot->conf, err));
    TSEC_TRY(boot_open_tls(boot, err));
    TSEC_TRY(boot_open_api(boot, err));
    boot_follow_measurements(boot->api);
    atomic_store(&boot->jobs.api, boot->api);
    TSEC_TRY(boot_open_gateway(boot, err));
    boot->metrics.gateway = boot->gateway;
    boot->metrics.grants = &boot->api->grants;
    return TSEC_OK;
}

static void
boot_down(struct boot *boot)
{
    if (boot->gateway != NULL && !gateway_drain(boot->gateway, DRAIN_MS)) {
        tsec_log(TSEC_LOG_WARN, "some requests were not finished in time");
    }
    gateway_stop(boot->gateway);
    boot_jobs_stop(&boot->jobs);
    workers_free(boot->workers);
    node_close(boot->node);
    seen_file_close(boot->seen);
    api_free(boot->api);
    channels_free(boot->channels);
    transit_cache_free(boot->transit);
    boot_close_verifiers(boot);
    store_watch_free(boot->store_watch);
    boot_close_plugins(boot);
    boot_close_egress(boot);
    tsec_buf_done(&boot->cert);
    tsec_buf_done(&boot->key);
    tsec_buf_done(&boot->tls_spki);
}

static void
say_status(struct node *node)
{
    struct node_info info;

    node_info(node, &info);
    if (info.tee.simulated) {
        tsec_log(TSEC_LOG_WARN,
                 "the TEE is simulated: nothing here is protected from this machine");
    }
    tsec_log(TSEC_LOG_WARN,
             "freshness is not witnessed: a database set back as a whole to an earlier "
             "time is noticed only by auditors who keep checkpoints");
    if (node_status(node) == NODE_UNINITIALIZED) {
        tsec_log(TSEC_LOG_INFO, "not initialised; run: tee-secrets init");
    } else {
        struct node_health h;

        node_health(node, &h);
        tsec_log(TSEC_LOG_INFO, "unsealed", TSEC_F_INT("rows", h.state.rows),
                 TSEC_F_INT("leaves", h.ledger_size));
    }
}

/* The settings in force stay those of the start, but for what is marked RELOAD: that is copied to
 * where it is used. */
static void
reload(struct boot *boot)
{
    TSEC_AUTO(conf_free) struct tsec_conf *next = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(conf_load(boot->conf->name, boot->conf, &next, &err))
        || tsec_failed(conf_check_reload(boot->conf, next, &err))
        || tsec_failed(boot_set_operators(boot, next, &err))
        || tsec_failed(boot_set_policy(boot, next, &err))) {
        tsec_log_err("the configuration was not reloaded; the old one stays", &err);
        return;
    }

    const struct api_limits limits = api_limits_of(next);

    tsec_log_set_level(conf_log_level(next));
    jobs_set(&boot->jobs, next);
    channels_set_rekey_after(boot->channels, next->key_rotation_interval_sec);
    (void)api_review_channels(boot->api);
    api_set_limits(boot->api, &limits);
    boot_set_gateway(boot, next);
    for (size_t i = 0; i < next->warnings.len; i++) {
        tsec_log(TSEC_LOG_WARN, "configuration", TSEC_F_STR("what", next->warnings.items[i].value));
    }
    tsec_log(TSEC_LOG_INFO, "configuration reloaded");
}

tsec_rc
boot_run(const struct tsec_conf *conf, struct tsec_err *err)
{
    struct boot boot = { .conf = conf, .jobs.workers_lock = PTHREAD_MUTEX_INITIALIZER };
    sigset_t set;
    int got = 0;
    tsec_rc rc;

    tsec_json_setup();
    /* One heap for each thread would leave as many half empty: an enclave's memory is small. */
    (void)mallopt(M_ARENA_MAX, 2);
    /* A peer that is gone and a file that may not grow are errors of a call, not ends of the
     * server. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    /* Before any thread: all of them inherit it, and only this one takes signals. */
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    tsec_buf_init(&boot.cert, BOOT_PEM_MAX);
    tsec_buf_init(&boot.key, BOOT_PEM_MAX);
    tsec_buf_init(&boot.tls_spki, BOOT_PEM_MAX);
    rc = boot_up(&boot, err);
    if (!tsec_failed(rc)) {
        (void)malloc_trim(0); /* what the replay needed */
        say_status(boot.node);
        while (sigwait(&set, &got) == 0 && got == SIGHUP) {
            reload(&boot);
        }
        tsec_log(TSEC_LOG_INFO, "stopping");
    }
    boot_down(&boot);
    return rc;
}

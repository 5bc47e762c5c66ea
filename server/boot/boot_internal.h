/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file boot/boot_internal.h
 * @brief The parts of a running server, in the order they come up.
 */
#ifndef TSEC_BOOT_BOOT_INTERNAL_H
#define TSEC_BOOT_BOOT_INTERNAL_H

#include <stdatomic.h>

#include <pthread.h>

#include "api/api.h"
#include "boot/boot.h"
#include "boot/seen_file.h"
#include "channel/channel.h"
#include "gateway/gateway.h"
#include "host/egress.h"
#include "host/services.h"
#include "monitor/metrics.h"

enum { BOOT_SETTINGS_MAX = 256, BOOT_LISTENERS_MAX = 17, BOOT_PEM_MAX = 256 * 1024 };

/** One plugin and what it is lent. */
struct boot_plugin {
    const struct tsec_plugin *plugin;
    struct plugin_services services;
    const char *settings[2 * BOOT_SETTINGS_MAX + 1];
};

/** Schedules of rotation, and what the server cleans up by itself. */
struct boot_jobs {
    _Atomic int64_t dek_max_age_ns;
    _Atomic int64_t mek_max_age_ns;
    _Atomic uint64_t dek_max_uses;
    struct store_watch *store_watch;
    pthread_mutex_t workers_lock;
    struct workers *workers; /* under the lock; NULL: no more work is given to them */
    struct transit_cache *transit;
    struct channels *channels;
    _Atomic(struct api *) api; /* NULL: it is not there yet */
    _Atomic bool rotating_user_keys;
    bool sweeping;
    bool purging;
    bool rotating;
    int64_t told_mono_ns; /* when a failure was last logged; these four: the sequencer's thread */
};

/** A thread that has the verifiers fetch what ages, so that no request ever waits for it. */
struct boot_refresh {
    const struct verifiers *verifiers;
    int64_t every_ns;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool running;
    bool stop; /* under the lock */
};

/** What plugins are lent of one way out: "egress HOST:PORT" is reached at "127.0.0.1:PORT". */
struct boot_way_out {
    char key[EGRESS_NAME_MAX + sizeof("egress ")];
    char address[32];
};

/** A plugin that only verifies. */
struct boot_verifier {
    struct boot_plugin plugin;
    struct tsec_attest *attest;
};

struct boot {
    const struct tsec_conf *conf;
    struct egress *egress; /* NULL: there is a network */
    struct boot_way_out ways_out[EGRESS_ROUTES_MAX];
    size_t ways_out_len;
    struct boot_plugin attest_plugin;
    struct boot_verifier further[VERIFIERS_MAX - 1];
    size_t further_len;
    struct verifiers *verifiers;
    struct appraiser *appraiser;
    struct operators *operators;
    struct boot_refresh refresh;
    struct boot_plugin store_plugin;
    char call_timeout_ms[24]; /* as the store plugin is lent it */
    struct tsec_attest *attest;
    struct tsec_store *store;
    struct store_watch *store_watch; /* what the node uses */
    struct seen_file *seen;          /* NULL: none is kept */
    struct workers *workers;
    struct transit_cache *transit;
    struct channels *channels;
    struct boot_jobs jobs;
    struct node *node;
    uint8_t operator_key[32];
    struct api *api;
    struct gateway *gateway;
    struct metrics_sources metrics;
    struct tsec_buf cert;
    struct tsec_buf key;      /* until the gateway has it */
    struct tsec_buf tls_spki; /* empty: no listener has TLS */
};

/** Of storage.timeout: so much for a call of the store, so much for the wait before it; what is
 * left is for everything else. */
static inline int64_t
boot_store_share_ns(const struct tsec_conf *conf)
{
    return conf->storage_timeout_ns / 100 * 48;
}

/* boot_egress.c */
/** Before the plugins: they are lent it. */
TSEC_MUST_CHECK tsec_rc boot_open_egress(struct boot *boot, struct tsec_err *err);
void boot_close_egress(struct boot *boot);

/* boot_plugins.c */
TSEC_MUST_CHECK tsec_rc boot_open_attest(struct boot *boot, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc boot_open_store(struct boot *boot, struct tsec_err *err);
void boot_close_plugins(struct boot *boot);

/** Opens the plugin of a provider as a verifier only.  `may_be_absent`: then a plugin that is not
 *  installed, or cannot be used, is passed over. */
TSEC_MUST_CHECK tsec_rc boot_open_verifier(struct boot *boot, const char *provider,
                                           bool may_be_absent, struct tsec_err *err);

/* boot_verifiers.c */
/** The plugins that only verify: those of the list, or of the default one. */
TSEC_MUST_CHECK tsec_rc boot_open_further(struct boot *boot, struct tsec_err *err);
/** After the attest plugin is open: the further ones, the policy, the appraiser. */
TSEC_MUST_CHECK tsec_rc boot_open_verifiers(struct boot *boot, struct tsec_err *err);
/** The policy of a configuration, from now on. */
TSEC_MUST_CHECK tsec_rc boot_set_policy(struct boot *boot, const struct tsec_conf *conf,
                                        struct tsec_err *err);
void boot_close_verifiers(struct boot *boot);

/* boot_measurements.c */
/** The keys of a configuration, from now on. */
TSEC_MUST_CHECK tsec_rc boot_set_operators(struct boot *boot, const struct tsec_conf *conf,
                                           struct tsec_err *err);
/** Has the appraiser decide by the list that operators signed last, at whichever server that was;
 *  at start and about once a second. */
void boot_follow_measurements(struct api *api);

/* boot_wait.c */
typedef tsec_rc (*boot_open_fn)(struct boot *boot, struct tsec_err *err);
/** Opens what needs the database, again and again while that does not answer, for as long as
 *  storage.start_timeout says. */
TSEC_MUST_CHECK tsec_rc boot_wait(struct boot *boot, boot_open_fn open, struct tsec_err *err);

/* boot_seen.c */
TSEC_MUST_CHECK tsec_rc boot_open_seen(struct boot *boot, struct tsec_err *err);

/* boot_refresh.c */
TSEC_MUST_CHECK tsec_rc boot_refresh_start(struct boot_refresh *refresh,
                                           const struct verifiers *verifiers, int64_t every_ns,
                                           struct tsec_err *err);
/** Waits for what is being fetched. */
void boot_refresh_stop(struct boot_refresh *refresh);

/* boot_auditors.c */
TSEC_MUST_CHECK tsec_rc boot_auditors(const struct tsec_conf *conf, struct audit_options *out,
                                      struct tsec_err *err);

/* boot_tls.c */
bool boot_listens_with_tls(const struct tsec_conf *conf, const char *address);
/** Key and certificate of the listeners with TLS, before the API and the gateway. */
TSEC_MUST_CHECK tsec_rc boot_open_tls(struct boot *boot, struct tsec_err *err);

/* boot_gateway.c */
TSEC_MUST_CHECK tsec_rc boot_open_gateway(struct boot *boot, struct tsec_err *err);

/** What a reload may change. */
void boot_set_gateway(struct boot *boot, const struct tsec_conf *conf);

/* boot_jobs.c: `ctx` is struct boot_jobs */
void boot_background(void *ctx, struct node *node);

/* boot_rotation.c */
/** Has one key of users rotated that is due, and then the next; at most one at a time. */
void boot_rotate_due(struct boot_jobs *jobs, struct node *node);
/** Before the workers end: nothing is given to them any more. */
void boot_jobs_stop(struct boot_jobs *jobs);

/* boot_openapi.c */
struct tsec_span boot_openapi(void);

#endif

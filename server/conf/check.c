/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/check.h"

#include "conf/diag.h"
#include "crypto/age.h"
#include "crypto/hash.h"

_Static_assert((int)CONF_DIGEST_LEN == (int)TSEC_SHA384_LEN, "the digest is a SHA-384");

static bool
is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

static bool
starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static tsec_rc
check_required(const struct tsec_conf *conf, struct tsec_err *err)
{
    for (size_t i = 0; i < CONF_COUNT; i++) {
        const struct conf_setting *s = &conf_settings[i];

        if ((s->flags & CONF_F_REQUIRED) != 0 && conf->marks[i].line == 0) {
            return conf_wrong(err, conf->name, conf->marks[i], s->key, "is missing");
        }
    }
    if (conf->provider[0] == '\0') {
        return CONF_WRONG(conf, provider, err, "is empty");
    }
    return TSEC_OK;
}

static tsec_rc
check_provider(const struct tsec_conf *conf, struct tsec_err *err)
{
    const bool azure = is(conf->provider, "azure_cc");

    if (is(conf->provider, "simulated") && !conf->allow_simulated) {
        return CONF_WRONG(conf, provider, err,
                          "simulated protects nothing; to try it out set "
                          "backend.tee.attestation.allow_simulated: true");
    }
    if (azure && conf->tee_type[0] == '\0') {
        return CONF_WRONG(conf, tee_type, err, "provider azure_cc needs it: sgx or sevsnp");
    }
    if (conf->attestation_url[0] != '\0' && !starts(conf->attestation_url, "https://")) {
        return CONF_WRONG(conf, attestation_url, err, "must begin with https://");
    }
    if (conf->verification_service[0] == '\0') {
        if (conf->verification_issuer[0] != '\0') {
            return CONF_WRONG(conf, verification_issuer, err, "is without a verification_service");
        }
        if (conf->verification_keys_file[0] != '\0') {
            return CONF_WRONG(conf, verification_keys_file, err,
                              "is without a verification_service");
        }
    } else if (!starts(conf->verification_service, "https://")) {
        return CONF_WRONG(conf, verification_service, err, "must begin with https://");
    }
    return TSEC_OK;
}

static tsec_rc
check_store(const struct tsec_conf *conf, struct tsec_err *err)
{
    static const char *const schemes[] = {
        "postgresql://", "postgres://", "redis://", "rediss://", "redis+unix://", "sqlite:", "/",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(schemes); i++) {
        if (starts(conf->database_uri, schemes[i])
            && strlen(conf->database_uri) > strlen(schemes[i])) {
            return TSEC_OK;
        }
    }
    return CONF_WRONG(conf, database_uri, err,
                      "must begin with postgresql://, redis://, redis+unix:// or sqlite:");
}

/* Which slots a provider's hardware can open. */
static tsec_rc
check_slots(const struct tsec_conf *conf, struct tsec_err *err)
{
    static const struct {
        const char *provider;
        const char *slots;
    } able[] = {
        { "aws_nitro", " nitro-kms " },
        { "azure_cc", " azure-skr sgx-seal snp-derived vtpm " },
        { "simulated", " sim " },
    };

    for (size_t i = 0; i < conf->root_key_slots.len; i++) {
        const struct conf_item *item = &conf->root_key_slots.items[i];

        for (size_t p = 0; p < TSEC_ARRAY_LEN(able); p++) {
            if (is(conf->provider, able[p].provider)
                && strstr(able[p].slots, item->value) == NULL) {
                return conf_wrong(err, conf->name, item->mark, "root_key.slots",
                                  "provider %s cannot open \"%s\"", conf->provider, item->value);
            }
        }
    }
    return TSEC_OK;
}

static tsec_rc
check_recipients(struct tsec_conf *conf, struct tsec_err *err)
{
    uint8_t key[32];

    for (size_t i = 0; i < conf->audit_recipients.len; i++) {
        const struct conf_item *item = &conf->audit_recipients.items[i];

        if (tsec_failed(tsec_age_recipient_parse(tsec_span_str(item->value), key, NULL))) {
            return conf_wrong(err, conf->name, item->mark, "audit.recipients",
                              "not an age public key (age1...)");
        }
    }
    if (conf->operator_recipient[0] != '\0'
        && tsec_failed(
            tsec_age_recipient_parse(tsec_span_str(conf->operator_recipient), key, NULL))) {
        return CONF_WRONG(conf, operator_recipient, err, "not an age public key (age1...)");
    }
    if (conf->audit_recipients.len == 0 && conf->audit_generate_identity[0] == '\0') {
        return conf_warn(conf, (struct conf_mark){ 0, 0 }, CONF_ID_audit_recipients, err,
                         "no auditor is named: the audit log proves its order but nobody can read "
                         "its entries");
    }
    return TSEC_OK;
}

/* The origin is a signed note's key name (C2SP signed-note): no spaces, no plus. */
static tsec_rc
check_origin(const struct tsec_conf *conf, struct tsec_err *err)
{
    for (const char *p = conf->audit_origin; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~' || *p == '+') {
            return CONF_WRONG(conf, audit_origin, err,
                              "must be printable ASCII without spaces and \"+\"");
        }
    }
    return TSEC_OK;
}

static tsec_rc
check_paths(const struct tsec_conf *conf, struct tsec_err *err)
{
    if (conf->plugins_dir[0] != '/') {
        return CONF_WRONG(conf, plugins_dir, err, "must be an absolute path");
    }
    if (conf->default_token_ttl_ns > conf->max_token_ttl_ns) {
        return CONF_WRONG(conf, default_token_ttl_ns, err, "is more than auth.max_token_ttl");
    }
    return TSEC_OK;
}

/* What works in a version to come is no error, and nothing to rely on. */
static tsec_rc
check_later(struct tsec_conf *conf, struct tsec_err *err)
{
    for (size_t i = 0; i < CONF_COUNT; i++) {
        if ((conf_settings[i].flags & CONF_F_LATER) != 0 && conf->marks[i].line > 0) {
            TSEC_TRY(conf_warn(conf, conf->marks[i], (enum conf_id)i, err,
                               "has no effect in this version"));
        }
    }
    if (strcmp(conf->audit_reads, "strict") != 0) {
        return conf_warn(conf, conf->marks[CONF_ID_audit_reads], CONF_ID_audit_reads, err,
                         "only strict is done in this version, and is what happens");
    }
    return TSEC_OK;
}

/* What stands in other files, and the digest of all of it. */
static tsec_rc
check_files(struct tsec_conf *conf, struct tsec_span bytes, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf trail = TSEC_BUF_INIT((size_t)CONF_FILE_MAX);
    struct tsec_span parts[2] = { bytes, { NULL, 0 } };

    tsec_buf_reserve(&trail, (conf->allowed_measurements.len + conf->operator_keys.len)
                                 * (size_t)TSEC_SHA384_LEN);
    TSEC_TRY(tsec_buf_check(&trail, err));
    TSEC_TRY(conf_check_allowed(conf, &trail, err));
    TSEC_TRY(conf_check_operators(conf, &trail, err));
    parts[1] = tsec_buf_span(&trail);
    tsec_hash_parts(TSEC_SHA384, parts, TSEC_ARRAY_LEN(parts), conf->digest);
    return TSEC_OK;
}

tsec_rc
conf_check(struct tsec_conf *conf, struct tsec_span bytes, struct tsec_err *err)
{
    TSEC_TRY(check_required(conf, err));
    TSEC_TRY(check_provider(conf, err));
    TSEC_TRY(check_store(conf, err));
    TSEC_TRY(check_slots(conf, err));
    TSEC_TRY(check_recipients(conf, err));
    TSEC_TRY(check_origin(conf, err));
    TSEC_TRY(check_paths(conf, err));
    TSEC_TRY(check_later(conf, err));
    TSEC_TRY(conf_check_net(conf, err));
    return check_files(conf, bytes, err);
}

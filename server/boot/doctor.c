/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration, and the order of the rest. */
#include "boot/doctor.h"

#include "boot/doctor_internal.h"

static void
say_auditors(const struct tsec_conf *conf, struct doctor_report *report)
{
    if (conf->audit_recipients.len > 0) {
        doctor_say(report, DOCTOR_OK, "auditors", NULL, "%zu named", conf->audit_recipients.len);
    } else if (conf->audit_generate_identity[0] != '\0') {
        doctor_say(report, DOCTOR_WARN, "auditors",
                   "give audit.recipients the age public key of each auditor",
                   "the server makes an auditor's key itself; that is for trying out");
    } else {
        doctor_say(report, DOCTOR_WARN, "auditors",
                   "give audit.recipients the age public key of each auditor",
                   "no auditor is named: nobody can read the audit log");
    }
}

static void
say_policy(const struct tsec_conf *conf, struct doctor_report *report)
{
    if (conf->measurements.len == 0) {
        doctor_say(report, DOCTOR_WARN, "policy",
                   "add measurements to backend.tee.attestation.allowed_measurements, or have an "
                   "operator sign some (docs/onboarding.md)",
                   "no measurement is allowed here: the configuration admits no function");
    } else {
        doctor_say(report, DOCTOR_OK, "policy", NULL, "%zu entries in allowed_measurements",
                   conf->measurements.len);
    }
    if (conf->allow_debug) {
        doctor_say(report, DOCTOR_WARN, "policy", "set allow_debug: false in production",
                   "TEEs are admitted whose memory their host can read");
    }
    say_auditors(conf, report);
}

void
doctor_config(const char *path, struct tsec_conf **conf, struct doctor_report *report)
{
    struct tsec_err err = { 0 };

    if (tsec_failed(conf_load(path, NULL, conf, &err))) {
        doctor_say(report, DOCTOR_FAIL, "configuration",
                   "correct that line; docs/tee-secrets.yaml.5 has every setting", "%s",
                   err.detail);
        return;
    }
    doctor_say(report, DOCTOR_OK, "configuration", NULL, "%s is good", path);
    for (size_t i = 0; i < (*conf)->warnings.len; i++) {
        doctor_say(report, DOCTOR_WARN, "configuration", "see tee-secrets.yaml(5)", "%s",
                   (*conf)->warnings.items[i].value);
    }
    say_policy(*conf, report);
}

void
doctor_services(const struct tsec_conf *conf, struct doctor_report *report)
{
    /* What is not there is told at once, and not waited for. */
    struct tsec_conf now = *conf;
    struct boot boot = { .conf = &now };

    now.storage_start_timeout_ns = 0;
    doctor_egress(&boot, report);
    doctor_tee(&boot, report);
    doctor_store(&boot, report);
    doctor_listeners(&now, report);
    boot_close_plugins(&boot);
    boot_close_egress(&boot);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this machine can prove what it is, and judge what others prove. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "boot/doctor_internal.h"
#include "crypto/rand.h"

/* Any one of them will do. */
struct device {
    const char *provider;
    const char *tee_type; /* NULL: whichever */
    const char *paths[2];
    const char *advice;
};

static const struct device devices[] = {
    { "aws_nitro",
      NULL,
      { "/dev/nsm", NULL },
      "run inside an enclave (nitro-cli run-enclave), with the nsm driver in its kernel" },
    { "azure_cc",
      "sgx",
      { "/dev/sgx_enclave", NULL },
      "use a machine of the DCsv3 series, and give server.user the group sgx_prv" },
    { "azure_cc",
      "sevsnp",
      { "/dev/sev-guest", "/dev/tpmrm0" },
      "use a confidential machine (DCasv5), and give server.user the group tss" },
};

static const struct device *
device_of(const struct tsec_conf *conf)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(devices); i++) {
        const struct device *d = &devices[i];

        if (strcmp(d->provider, conf->provider) == 0
            && (d->tee_type == NULL || strcmp(d->tee_type, conf->tee_type) == 0)) {
            return d;
        }
    }
    return NULL;
}

/* 0, or why not. */
static int
try_device(const char *path)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return errno;
    }
    (void)close(fd);
    return 0;
}

static void
say_device(const struct tsec_conf *conf, struct doctor_report *report)
{
    const struct device *d = device_of(conf);
    int why = ENOENT;

    if (d == NULL) {
        doctor_say(report, DOCTOR_WARN, "device",
                   "use this for development and tests only; set backend.tee.provider",
                   "the TEE is simulated: nothing here is protected from this machine");
        return;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(d->paths) && d->paths[i] != NULL; i++) {
        const int got = try_device(d->paths[i]);

        if (got == 0) {
            doctor_say(report, DOCTOR_OK, "device", NULL, "%s opens", d->paths[i]);
            return;
        }
        why = got == ENOENT ? why : got;
    }
    doctor_say(report, DOCTOR_FAIL, "device", d->advice, "%s%s%s: %s", d->paths[0],
               d->paths[1] == NULL ? "" : ", ", d->paths[1] == NULL ? "" : d->paths[1],
               strerror(why));
}

static void
say_evidence(struct boot *boot, struct doctor_report *report)
{
    const struct tsec_attest_ops *ops = boot->attest_plugin.plugin->attest;
    struct tsec_evidence_request request = { .struct_size = sizeof(request) };
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&evidence);
    const char *format = NULL;
    struct tsec_err err = { 0 };

    tsec_rand_bytes(request.binding, sizeof(request.binding));
    if (tsec_failed(ops->evidence(boot->attest, &request, &format, &sink, &err))) {
        doctor_say(report, DOCTOR_FAIL, "evidence",
                   "see the device above; without evidence no client can trust this server, and "
                   "it has no root key",
                   "none can be made: %s", err.detail);
        return;
    }
    doctor_say(report, DOCTOR_OK, "evidence", NULL, "%s, %zu bytes", format, evidence.len);
    if (tsec_failed(ops->health(boot->attest, &err))) {
        doctor_say(report, DOCTOR_FAIL, "evidence",
                   "see the line of the plugin in its docs/attest-*.md", "%s", err.detail);
    }
}

static void
say_verifiers(struct boot *boot, struct doctor_report *report)
{
    struct tsec_err err = { 0 };

    if (tsec_failed(boot_open_further(boot, &err))) {
        doctor_say(report, DOCTOR_FAIL, "plugins",
                   "install it, or take it out of backend.tee.attestation.verifiers", "%s",
                   err.detail);
    }
    for (size_t i = 0; i < boot->further_len; i++) {
        doctor_say(report, DOCTOR_OK, "plugins", NULL, "%s verifies",
                   boot->further[i].plugin.plugin->name);
        doctor_collateral(boot, &boot->further[i].plugin, boot->further[i].attest, report);
    }
}

void
doctor_tee(struct boot *boot, struct doctor_report *report)
{
    struct tsec_err err = { 0 };

    say_device(boot->conf, report);
    if (tsec_failed(boot_open_attest(boot, &err))) {
        doctor_say(report, DOCTOR_FAIL, "plugins",
                   "check plugins.dir, and the settings of the plugin (docs/attest-*.md)",
                   "the TEE's: %s", err.detail);
        boot->attest = NULL;
        return;
    }
    doctor_say(report, DOCTOR_OK, "plugins", NULL, "%s is loaded, for this machine's TEE",
               boot->attest_plugin.plugin->name);
    say_evidence(boot, report);
    say_verifiers(boot, report);
}

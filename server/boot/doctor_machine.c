/* SPDX-License-Identifier: Apache-2.0 */
/* What the system lets a server have: user, memory, files, time. */
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "boot/doctor.h"
#include "boot/needs.h"
#include "process/files.h"
#include "process/memlock.h"
#include "process/user.h"

static void
say_limits(const struct tsec_conf *conf, struct doctor_report *report)
{
    struct conf_machine machine = { 0, 0 };
    struct boot_needs needs;
    struct tsec_err err = { 0 };

    conf_machine_read(&machine);
    boot_needs(conf, &machine, &needs);
    if (tsec_failed(conf_check_resources(conf, &machine, &err))) {
        doctor_say(report, DOCTOR_FAIL, "machine",
                   "start the enclave with what enclave_cpu_count and enclave_memory_mb promise",
                   "%s", err.detail);
    } else {
        doctor_say(report, DOCTOR_OK, "machine", NULL, "%lld processors, %lld MiB",
                   (long long)machine.cpus, (long long)machine.memory_mb);
    }
    if (tsec_failed(process_files(needs.files, &err))) {
        doctor_say(report, DOCTOR_FAIL, "files",
                   "raise the limit, or lower server.limits.connections", "%s", err.detail);
    } else {
        doctor_say(report, DOCTOR_OK, "files", NULL, "%zu may be open", needs.files);
    }
    process_memlock_raise(needs.locked);
}

/* After the user is the server's: the limit is of a user. */
static void
say_locked(const struct tsec_conf *conf, struct doctor_report *report)
{
    struct conf_machine machine = { 0, 0 };
    struct boot_needs needs;
    struct tsec_err err = { 0 };

    conf_machine_read(&machine);
    boot_needs(conf, &machine, &needs);
    if (tsec_failed(process_memlock_check(needs.locked, &err))) {
        doctor_say(report, DOCTOR_FAIL, "memlock", "raise the limit as it says", "%s", err.detail);
    } else {
        doctor_say(report, DOCTOR_OK, "memlock", NULL, "%zu KiB can be locked for keys",
                   needs.locked / 1024);
    }
}

static void
say_user(const struct tsec_conf *conf, struct doctor_report *report)
{
    struct tsec_err err = { 0 };

    if (conf->user[0] != '\0' && tsec_failed(process_become(conf->user, &err))) {
        doctor_say(report, DOCTOR_FAIL, "user", "make that user, or start as root", "%s",
                   err.detail);
    } else if (geteuid() == 0 && strcmp(conf->provider, "aws_nitro") != 0) {
        doctor_say(report, DOCTOR_WARN, "user", "set server.user", "the server would run as root");
    } else {
        doctor_say(report, DOCTOR_OK, "user", NULL, "uid %u", (unsigned)geteuid());
    }
}

/* The program was installed before now, by any right clock. */
static void
say_clock(struct doctor_report *report)
{
    const int64_t now_ns = tsec_clock_real_ns(&tsec_clock_system);
    struct timex state = { .modes = 0 };
    char text[TSEC_RFC3339_LEN];
    struct stat self;

    tsec_rfc3339(now_ns / TSEC_NS_PER_S * TSEC_NS_PER_S, text);
    if (stat("/proc/self/exe", &self) == 0 && (int64_t)self.st_mtime > now_ns / TSEC_NS_PER_S) {
        doctor_say(report, DOCTOR_FAIL, "clock",
                   "set the clock: certificates and evidence are judged by it",
                   "it is %s here, before this program was installed", text);
    } else if (adjtimex(&state) == TIME_ERROR) {
        doctor_say(report, DOCTOR_WARN, "clock",
                   "run a time service (chrony; in an enclave by /dev/ptp0): evidence is judged "
                   "by this clock",
                   "%s, and the kernel says that nothing keeps it right", text);
    } else {
        doctor_say(report, DOCTOR_OK, "clock", NULL, "%s, kept by a time service", text);
    }
}

static void
say_state_dir(const struct tsec_conf *conf, struct doctor_report *report)
{
    struct stat found;

    if (stat(conf->state_dir, &found) != 0) {
        doctor_say(report, DOCTOR_OK, "state", NULL, "%s will be made", conf->state_dir);
    } else if (!S_ISDIR(found.st_mode) || access(conf->state_dir, W_OK | X_OK) != 0) {
        doctor_say(report, DOCTOR_FAIL, "state", "give it to the server's user, mode 0700",
                   "%s cannot be written", conf->state_dir);
    } else if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        doctor_say(report, DOCTOR_WARN, "state", "chmod 700", "others may look into %s",
                   conf->state_dir);
    } else {
        doctor_say(report, DOCTOR_OK, "state", NULL, "%s can be written", conf->state_dir);
    }
}

void
doctor_machine(const struct tsec_conf *conf, struct doctor_report *report)
{
    say_limits(conf, report);
    say_user(conf, report);
    say_locked(conf, report);
    say_clock(report);
    say_state_dir(conf, report);
}

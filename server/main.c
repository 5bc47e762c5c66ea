/* SPDX-License-Identifier: Apache-2.0 */
/* tee-secretsd: arguments, configuration, hardening; the rest is boot's. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "boot/boot.h"
#include "boot/doctor.h"
#include "boot/needs.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "process/files.h"
#include "process/filter.h"
#include "process/harden.h"
#include "process/memlock.h"
#include "process/schedule.h"
#include "process/user.h"

enum { PRINT_MAX = 4 * 1024 * 1024 };

enum mode {
    MODE_RUN = 1,
    MODE_MIGRATE,
    MODE_CHECK,
    MODE_PRINT,
    MODE_DOCTOR,
    MODE_VERSION,
    MODE_HELP
};

struct arguments {
    enum mode mode;
    const char *config;
    const char *format; /* NULL, "text" or "json" */
};

static const char usage[] = "usage: tee-secretsd -c FILE [--migrate | --print-config]\n"
                            "       tee-secretsd --check-config FILE\n"
                            "       tee-secretsd --doctor FILE [--format text|json]\n"
                            "       tee-secretsd --version | --help\n";

static const char help[] =
    "\n"
    "  -c, --config FILE       the configuration, tee-secrets.yaml(5)\n"
    "      --check-config FILE say what is wrong with it, and exit\n"
    "      --doctor FILE       say whether a server would run here and what is in the way, and "
    "exit\n"
    "      --format FORMAT     of --doctor: text, json\n"
    "      --migrate           make or update the tables of the database, and exit\n"
    "      --print-config      print the settings in effect, secrets as ***, and exit\n"
    "  -V, --version           print the version, and exit\n"
    "  -h, --help              print this, and exit\n"
    "\n"
    "exit status: 0 ended as asked; 1 --doctor found what is wrong; 64 wrong usage; 69 a plugin, "
    "store or TEE is not available;\n"
    "70 internal error; 71 the system refuses what is needed (locked memory, user, filter);\n"
    "78 the configuration is wrong\n";

static const struct option options[] = {
    { "config", required_argument, NULL, 'c' },
    { "check-config", required_argument, NULL, 'k' },
    { "doctor", required_argument, NULL, 'd' },
    { "format", required_argument, NULL, 'f' },
    { "migrate", no_argument, NULL, 'm' },
    { "print-config", no_argument, NULL, 'p' },
    { "version", no_argument, NULL, 'V' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

/* A second file, or a second mode, is a mistake and not an override. */
static bool
set_mode(struct arguments *args, enum mode mode)
{
    const bool first = args->mode == MODE_RUN || args->mode == mode;

    args->mode = mode;
    return first;
}

static bool
set_config(struct arguments *args, const char *path)
{
    const bool first = args->config == NULL;

    args->config = path;
    return first;
}

static bool
set_format(struct arguments *args, const char *name)
{
    const bool first = args->format == NULL;

    args->format = name;
    return first && (strcmp(name, "text") == 0 || strcmp(name, "json") == 0);
}

static bool
parse(int argc, char **argv, struct arguments *args)
{
    bool ok = true;
    int option;

    *args = (struct arguments){ .mode = MODE_RUN };
    while (ok && (option = getopt_long(argc, argv, "c:Vh", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            ok = set_config(args, optarg);
            break;
        case 'k':
            ok = set_config(args, optarg) && set_mode(args, MODE_CHECK);
            break;
        case 'd':
            ok = set_config(args, optarg) && set_mode(args, MODE_DOCTOR);
            break;
        case 'f':
            ok = set_format(args, optarg);
            break;
        case 'm':
            ok = set_mode(args, MODE_MIGRATE);
            break;
        case 'p':
            ok = set_mode(args, MODE_PRINT);
            break;
        case 'V':
            ok = set_mode(args, MODE_VERSION);
            break;
        case 'h':
            ok = set_mode(args, MODE_HELP);
            break;
        default: /* getopt has said why */
            return false;
        }
    }
    if (!ok || optind < argc || (args->format != NULL && args->mode != MODE_DOCTOR)) {
        (void)fputs("tee-secretsd: one file and one thing to do\n", stderr);
        return false;
    }
    if (args->config == NULL && args->mode != MODE_VERSION && args->mode != MODE_HELP) {
        (void)fputs("tee-secretsd: which configuration? give -c FILE\n", stderr);
        return false;
    }
    return true;
}

static int
exit_status(const struct tsec_err *err)
{
    if (err->code == TSEC_E_CONFIG) {
        return EX_CONFIG;
    }
    return err->code == TSEC_E_UNAVAILABLE || err->code == TSEC_E_PLUGIN ? EX_UNAVAILABLE
                                                                         : EX_SOFTWARE;
}

static int
print_config(const struct tsec_conf *conf)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT((size_t)PRINT_MAX);

    conf_print(conf, &out);
    if (tsec_failed(tsec_buf_check(&out, NULL)) || fwrite(out.ptr, 1, out.len, stdout) != out.len
        || fflush(stdout) != 0) {
        (void)fputs("tee-secretsd: the settings cannot be printed\n", stderr);
        return EX_SOFTWARE;
    }
    return EX_OK;
}

static int
check_config(const struct tsec_conf *conf)
{
    for (size_t i = 0; i < conf->warnings.len; i++) {
        (void)fprintf(stderr, "warning: %s\n", conf->warnings.items[i].value);
    }
    (void)printf("%s: good\n", conf->name);
    return fflush(stdout) == 0 ? EX_OK : EX_SOFTWARE;
}

static void
set_up_log(const struct tsec_conf *conf)
{
    struct tsec_log_options log = {
        .fd = STDERR_FILENO,
        .format = strcmp(conf->log_format, "json") == 0 ? TSEC_LOG_JSON : TSEC_LOG_KEY_VALUE,
        .level = conf_log_level(conf),
        .clock = &tsec_clock_system,
    };

    tsec_log_setup(&log);
}

/* Gives up, in this order, what the server does not need; the filter comes last because the others
 * make calls that it refuses. */
static tsec_rc
confine(const struct tsec_conf *conf, const struct conf_machine *machine, struct tsec_err *err)
{
    struct boot_needs needs;

    boot_needs(conf, machine, &needs);
    for (size_t i = 0; i < conf->env.len; i++) {
        process_forget_variable(conf->env.items[i].key);
    }
    TSEC_TRY(process_files(needs.files, err));
    process_memlock_raise(needs.locked);
    if (conf->user[0] != '\0') {
        TSEC_TRY(process_become(conf->user, err));
        TSEC_TRY(process_harden(err));
    }
    TSEC_TRY(process_memlock_check(needs.locked, err));
    TSEC_TRY(tsec_crypto_lock_heap(needs.heap, err));
    if (conf->seccomp) {
        TSEC_TRY(process_filter(err));
    }
    return TSEC_OK;
}

static int
run(const struct tsec_conf *conf)
{
    struct tsec_err err = { 0 };
    struct conf_machine machine = { 0, 0 };

    set_up_log(conf);
    conf_machine_read(&machine);
    if (tsec_failed(conf_check_resources(conf, &machine, &err))) {
        tsec_log_err("the configuration does not fit this machine", &err);
        return exit_status(&err);
    }
    if (!process_schedule()) {
        tsec_log(TSEC_LOG_INFO, "the kernel refuses batch scheduling: more switches per request");
    }
    if (tsec_failed(confine(conf, &machine, &err))) {
        tsec_log_err("the process cannot be confined", &err);
        return err.code == TSEC_E_CONFIG ? EX_CONFIG : EX_OSERR;
    }
    for (size_t i = 0; i < conf->warnings.len; i++) {
        tsec_log(TSEC_LOG_WARN, "configuration", TSEC_F_STR("what", conf->warnings.items[i].value));
    }
    if (geteuid() == 0 && strcmp(conf->provider, "aws_nitro") != 0) {
        tsec_log(TSEC_LOG_WARN, "running as root; set server.user");
    }
    if (tsec_failed(boot_run(conf, &err))) {
        tsec_log_err("the server stopped", &err);
        return exit_status(&err);
    }
    return EX_OK;
}

/* Confined as the server is, for it speaks to the same database with the same password. */
static int
migrate(const struct tsec_conf *conf)
{
    struct tsec_err err = { 0 };
    struct conf_machine machine = { 0, 0 };

    set_up_log(conf);
    conf_machine_read(&machine);
    if (tsec_failed(confine(conf, &machine, &err))) {
        tsec_log_err("the process cannot be confined", &err);
        return err.code == TSEC_E_CONFIG ? EX_CONFIG : EX_OSERR;
    }
    if (tsec_failed(boot_migrate(conf, &err))) {
        tsec_log_err("the database was not migrated", &err);
        return exit_status(&err);
    }
    return EX_OK;
}

/* What plugins would log is in the lines; a filter is not set: no request is served. */
static int
doctor(const struct arguments *args)
{
    static struct doctor_report report;
    const struct tsec_log_options log = { .fd = STDERR_FILENO,
                                          .format = TSEC_LOG_KEY_VALUE,
                                          .level = TSEC_LOG_ERR,
                                          .clock = &tsec_clock_system };
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT((size_t)PRINT_MAX);

    tsec_log_setup(&log);
    (void)signal(SIGPIPE, SIG_IGN);
    doctor_config(args->config, &conf, &report);
    if (conf != NULL) {
        doctor_machine(conf, &report);
        doctor_services(conf, &report);
    }
    if (args->format != NULL && strcmp(args->format, "json") == 0) {
        doctor_print_json(&report, &out);
    } else {
        doctor_print(&report, &out);
    }
    if (tsec_failed(tsec_buf_check(&out, NULL)) || fwrite(out.ptr, 1, out.len, stdout) != out.len
        || fflush(stdout) != 0) {
        return EX_SOFTWARE;
    }
    return report.failed == 0 ? EX_OK : EXIT_FAILURE;
}

static int
with_config(const struct arguments *args)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(process_harden(&err)) || tsec_failed(tsec_crypto_setup(&err))) {
        (void)fprintf(stderr, "tee-secretsd: %s\n", err.detail);
        return EX_OSERR;
    }
    if (args->mode == MODE_DOCTOR) {
        return doctor(args);
    }
    if (tsec_failed(conf_load(args->config, NULL, &conf, &err))) {
        (void)fprintf(stderr, "tee-secretsd: %s\n", err.detail);
        return exit_status(&err);
    }
    if (args->mode == MODE_CHECK) {
        return check_config(conf);
    }
    if (args->mode == MODE_MIGRATE) {
        return migrate(conf);
    }
    return args->mode == MODE_PRINT ? print_config(conf) : run(conf);
}

int
main(int argc, char **argv)
{
    struct arguments args;

    if (!parse(argc, argv, &args)) {
        (void)fputs(usage, stderr);
        return EX_USAGE;
    }
    if (args.mode == MODE_VERSION) {
        (void)puts("tee-secretsd " PACKAGE_VERSION);
        return EX_OK;
    }
    if (args.mode == MODE_HELP) {
        (void)printf("%s%s", usage, help);
        return EX_OK;
    }
    return with_config(&args);
}

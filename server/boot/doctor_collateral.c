/* SPDX-License-Identifier: Apache-2.0 */
/* What verifiers need beside evidence, and how old it has become. */
#include <dirent.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "boot/doctor_internal.h"

/* The shortest of what vendors sign for; what is older has expired, or is about to. */
enum { OLD_DAYS = 30, DAY_S = 86400 };

struct folder {
    size_t files;
    int64_t oldest_s;
};

static bool
look_into(const char *path, struct folder *out)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    struct stat found;

    *out = (struct folder){ 0, INT64_MAX };
    if (dir == NULL) {
        return false;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (fstatat(dirfd(dir), entry->d_name, &found, 0) == 0 && S_ISREG(found.st_mode)) {
            out->files++;
            out->oldest_s =
                (int64_t)found.st_mtime < out->oldest_s ? (int64_t)found.st_mtime : out->oldest_s;
        }
    }
    (void)closedir(dir);
    return true;
}

static void
say_folder(const char *plugin, const char *path, struct doctor_report *report)
{
    static const char advice[] = "fetch it again (docs/attest-maa.md, docs/attest-snp.md)";
    const int64_t now_s = tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S;
    struct folder found;

    if (!look_into(path, &found)) {
        doctor_say(report, DOCTOR_FAIL, "collateral", "make that folder readable for the server",
                   "%s: %s cannot be read", plugin, path);
    } else if (found.files == 0) {
        doctor_say(report, DOCTOR_WARN, "collateral", advice, "%s: %s is empty", plugin, path);
    } else if (now_s - found.oldest_s > (int64_t)OLD_DAYS * DAY_S) {
        doctor_say(report, DOCTOR_WARN, "collateral", advice,
                   "%s: the oldest of %zu files in %s is of %lld days ago", plugin, found.files,
                   path, (long long)((now_s - found.oldest_s) / DAY_S));
    } else {
        doctor_say(report, DOCTOR_OK, "collateral", NULL, "%s: %zu files in %s", plugin,
                   found.files, path);
    }
}

void
doctor_collateral(const struct boot *boot, const struct boot_plugin *plugin,
                  struct tsec_attest *attest, struct doctor_report *report)
{
    const struct tsec_attest_ops *ops = plugin->plugin->attest;
    const char *name = plugin->plugin->name;
    static const char *const folders[] = { "collateral_dir", "collateral_cache" };
    struct tsec_err err = { 0 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(folders); i++) {
        const char *folder = conf_plugin_setting(boot->conf, name, folders[i]);

        if (folder != NULL) {
            say_folder(name, folder, report);
        }
    }
    if (tsec_failed(ops->refresh(attest, &err))) {
        doctor_say(report, DOCTOR_WARN, "collateral",
                   "open the way out (egress), or put collateral into the plugin's "
                   "collateral_dir: without it evidence may be refused",
                   "%s: %s", name, err.detail);
    } else if (tsec_failed(ops->health(attest, &err))) {
        doctor_say(report, DOCTOR_WARN, "collateral",
                   "see the page of that plugin (docs/attest-*.md)", "%s: %s", name, err.detail);
    } else {
        doctor_say(report, DOCTOR_OK, "collateral", NULL, "%s has what it fetches by itself", name);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/pg_rig.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

static struct pg_rig *at_exit;
static pid_t owner;

/* ---- programs ---- */

static bool
find_programs(struct pg_rig *rig)
{
    glob_t found;
    bool ok = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;
    const char *path = ok ? found.gl_pathv[found.gl_pathc - 1] : "/usr/bin/initdb";

    ok = access(path, X_OK) == 0;
    if (ok) {
        (void)snprintf(rig->bin, sizeof(rig->bin), "%.*s", (int)(strrchr(path, '/') - path), path);
    }
    globfree(&found);
    return ok;
}

static const struct passwd *
other_user(void)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;

    return user != NULL || geteuid() != 0 ? user : getpwnam("nobody");
}

/* In the child: as another user when root, and ended with the test. */
static void
run(const struct pg_rig *rig, const char *program, const char *const argv[])
{
    const struct passwd *user = other_user();
    char path[256];
    char log[256];
    int fd;

    if (user != NULL
        && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
        _exit(126);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
    (void)snprintf(log, sizeof(log), "%s/log", rig->folder);
    fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || chdir(rig->folder) != 0) {
        _exit(126);
    }
    (void)snprintf(path, sizeof(path), "%s/%s", rig->bin, program);
    (void)execv(path, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void
show_log(const struct pg_rig *rig)
{
    char path[256];
    char line[512];
    FILE *log;

    (void)snprintf(path, sizeof(path), "%s/log", rig->folder);
    log = fopen(path, "r");
    while (log != NULL && fgets(line, sizeof(line), log) != NULL) {
        (void)fputs(line, stderr);
    }
    if (log != NULL) {
        (void)fclose(log);
    }
}

/* ---- a cluster ---- */

static int
free_port(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof(at);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0
                    && getsockname(fd, (struct sockaddr *)&at, &len) == 0;

    (void)close(fd);
    return ok ? ntohs(at.sin_port) : 0;
}

static bool
make_folder(struct pg_rig *rig)
{
    const struct passwd *user = other_user();

    (void)snprintf(rig->folder, sizeof(rig->folder), "/tmp/tsec-pg-XXXXXX");
    return mkdtemp(rig->folder) != NULL
           && (user == NULL || chown(rig->folder, user->pw_uid, user->pw_gid) == 0);
}

static bool
run_to_end(const struct pg_rig *rig, const char *program, const char *const argv[])
{
    const pid_t child = fork();
    int status = 1;

    if (child == 0) {
        run(rig, program, argv);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool
init_cluster(const struct pg_rig *rig)
{
    const char *const argv[] = { "initdb", "-D",        "data",        "-U",
                                 "tsec",   "-A",        "trust",       "-E",
                                 "UTF8",   "--no-sync", "--no-locale", "--no-instructions",
                                 NULL };

    return run_to_end(rig, "initdb", argv);
}

static bool
write_conf(const struct pg_rig *rig, const char *conf)
{
    char path[256];
    FILE *f;
    int rc;

    (void)snprintf(path, sizeof(path), "%s/data/postgresql.auto.conf", rig->folder);
    f = fopen(path, "a");
    if (f == NULL) {
        return false;
    }
    rc = fprintf(f,
                 "shared_buffers = 16MB\nmax_connections = 40\nautovacuum = off\n"
                 "listen_addresses = '127.0.0.1'\n%s",
                 conf == NULL ? "" : conf);
    return fclose(f) == 0 && rc > 0;
}

bool
pg_rig_start(struct pg_rig *rig)
{
    char port[16];
    char uri[256];
    const char *const argv[] = { "postgres", "-D", "data", "-p", port, "-k", rig->folder, NULL };

    (void)snprintf(port, sizeof(port), "%d", rig->port);
    pg_rig_uri(rig, false, "&connect_timeout=2", uri, sizeof(uri));
    rig->pid = fork();
    if (rig->pid == 0) {
        run(rig, "postgres", argv);
    }
    for (int i = 0; i < 1000 && rig->pid > 0; i++) {
        int status;

        if (PQping(uri) == PQPING_OK) {
            return true;
        }
        if (waitpid(rig->pid, &status, WNOHANG) == rig->pid) {
            rig->pid = 0;
        }
        (void)usleep(10000);
    }
    show_log(rig);
    return false;
}

static void
close_at_exit(void)
{
    if (at_exit != NULL && getpid() == owner) {
        pg_rig_close(at_exit);
    }
}

static bool
mount_small(struct pg_rig *rig, int mebibytes)
{
    const struct passwd *user = other_user();
    char options[32];

    (void)snprintf(options, sizeof(options), "size=%dm", mebibytes);
    rig->mounted = mount("tmpfs", rig->folder, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
    return rig->mounted && (user == NULL || chown(rig->folder, user->pw_uid, user->pw_gid) == 0);
}

int
pg_rig_open(struct pg_rig *rig, const char *conf)
{
    return pg_rig_open_small(rig, conf, 0);
}

int
pg_rig_open_small(struct pg_rig *rig, const char *conf, int mebibytes)
{
    *rig = (struct pg_rig){ .pid = 0 };
    if (!find_programs(rig)) {
        (void)puts("PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin");
        return TEST_SKIP;
    }
    if (at_exit == NULL) {
        owner = getpid();
        (void)atexit(close_at_exit);
    }
    at_exit = rig;
    rig->port = free_port();
    if (rig->port == 0 || !make_folder(rig)) {
        return TEST_FAIL;
    }
    if (mebibytes > 0 && !mount_small(rig, mebibytes)) {
        (void)puts("a small file system cannot be mounted here");
        return TEST_SKIP;
    }
    if (!init_cluster(rig) || !write_conf(rig, conf) || !pg_rig_start(rig)) {
        show_log(rig);
        return TEST_FAIL;
    }
    return TEST_PASS;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void
pg_rig_close(struct pg_rig *rig)
{
    pg_rig_stop(rig, SIGQUIT);
    if (rig->mounted) {
        (void)umount2(rig->folder, MNT_DETACH);
    }
    if (rig->folder[0] != '\0') {
        (void)nftw(rig->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    rig->folder[0] = '\0';
    at_exit = at_exit == rig ? NULL : at_exit;
}

bool
pg_rig_standby(struct pg_rig *standby, const struct pg_rig *primary)
{
    char port[16];
    const char *const argv[] = { "pg_basebackup",     "-D",        "data", "-R", "-h",
                                 primary->folder,     "-p",        port,   "-U", "tsec",
                                 "--checkpoint=fast", "--no-sync", NULL };

    *standby = (struct pg_rig){ .port = free_port() };
    (void)snprintf(standby->bin, sizeof(standby->bin), "%s", primary->bin);
    (void)snprintf(port, sizeof(port), "%d", primary->port);
    return standby->port != 0 && make_folder(standby) && run_to_end(standby, "pg_basebackup", argv)
           && pg_rig_start(standby);
}

/* ---- its processes ---- */

static pid_t
parent_of(pid_t pid)
{
    char path[64];
    char line[256];
    int parent = 0;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "r");
    if (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        const char *after = strrchr(line, ')');

        if (after == NULL || sscanf(after + 1, " %*c %d", &parent) != 1) {
            parent = 0;
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return parent;
}

void
pg_rig_signal_all(const struct pg_rig *rig, int signal)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;

    if (rig->pid == 0) {
        return;
    }
    (void)kill(rig->pid, signal);
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0 && parent_of(pid) == rig->pid) {
            (void)kill(pid, signal);
        }
    }
    if (proc != NULL) {
        (void)closedir(proc);
    }
}

void
pg_rig_stop(struct pg_rig *rig, int signal)
{
    int status;

    if (rig->pid == 0) {
        return;
    }
    if (signal == SIGKILL) {
        pg_rig_signal_all(rig, SIGKILL);
    } else {
        (void)kill(rig->pid, signal);
    }
    (void)waitpid(rig->pid, &status, 0);
    rig->pid = 0;
}

/* ---- for clients ---- */

void
pg_rig_uri(const struct pg_rig *rig, bool tcp, const char *more, char *out, size_t size)
{
    (void)snprintf(out, size, "postgresql://tsec@/postgres?host=%s&port=%d%s",
                   tcp ? "127.0.0.1" : rig->folder, rig->port, more);
}

bool
pg_rig_sql(const struct pg_rig *rig, const char *sql, char *out, size_t size)
{
    char uri[256];
    PGconn *conn;
    PGresult *result;
    bool ok;

    pg_rig_uri(rig, false, "", uri, sizeof(uri));
    conn = PQconnectdb(uri);
    result = PQexec(conn, sql);
    ok = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!ok) {
        (void)fprintf(stderr, "%s\n", PQerrorMessage(conn));
    }
    if (ok && out != NULL) {
        (void)snprintf(out, size, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    }
    PQclear(result);
    PQfinish(conn);
    return ok;
}

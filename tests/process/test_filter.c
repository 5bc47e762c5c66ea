/* SPDX-License-Identifier: Apache-2.0 */
#include "process/filter.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "base/err.h"
#include "base/span.h"
#include "host/egress.h"
#include "process/harden.h"
#include "tests/double/temp_dir.h"
#include "tests/process/child.h"
#include <tsec/store.h>

static bool
filtered(void)
{
    struct tsec_err err = { 0 };
    const bool ok = !tsec_failed(process_harden(&err)) && !tsec_failed(process_filter(&err));

    if (!ok) {
        (void)fprintf(stderr, "%s\n", err.detail);
    }
    return ok;
}

static int
runs_a_program(void)
{
    char *const argv[] = { (char[]){ "true" }, NULL };

    return filtered() ? execv("/bin/true", argv) : CHILD_SETUP_FAILED;
}

static int
reads_another_process(void)
{
    char byte = 0;
    struct iovec v = { &byte, 1 };

    return filtered() ? (int)process_vm_readv(getppid(), &v, 1, &v, 1, 0) : CHILD_SETUP_FAILED;
}

static void
what_only_an_intruder_calls_ends_the_process(void)
{
    CU_ASSERT_TRUE(child_dies_of(runs_a_program, SIGSYS));
    CU_ASSERT_TRUE(child_dies_of(reads_another_process, SIGSYS));
}

static bool
is_refused(long rc)
{
    return rc == -1 && errno == EPERM;
}

/* The number of the first call that was not refused. */
static int
forbidden(void)
{
    const struct rlimit limit = { 1, 1 };
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (!filtered()) {
        return CHILD_SETUP_FAILED;
    }
    if (!is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL))) {
        return 1;
    }
    if (!is_refused(fork())) {
        return 2;
    }
    if (!is_refused(mprotect(page, 4096, PROT_READ | PROT_EXEC))) {
        return 3;
    }
    if (mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
        || mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
        return 4;
    }
    if (!is_refused(setrlimit(RLIMIT_NOFILE, &limit))) {
        return 5;
    }
    if (!is_refused(socket(AF_PACKET, SOCK_RAW, 0))) {
        return 6;
    }
    if (!is_refused(ioctl(0, TIOCSTI, "x"))) {
        return 7;
    }
    if (!is_refused(ioctl(0, (unsigned long)TIOCSTI | (1UL << 40), "x"))) {
        return 8;
    }
    if (!is_refused(kill(getppid(), 0))
        || !is_refused(syscall(SYS_tgkill, getppid(), getppid(), 0))) {
        return 9;
    }
    if (!is_refused(syscall(SYS_keyctl, 0, 0, 0, 0, 0)) || !is_refused(syscall(SYS_chroot, "/"))) {
        return 10;
    }
    return CHILD_OK;
}

static void
what_is_not_listed_fails(void)
{
    const int status = child_status(forbidden);

    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), CHILD_OK);
}

static void *
in_a_thread(void *arg)
{
    *(bool *)arg = is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    return NULL;
}

static int
needed(void)
{
    const struct timespec moment = { 0, 1000 };
    pthread_t thread;
    bool refused_there = false;
    int pair[2];
    char path[64];
    int fd;

    if (!filtered()) {
        return CHILD_SETUP_FAILED;
    }
    if (pthread_create(&thread, NULL, in_a_thread, &refused_there) != 0
        || pthread_join(thread, NULL) != 0 || !refused_there) {
        return 1;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || write(pair[0], "x", 1) != 1) {
        return 2;
    }
    if (socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0) {
        return 3;
    }
    (void)snprintf(path, sizeof(path), "/tmp/tee-secrets-filter-%d", (int)getpid());
    fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || fdatasync(fd) != 0 || unlink(path) != 0) {
        return 4;
    }
    if (nanosleep(&moment, NULL) != 0) {
        return 5;
    }
    if (dlopen(PLUGIN_DIR "/store-sqlite.so", RTLD_NOW | RTLD_LOCAL) == NULL) {
        (void)fprintf(stderr, "%s\n", dlerror());
        return 6;
    }
    (void)signal(SIGUSR1, SIG_IGN);
    return raise(SIGUSR1) == 0 ? CHILD_OK : 7;
}

static void
threads_sockets_files_and_plugins_still_work(void)
{
    const int status = child_status(needed);

    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), CHILD_OK);
}

/* ---- the libraries of the server, at work under the filter ---- */

static void
no_log(void *ctx, int level, const char *fmt, ...)
{
    (void)ctx;
    (void)level;
    (void)fmt;
}

static const char *
no_setting(void *ctx, const char *key)
{
    (void)ctx;
    (void)key;
    return NULL;
}

static int64_t
wall(void *ctx)
{
    (void)ctx;
    return (int64_t)time(NULL);
}

static tsec_rc
discard(void *ctx, struct tsec_span chunk)
{
    *(size_t *)ctx += chunk.len;
    return (tsec_rc){ 0 };
}

static int
store_works(void)
{
    const struct tsec_host host = { sizeof(host), NULL, no_log, no_setting, wall };
    char dir[] = "/tmp/tee-secrets-filter-XXXXXX";
    char uri[128];
    size_t got = 0;
    const struct tsec_sink sink = { &got, discard };
    const struct tsec_span key = tsec_span_str("k");
    const struct tsec_store_op put = { TSEC_STORE_PUT, TSEC_STORE_ABSENT, key, key };
    struct tsec_store *store = NULL;
    struct tsec_err err = { 0 };

    if (mkdtemp(dir) == NULL || !filtered()) {
        return CHILD_SETUP_FAILED;
    }
    (void)snprintf(uri, sizeof(uri), "sqlite:%s/s.db", dir);

    void *so = dlopen(PLUGIN_DIR "/store-sqlite.so", RTLD_NOW | RTLD_LOCAL);
    tsec_plugin_entry_fn entry;
    void *symbol = so == NULL ? NULL : dlsym(so, TSEC_PLUGIN_ENTRY_NAME);

    if (symbol == NULL) {
        return 1;
    }
    memcpy(&entry, &symbol, sizeof(entry));

    const struct tsec_store_ops *ops = entry()->store;

    if (tsec_failed(ops->open(&host, uri, &store, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return 2;
    }
    if (tsec_failed(ops->commit(store, &put, 1, &err))
        || tsec_failed(ops->get(store, key, &sink, &err)) || got != 1
        || ops->commit(store, &put, 1, &err).code != TSEC_E_CONFLICT) {
        return 3;
    }
    ops->close(store);
    (void)snprintf(uri, sizeof(uri), "%s/s.db", dir);
    (void)unlink(uri);
    (void)rmdir(dir);
    return CHILD_OK;
}

/* CHILD_OK, or which kind of name is not found. */
static int
resolved(void)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    struct passwd entry;
    struct passwd *who = NULL;
    char buffer[4096];

    if (getaddrinfo("localhost", "80", &hints, &found) != 0) {
        return 1;
    }
    freeaddrinfo(found);
    return getpwuid_r(0, &entry, buffer, sizeof(buffer), &who) == 0 && who != NULL ? CHILD_OK : 2;
}

static int
resolved_under_the_filter(void)
{
    return filtered() ? resolved() : CHILD_SETUP_FAILED;
}

static void
the_store_works_under_the_filter(void)
{
    const int status = child_status(store_works);

    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), CHILD_OK);
}

static void
names_are_resolved_under_the_filter(void)
{
    /* A machine without /etc/hosts has no localhost, with the filter or without; the answer must be
       the same, and a child of its own asks without, so that nothing is loaded yet in the one that
       is tested. */
    const int open = child_status(resolved);
    const int status = child_status(resolved_under_the_filter);

    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), WEXITSTATUS(open));
}

static enum MHD_Result
answer(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *body, size_t *body_len, void **state)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(2, (void *)(char[]){ "ok" }, MHD_RESPMEM_MUST_COPY);
    const enum MHD_Result rc = MHD_queue_response(connection, MHD_HTTP_OK, r);

    (void)ctx, (void)url, (void)method, (void)version, (void)body, (void)body_len, (void)state;
    MHD_destroy_response(r);
    return rc;
}

static int
http_works(void)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    char reply[512] = "";
    ssize_t n;
    size_t len = 0;

    if (!filtered()) {
        return CHILD_SETUP_FAILED;
    }

    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0,
        NULL, NULL, answer, NULL, MHD_OPTION_THREAD_POOL_SIZE, 2U, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&to, MHD_OPTION_END);

    if (daemon == NULL) {
        return 1;
    }
    to.sin_port = htons(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);

    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0
        || send(fd, request, sizeof(request) - 1, 0) != (ssize_t)sizeof(request) - 1) {
        return 2;
    }
    while (len < sizeof(reply) - 1 && (n = recv(fd, reply + len, sizeof(reply) - 1 - len, 0)) > 0) {
        len += (size_t)n;
    }
    MHD_stop_daemon(daemon);
    return strstr(reply, " 200 ") != NULL && strstr(reply, "\r\n\r\nok") != NULL ? CHILD_OK : 3;
}

/* An enclave's way out, to a service that closes at once: who listens is told by the end. */
static int
egress_works(void)
{
    struct egress_route route = { .name = "filter.example:1" };
    const struct egress_options options = { .routes = &route, .routes_len = 1 };
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct egress *egress = NULL;
    char byte = 'x';
    char text[128];

    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/egress", temp_dir());
    (void)snprintf(text, sizeof(text), "unix:%s", at.sun_path);
    if (!filtered() || tsec_failed(egress_target_parse(text, &route.target, NULL))) {
        return CHILD_SETUP_FAILED;
    }

    const int service = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(service, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(service, 1) != 0
        || tsec_failed(egress_start(&options, &egress, NULL))) {
        return 1;
    }
    to.sin_port = htons(egress_port(egress, 0));
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 || send(fd, &byte, 1, 0) != 1) {
        return 2;
    }

    const int peer = accept(service, NULL, NULL);

    if (recv(peer, &byte, 1, 0) != 1 || byte != 'x' || shutdown(peer, SHUT_WR) != 0
        || recv(fd, &byte, 1, 0) != 0) {
        return 3;
    }
    egress_stop(egress);
    return CHILD_OK;
}

static void
connections_go_out_under_the_filter(void)
{
    CU_ASSERT_PTR_NOT_NULL(temp_dir()); /* ours: a child removes nothing */

    const int status = child_status(egress_works);

    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), CHILD_OK);
}

static void
http_is_served_under_the_filter(void)
{
    const int status = child_status(http_works);

    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), CHILD_OK);
}

static const struct test_case cases[] = {
    { "the store works under the filter", the_store_works_under_the_filter },
    { "names are resolved under the filter", names_are_resolved_under_the_filter },
    { "connections go out under the filter", connections_go_out_under_the_filter },
    { "HTTP is served under the filter", http_is_served_under_the_filter },
    { "what only an intruder calls ends the process",
      what_only_an_intruder_calls_ends_the_process },
    { "what is not listed fails", what_is_not_listed_fails },
    { "threads, sockets, files and plugins still work",
      threads_sockets_files_and_plugins_still_work },
};

TEST_MAIN("process/filter", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "process/filter.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

static const struct call {
    const char *name;
    uint32_t action;
} calls[] = {
#define ALLOW(name)  { #name, SCMP_ACT_ALLOW },
#define KILL(name)   { #name, SCMP_ACT_KILL_PROCESS },
#define ABSENT(name) { #name, SCMP_ACT_ERRNO(ENOSYS) },
#include "process/calls.def"
#undef ALLOW
#undef KILL
#undef ABSENT
};

static void
release(void *ctx)
{
    if (ctx != NULL) {
        seccomp_release(ctx);
    }
}
TSEC_DEFINE_AUTO(void, release)

/* A call that libseccomp or this architecture does not know needs no rule. */
static int
add_calls(scmp_filter_ctx ctx)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        const int number = seccomp_syscall_resolve_name(calls[i].name);
        const int rc = number < 0 ? 0 : seccomp_rule_add(ctx, calls[i].action, number, 0);

        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static int
add_sockets(scmp_filter_ctx ctx)
{
    static const uint64_t families[] = { AF_UNIX, AF_INET, AF_INET6, AF_VSOCK, AF_NETLINK };

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        const int rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                        SCMP_A0(SCMP_CMP_EQ, families[i], 0));

        if (rc != 0) {
            return rc;
        }
    }
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
                            SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
}

/* Memory is written or run, never both, and none becomes runnable later: a plugin's code is mapped
 * so from its file. */
static int
add_memory(scmp_filter_ctx ctx)
{
    int rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

    if (rc == 0) {
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }
    if (rc == 0) {
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC),
                              SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0));
    }
    return rc;
}

/* Threads but no processes; limits are read but not set; signals go to this process only. */
static int
add_process(scmp_filter_ctx ctx)
{
    static const uint64_t prctls[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE,
                                       PR_GET_NO_NEW_PRIVS };
    int rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

    for (size_t i = 0; rc == 0 && i < sizeof(prctls) / sizeof(prctls[0]); i++) {
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                              SCMP_A0(SCMP_CMP_EQ, prctls[i], 0));
    }
    if (rc == 0) {
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                              SCMP_A2(SCMP_CMP_EQ, 0, 0));
    }
    if (rc == 0) {
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid(), 0));
    }
    return rc;
}

/* By type: what the TEE's devices and sockets take.  Of the terminal's type only questions, for it
 * also has the one that types into the terminal that started us.  The kernel looks at 32 bits. */
static int
add_ioctls(scmp_filter_ctx ctx)
{
    static const uint64_t types[] = {
        0x0a, /* /dev/nsm */
        'S',  /* /dev/sev-guest */
        0xa4, /* /dev/sgx_* */
        0x07, /* vsock: own CID */
        0x89, /* sockets: interface names */
    };
    static const uint64_t commands[] = { FIONBIO, FIONREAD, FIOCLEX, TCGETS, TIOCGWINSZ };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof(types) / sizeof(types[0]); i++) {
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                              SCMP_A1(SCMP_CMP_MASKED_EQ, 0xff00, types[i] << 8));
    }
    for (size_t i = 0; rc == 0 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                              SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, commands[i]));
    }
    return rc;
}

tsec_rc
process_filter(struct tsec_err *err)
{
    TSEC_AUTO(release) void *ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int rc;

    if (ctx == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "system call filter");
    }
    rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
    rc = rc == 0 ? add_calls(ctx) : rc;
    rc = rc == 0 ? add_sockets(ctx) : rc;
    rc = rc == 0 ? add_memory(ctx) : rc;
    rc = rc == 0 ? add_process(ctx) : rc;
    rc = rc == 0 ? add_ioctls(ctx) : rc;
    rc = rc == 0 ? seccomp_load(ctx) : rc;
    if (rc != 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                         "the kernel takes no system call filter (%s); inside an enclave without "
                         "seccomp set server.seccomp: false",
                         strerror(-rc));
    }
    return TSEC_OK;
}

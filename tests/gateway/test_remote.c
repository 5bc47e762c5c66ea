/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/remote.h"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>

#include "tests/test.h"

static struct sockaddr_storage
address(int family, const char *text)
{
    struct sockaddr_storage out = { .ss_family = (sa_family_t)family };
    struct sockaddr_in in = { .sin_family = AF_INET };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

    if (family == AF_INET) {
        CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET, text, &in.sin_addr), 1);
        memcpy(&out, &in, sizeof(in));
    } else if (family == AF_INET6) {
        CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
        memcpy(&out, &in6, sizeof(in6));
    }
    return out;
}

static const struct {
    int family;
    const char *addr;
    const char *text;
    const char *source; /* NULL: not counted */
} peers[] = {
    { AF_INET, "192.0.2.1", "192.0.2.1", "192.0.2.1" },
    { AF_INET6, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
    { AF_INET6, "2001:db8:1:2::9", "2001:db8:1:2::9", "2001:db8:1:2::" },
    { AF_INET6, "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1" },
    { AF_UNIX, "", "unix", NULL },
    { AF_UNSPEC, "", "unknown", NULL },
};

static void
peers_are_told_apart_as_the_table_says(void)
{
    char out[API_REMOTE_MAX + 1];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(peers); i++) {
        const struct sockaddr_storage addr = address(peers[i].family, peers[i].addr);

        remote_text((const struct sockaddr *)&addr, out);
        CU_ASSERT_STRING_EQUAL(out, peers[i].text);
        CU_ASSERT_EQUAL(remote_source((const struct sockaddr *)&addr, out),
                        peers[i].source != NULL);
        CU_ASSERT_STRING_EQUAL(out, peers[i].source == NULL ? "" : peers[i].source);
    }
}

static void
a_vsock_peer_is_its_cid(void)
{
    const struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_cid = 3, .svm_port = 9 };
    struct sockaddr_storage addr = { 0 };
    char out[API_REMOTE_MAX + 1];

    memcpy(&addr, &vm, sizeof(vm));
    remote_text((const struct sockaddr *)&addr, out);
    CU_ASSERT_STRING_EQUAL(out, "vsock:3");
    CU_ASSERT_FALSE(remote_source((const struct sockaddr *)&addr, out));
}

static void
no_address_is_unknown(void)
{
    char out[API_REMOTE_MAX + 1];

    remote_text(NULL, out);
    CU_ASSERT_STRING_EQUAL(out, "unknown");
    CU_ASSERT_FALSE(remote_source(NULL, out));
}

static const struct test_case cases[] = {
    { "peers are told apart as the table says", peers_are_told_apart_as_the_table_says },
    { "a vsock peer is its CID", a_vsock_peer_is_its_cid },
    { "no address is unknown", no_address_is_unknown },
};

TEST_MAIN("gateway/remote", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/listen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/span.h"
#include "tests/test.h"

static char dir[] = "/tmp/tsec-listen-XXXXXX";

static void
unix_address(char out[LISTEN_ADDRESS_MAX], const char *name)
{
    (void)snprintf(out, LISTEN_ADDRESS_MAX, "unix://%s/%s", dir, name);
}

static void
what_is_no_address_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "127.0.0.1:80",
        "http://127.0.0.1:80",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:+1",
        "tcp://127.0.0.1:1x",
        "tcp://127.0.0.1:99999999999999999999",
        "tcp://::1:80", /* without brackets */
        "tcp://no.such.host.invalid:80",
        "tcp://192.0.2.1:0", /* an address that is not ours */
        "unix://relative",
        "unix://",
        "unix:///no/such/folder/socket",
        "vsock://3",
        "vsock://x:1",
        "vsock://-1:1",
        "vsock://99999999999:1",
    };
    struct listen_socket s;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(listen_open(bad[i], &s, &err).code, TSEC_E_CONFIG);
        CU_ASSERT_EQUAL(s.fd, -1);
        CU_ASSERT_NOT_EQUAL(err.detail[0], '\0');
    }
}

static void
port_0_becomes_a_port(void)
{
    struct listen_socket s;

    CU_ASSERT_FALSE_FATAL(tsec_failed(listen_open("tcp://127.0.0.1:0", &s, NULL)));
    CU_ASSERT_EQUAL(strncmp(s.address, "tcp://127.0.0.1:", 16), 0);
    CU_ASSERT_TRUE(strtoul(s.address + 16, NULL, 10) > 0);
    listen_close(&s);
    CU_ASSERT_EQUAL(s.fd, -1);
    listen_close(&s);
}

static void
a_port_that_is_taken_is_a_conflict(void)
{
    struct listen_socket first;
    struct listen_socket second;

    CU_ASSERT_FALSE_FATAL(tsec_failed(listen_open("tcp://127.0.0.1:0", &first, NULL)));
    CU_ASSERT_EQUAL(listen_open(first.address, &second, NULL).code, TSEC_E_CONFLICT);
    listen_close(&first);
}

static void
ipv6_stands_in_brackets(void)
{
    struct listen_socket s;
    const tsec_rc rc = listen_open("tcp://[::1]:0", &s, NULL);

    if (!tsec_failed(rc)) { /* a host without IPv6 refuses the address */
        CU_ASSERT_EQUAL(strncmp(s.address, "tcp://[::1]:", 12), 0);
        listen_close(&s);
    }
    CU_ASSERT_TRUE(!tsec_failed(rc) || rc.code == TSEC_E_CONFIG);
}

static void
a_unix_socket_is_for_owner_and_group(void)
{
    char address[LISTEN_ADDRESS_MAX];
    struct listen_socket s;
    struct stat st;

    unix_address(address, "s");
    CU_ASSERT_FALSE_FATAL(tsec_failed(listen_open(address, &s, NULL)));
    CU_ASSERT_EQUAL_FATAL(stat(s.unix_path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0660);
    CU_ASSERT_STRING_EQUAL(s.address, address);
    listen_close(&s);
    CU_ASSERT_NOT_EQUAL(stat(address + 7, &st), 0);
}

static void
a_stale_unix_socket_is_replaced_and_a_live_one_is_not(void)
{
    char address[LISTEN_ADDRESS_MAX];
    struct listen_socket first;
    struct listen_socket second;

    unix_address(address, "s");
    CU_ASSERT_FALSE_FATAL(tsec_failed(listen_open(address, &first, NULL)));
    CU_ASSERT_EQUAL(listen_open(address, &second, NULL).code, TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(access(address + 7, F_OK), 0); /* and is still there */
    (void)close(first.fd);                         /* as a killed server does */
    CU_ASSERT_FALSE_FATAL(tsec_failed(listen_open(address, &second, NULL)));
    listen_close(&second);
}

static void
a_file_at_the_path_is_left_alone(void)
{
    char address[LISTEN_ADDRESS_MAX];
    struct listen_socket s;
    FILE *f;

    unix_address(address, "file");
    f = fopen(address + 7, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fclose(f);
    CU_ASSERT_EQUAL(listen_open(address, &s, NULL).code, TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(access(address + 7, F_OK), 0);
    (void)unlink(address + 7);
}

static void
a_vsock_listens_where_there_is_vsock(void)
{
    struct listen_socket s;
    struct tsec_err err = { 0 };

    if (tsec_failed(listen_open("vsock://:47113", &s, &err))) {
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "vsock"));
        return;
    }
    CU_ASSERT_EQUAL(s.family, AF_VSOCK);
    CU_ASSERT_STRING_EQUAL(s.address, "vsock://:47113");
    listen_close(&s);
}

static const struct test_case cases[] = {
    { "what is no address is refused", what_is_no_address_is_refused },
    { "port 0 becomes a port", port_0_becomes_a_port },
    { "a port that is taken is a conflict", a_port_that_is_taken_is_a_conflict },
    { "IPv6 stands in brackets", ipv6_stands_in_brackets },
    { "a Unix socket is for owner and group", a_unix_socket_is_for_owner_and_group },
    { "a stale Unix socket is replaced and a live one is not",
      a_stale_unix_socket_is_replaced_and_a_live_one_is_not },
    { "a file at the path is left alone", a_file_at_the_path_is_left_alone },
    { "a vsock listens where there is vsock", a_vsock_listens_where_there_is_vsock },
};

int
main(void)
{
    int result;

    if (mkdtemp(dir) == NULL) {
        return TEST_FAIL;
    }
    result = test_main("gateway/listen", cases, sizeof(cases) / sizeof(cases[0]));
    (void)rmdir(dir);
    return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/check.h"
#include "tests/conf/sample.h"

#define NITRO(socket)                             \
    "backend:\n"                                  \
    "  type: tee\n"                               \
    "  tee:\n"                                    \
    "    provider: aws_nitro\n"                   \
    "    storage: {database_uri: \"sqlite:x\"}\n" \
    "    aws_nitro: {" socket "}\n"

static void
the_listeners_are_the_parents_socket_ours_or_a_default(void)
{
    static const struct {
        const char *text;
        size_t n;
        const char *first;
    } rows[] = {
        { SAMPLE, 1, "tcp://127.0.0.1:8200" },
        { SAMPLE "server: {listen: [\"unix:///run/x\"]}\n", 1, "unix:///run/x" },
        { NITRO(""), 1, "vsock://:5000" },
        { NITRO("parent_communication_socket: \"vsock://16:9\""), 1, "vsock://16:9" },
        { NITRO("parent_communication_socket: \"vsock://:9\"") "server: {listen: "
                                                               "[\"tcp://127.0.0.1:1\"]}\n",
          2, "vsock://:9" },
        { SAMPLE "    aws_nitro: {parent_communication_socket: \"vsock://:9\"}\n", 1,
          "tcp://127.0.0.1:8200" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO(conf_free) struct tsec_conf *conf = sample_loaded(rows[i].text);

        CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
        CU_ASSERT_EQUAL_FATAL(conf->listeners.len, rows[i].n);
        CU_ASSERT_STRING_EQUAL(conf->listeners.items[0].value, rows[i].first);
    }
}

static void
what_the_network_would_refuse_later_is_refused_now(void)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { "server: {listen: [\"tcp://127.0.0.1\"]}\n",
          "f.yaml:7:19: server.listen: must be tcp://HOST:PORT with a port up to 65535" },
        { "server: {listen: [\"tcp://127.0.0.1:1\", \"tcp://127.0.0.1:1\"]}\n",
          "f.yaml:7:40: server.listen: the same address twice" },
        { "server: {tls: {mode: given}}\n",
          "f.yaml: server.tls.certificate_file: mode given needs it" },
        { "server: {tls: {mode: given, certificate_file: a}}\n",
          "f.yaml: server.tls.key_file: mode given needs it" },
        { "server: {tls: {key_file: a}}\n",
          "f.yaml:7:16: server.tls.key_file: is used with server.tls.mode: given" },
        { "server: {tls: {mode: off, local: true}}\n",
          "f.yaml:7:27: server.tls.local: contradicts server.tls.mode: off" },
        { "egress: {\"db.example.com\": 5}\n", "f.yaml:7:28: egress: a name here is HOST:PORT" },
        { "egress: {\":5\": 5}\n", "f.yaml:7:16: egress: a name here is HOST:PORT" },
        { "egress: {\"db.example.com:5432\": x}\n",
          "f.yaml:7:33: egress: a vsock port is a number" },
        { "egress: {\"db.example.com:5432\": 0}\n",
          "f.yaml:7:33: egress: a vsock port is a number" },
        { "egress: {\"db.example.com:5432\": 99999999999}\n",
          "f.yaml:7:33: egress: a vsock port is a number" },
        { "egress: {\"db.example.com:5432\": \"x:5\"}\n",
          "f.yaml:7:33: egress: a vsock CID is a number" },
        { "egress: {\"db.example.com:5432\": \"unix:db.sock\"}\n",
          "f.yaml:7:33: egress: a Unix socket is unix:/PATH, under 108 bytes" },
        { "server: {cors_origins: [\"*\"]}\n",
          "f.yaml:7:25: server.cors_origins: must be https://HOST or https://HOST:PORT, without a "
          "path or *" },
        { "server: {cors_origins: [\"https://x/\"]}\n",
          "f.yaml:7:25: server.cors_origins: must be https://HOST or https://HOST:PORT, without a "
          "path or *" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        char text[1024];

        (void)snprintf(text, sizeof(text), "%s%s", SAMPLE, rows[i].text);
        CU_ASSERT_TRUE(sample_refused(text, rows[i].message));
    }
}

static void
an_address_strangers_can_read_is_warned_about(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *open = sample_loaded(
        SAMPLE "server: {listen: [\"tcp://0.0.0.0:1\", \"vsock://:2\"], tls: {mode: off}}\n");
    TSEC_AUTO(conf_free) struct tsec_conf *closed =
        sample_loaded(SAMPLE "server: {listen: [\"tcp://127.0.0.1:1\"], tls: {mode: off}}\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(open);
    CU_ASSERT_PTR_NOT_NULL_FATAL(closed);
    CU_ASSERT_TRUE(sample_warns(open, "f.yaml:7:19: server.listen: without TLS the network"));
    CU_ASSERT_TRUE(sample_warns(open, "without TLS the parent reads"));
    CU_ASSERT_FALSE(sample_warns(closed, "TLS"));
}

static const struct test_case cases[] = {
    { "the listeners are the parent's socket, ours, or a default",
      the_listeners_are_the_parents_socket_ours_or_a_default },
    { "what the network would refuse later is refused now",
      what_the_network_would_refuse_later_is_refused_now },
    { "an address strangers can read is warned about",
      an_address_strangers_can_read_is_warned_about },
};

TEST_MAIN("conf/check_net", cases)

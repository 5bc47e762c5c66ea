/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tests/gateway/rig.h"
#include "tests/test.h"

static tsec_rc
start(const struct gateway_options *options, struct tsec_err *err)
{
    struct gateway *gateway = NULL;
    const tsec_rc rc = gateway_start(options, NULL, &tsec_clock_system, &gateway, err);

    CU_ASSERT_EQUAL(gateway == NULL, tsec_failed(rc));
    gateway_stop(gateway);
    return rc;
}

static void
options_that_make_no_sense_are_refused(void)
{
    static const struct gateway_listener good = { .address = "tcp://127.0.0.1:0" };
    static const struct gateway_listener bad = { .address = "tcp://nowhere" };
    static const struct gateway_listener two[] = { { .address = "tcp://127.0.0.1:0" },
                                                   { .address = "smoke://signals" } };
    static const char *const origins[] = { "not an origin" };
    const struct gateway_options options[] = {
        { .listeners = NULL, .listener_count = 0 },
        { .listeners = &good, .listener_count = 17 },
        { .listeners = &bad, .listener_count = 1 },
        { .listeners = two, .listener_count = 2 },
        { .listeners = &good,
          .listener_count = 1,
          .cors_origins = origins,
          .cors_origin_count = 1 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(options); i++) {
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(start(&options[i], &err).code, TSEC_E_CONFIG);
        CU_ASSERT_NOT_EQUAL(err.detail[0], '\0');
    }
}

static void
a_failed_start_gives_the_port_back(void)
{
    struct gateway_listener listeners[2] = { { .address = "tcp://127.0.0.1:0" },
                                             { .address = "smoke://signals" } };
    const struct gateway_options two = { .listeners = listeners, .listener_count = 2 };
    const struct gateway_options one = { .listeners = listeners, .listener_count = 1 };
    char address[64];
    struct rig rig;

    rig_start(&rig, &one);
    (void)snprintf(address, sizeof(address), "%s", gateway_address(rig.gateway, 0));
    CU_ASSERT_EQUAL(start(
                        &(const struct gateway_options){
                            .listeners = &(const struct gateway_listener){ .address = address },
                            .listener_count = 1 },
                        NULL)
                        .code,
                    TSEC_E_CONFLICT);
    rig_stop(&rig);
    listeners[0].address = address;
    CU_ASSERT_EQUAL(start(&two, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_FALSE(tsec_failed(start(&one, NULL)));
}

static void
any_number_of_threads_serves(void)
{
    for (unsigned threads = 0; threads <= 4; threads++) {
        const struct gateway_options options = { .threads = threads };
        struct rig_reply reply;
        struct rig rig;

        rig_start(&rig, &options);
        for (int i = 0; i < 8; i++) {
            rig_ask_text(&rig, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", &reply);
            CU_ASSERT_EQUAL(reply.status, 200);
        }
        rig_stop(&rig);
    }
}

static const struct test_case cases[] = {
    { "options that make no sense are refused", options_that_make_no_sense_are_refused },
    { "a failed start gives the port back", a_failed_start_gives_the_port_back },
    { "any number of threads serves", any_number_of_threads_serves },
};

TEST_MAIN("gateway/start", cases)

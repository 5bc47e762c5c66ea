/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/fake_host.h
 * @brief What a server lends a plugin, with settings, a clock and a log that the test holds.
 */
#ifndef TSEC_TESTS_FAKE_HOST_H
#define TSEC_TESTS_FAKE_HOST_H

#include <tsec/plugin.h>

struct fake_host {
    struct tsec_host host;
    /** key, value, key, value, NULL; may be NULL */
    const char *const *settings;
    int64_t now; /* seconds since 1970 */
    unsigned warnings;
    unsigned lines;
    char last[256]; /* the last line logged */
};

/** `fake` stays where it is: the host points to it. */
void fake_host_init(struct fake_host *fake, const char *const *settings);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host/services.h
 * @brief What one plugin is lent: a log under its own name, its settings, the time.
 *
 * A plugin sees no setting but those given here.
 */
#ifndef TSEC_HOST_SERVICES_H
#define TSEC_HOST_SERVICES_H

#include "base/clock.h"
#include "load/loader.h"

struct plugin_services {
    struct tsec_host host; /* .ctx points back here: do not move */
    char plugin[PLUGIN_NAME_MAX + 1];
    const char *const *settings; /* key, value, key, value, NULL; may be NULL */
    const struct tsec_clock *clock;
};

/** `settings` and `clock` are borrowed until the plugin is closed. */
void plugin_services_init(struct plugin_services *services, const char *plugin,
                          const char *const *settings, const struct tsec_clock *clock);

#endif

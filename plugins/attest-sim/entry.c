/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_sim.h"

const struct tsec_plugin *
TSEC_PLUGIN_ENTRY(void)
{
    return &attest_sim_plugin;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store_pg.h"

const struct tsec_plugin *
TSEC_PLUGIN_ENTRY(void)
{
    return &store_pg_plugin;
}

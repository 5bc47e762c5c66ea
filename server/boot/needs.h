/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file boot/needs.h
 * @brief What a server of this configuration asks the system for, before it has any key.
 */
#ifndef TSEC_BOOT_NEEDS_H
#define TSEC_BOOT_NEEDS_H

#include "conf/conf.h"

struct boot_needs {
    size_t locked; /* bytes of memory that is never swapped */
    size_t heap;   /* of them, for what is parsed of users' keys */
    size_t files;  /* open at once */
};

void boot_needs(const struct tsec_conf *conf, const struct conf_machine *machine,
                struct boot_needs *out);

#endif

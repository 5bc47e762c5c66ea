/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file boot/doctor.h
 * @brief Whether a server of this configuration would start on this machine and do what it is for,
 * with advice for each thing that is in the way.
 *
 * It opens what a start opens, and closes it again: plugins, the database, listeners.  It serves
 * nobody, opens no key and writes no row.
 */
#ifndef TSEC_BOOT_DOCTOR_H
#define TSEC_BOOT_DOCTOR_H

#include "boot/doctor_report.h"
#include "conf/conf.h"

/** A file that does not load is one line that says why. */
void doctor_config(const char *path, struct tsec_conf **conf, struct doctor_report *report);

/** As the user that the server becomes; the limits of the process are raised as a start raises
 *  them. */
void doctor_machine(const struct tsec_conf *conf, struct doctor_report *report);

/** Plugins, TEE, collateral, database, egress, listeners. */
void doctor_services(const struct tsec_conf *conf, struct doctor_report *report);

#endif

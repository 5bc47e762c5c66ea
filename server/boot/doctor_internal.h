/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file boot/doctor_internal.h
 * @brief The parts of a look at a machine; each says its own lines.
 */
#ifndef TSEC_BOOT_DOCTOR_INTERNAL_H
#define TSEC_BOOT_DOCTOR_INTERNAL_H

#include "boot/boot_internal.h"
#include "boot/doctor_report.h"

/* doctor_tee.c */
/** The device of the provider, its plugin, evidence, and what verifiers need that ages. */
void doctor_tee(struct boot *boot, struct doctor_report *report);

/* doctor_collateral.c */
void doctor_collateral(const struct boot *boot, const struct boot_plugin *plugin,
                       struct tsec_attest *attest, struct doctor_report *report);

/* doctor_net.c */
void doctor_egress(struct boot *boot, struct doctor_report *report);
void doctor_store(struct boot *boot, struct doctor_report *report);
void doctor_listeners(const struct tsec_conf *conf, struct doctor_report *report);

#endif

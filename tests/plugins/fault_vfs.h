/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/fault_vfs.h
 * @brief A disk under SQLite that fails when told: the default VFS of the process, wrapped.
 */
#ifndef TSEC_TESTS_FAULT_VFS_H
#define TSEC_TESTS_FAULT_VFS_H

enum fault_vfs_call { FAULT_VFS_WRITE, FAULT_VFS_SYNC };

/** Before the first database is opened.  0 when it went well. */
int fault_vfs_install(void);
/** The nth such call from now (1: the next) answers `result` without doing anything; `after` true:
 *  all later ones too. */
void fault_vfs_at(enum fault_vfs_call call, unsigned nth, int result, int after);
/** Nothing fails any more.  Whether the fault was met. */
int fault_vfs_clear(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/mount_view.h
 * @brief How a mount is shown and set: shared by secrets mounts, login mounts and the user
 * interface's preflight.
 */
#ifndef TSEC_API_MOUNT_VIEW_H
#define TSEC_API_MOUNT_VIEW_H

#include "api/envelope.h"
#include "core/mount.h"

/** The object of a mount; `with_path` adds its path. */
void mount_view_put(struct tsec_json_out *out, const struct mount *mount, bool with_path);
/** {"secret/":{…},…} of a whole table, and the members the server has built in. */
TSEC_MUST_CHECK tsec_rc mount_view_table(struct api_call *call, enum mount_table table,
                                         struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc mount_view_one(struct api_call *call, enum mount_table table,
                                       struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc mount_view_tune(struct api_call *call, enum mount_table table,
                                        struct tsec_err *err);
/** Reads description, config and options of a body into the mount. */
TSEC_MUST_CHECK tsec_rc mount_view_read(struct api_call *call, const json_t *body,
                                        struct mount *mount, struct tsec_err *err);
/** Applies a tune request to a mount that is there. */
TSEC_MUST_CHECK tsec_rc mount_view_set_tune(struct api_call *call, enum mount_table table,
                                            struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc mount_view_disable(struct api_call *call, enum mount_table table,
                                           struct tsec_err *err);
/** The path of the template's first variable; answers 400 and fails. */
TSEC_MUST_CHECK tsec_rc mount_view_path(struct api_call *call, enum mount_table table,
                                        const char **out);

#endif

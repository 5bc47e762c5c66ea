/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/yaml.h
 * @brief The strict part of YAML: one document, one mapping, names of conf.def, scalars and lists
 * of scalars.
 *
 * Refused with line and column: unknown and repeated names, aliases, anchors, tags, directives,
 * further documents, control characters, what is not UTF-8, values of the wrong type.
 */
#ifndef TSEC_CONF_YAML_H
#define TSEC_CONF_YAML_H

#include "conf/conf.h"

/** Into `conf`, whose `name` is set and which has its defaults. */
TSEC_MUST_CHECK tsec_rc conf_yaml_read(struct tsec_conf *conf, struct tsec_span bytes,
                                       const struct tsec_conf *before, struct tsec_err *err);

#endif

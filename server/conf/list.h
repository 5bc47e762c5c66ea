/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/list.h
 * @brief A growing list of texts, wiped when freed.
 */
#ifndef TSEC_CONF_LIST_H
#define TSEC_CONF_LIST_H

#include "conf/conf.h"

/** A copy; NULL out of memory. */
char *conf_text_dup(const char *text);
/** Wipes and frees.  NULL is harmless. */
void conf_text_free(char *text);

/** No control characters, line ends of any kind, byte order marks or noncharacters; valid UTF-8. */
bool conf_text_printable(struct tsec_span text);

/** Adds copies; `key` may be NULL. */
TSEC_MUST_CHECK tsec_rc conf_list_add(struct conf_list *list, const char *key, const char *value,
                                      struct conf_mark mark, struct tsec_err *err);
/** The value of a key, or NULL. */
const char *conf_list_get(const struct conf_list *list, const char *key);
bool conf_list_equal(const struct conf_list *a, const struct conf_list *b);
void conf_list_done(struct conf_list *list);

#endif

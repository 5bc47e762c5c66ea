/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/conf.h
 * @brief The configuration file, read once into a struct that is constant afterwards.
 *
 * A setting that conf.def does not know is an error, never a warning; every message names file,
 * line and column, and never quotes the value of a secret or of an environment variable.  No module
 * sees this struct: main and boot copy what each needs into its own options.
 */
#ifndef TSEC_CONF_CONF_H
#define TSEC_CONF_CONF_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

enum { CONF_FILE_MAX = 1024 * 1024, CONF_DIGEST_LEN = 48 };

/** Where something stands in the file, from 1; line 0 = it is not in the file. */
struct conf_mark {
    uint32_t line;
    uint32_t column;
};

struct conf_item {
    char *key; /* of a map entry; NULL in a list */
    char *value;
    struct conf_mark mark;
};

struct conf_list {
    struct conf_item *items;
    size_t len;
};

enum conf_id {
#define CONF(type, field, key, dflt, min, max, allowed, flags, doc) CONF_ID_##field,
#include "conf/conf.def"
#undef CONF
    CONF_COUNT
};

#define CONF_C_STR      char *
#define CONF_C_ENUM     char *
#define CONF_C_INT      int64_t
#define CONF_C_BOOL     bool
#define CONF_C_DURATION int64_t
#define CONF_C_LIST     struct conf_list
#define CONF_C_MAP      struct conf_list
#define CONF_C_MAP2     struct conf_list

/** Texts are never NULL: "" = not set. */
struct tsec_conf {
#define CONF(type, field, key, dflt, min, max, allowed, flags, doc) CONF_C_##type field;
#include "conf/conf.def"
#undef CONF
    struct conf_mark marks[CONF_COUNT];
    char *name; /* the file's, as it was given */

    /** The addresses to listen on: the parent's socket, server.listen, or the default. */
    struct conf_list listeners;
    /** allowed_measurements with name@file replaced by what the file has; `key` = that name. */
    struct conf_list measurements;
    /** operator_keys, each as base64 of its SubjectPublicKeyInfo; `key` = the file it came from. */
    struct conf_list operators;
    /** Sentences for the log at start: what is legal and probably not meant. */
    struct conf_list warnings;
    /** Environment variables that were substituted.  Values are secret. */
    struct conf_list env;
    /** SHA-384 of the file's bytes as read; when name@file or key files were used, of those bytes
     *  followed by the SHA-384 of each such file, in order, lists first. */
    uint8_t digest[CONF_DIGEST_LEN];
};

/** `before`: NULL at start; at reload the settings in force, from which environment variables are
 *  taken (their originals are wiped by then).  TSEC_E_CONFIG: the detail is a whole sentence,
 *  "FILE:LINE:COLUMN: setting: what is wrong". */
TSEC_MUST_CHECK tsec_rc conf_load(const char *path, const struct tsec_conf *before,
                                  struct tsec_conf **out, struct tsec_err *err);
/** The same from memory; `name` stands for the file in messages. */
TSEC_MUST_CHECK tsec_rc conf_parse(const char *name, struct tsec_span bytes,
                                   const struct tsec_conf *before, struct tsec_conf **out,
                                   struct tsec_err *err);
/** Wipes every text.  NULL is harmless. */
void conf_free(struct tsec_conf *conf);
TSEC_DEFINE_AUTO(struct tsec_conf, conf_free)

/** The effective settings as YAML that could be loaded again, but for secrets, which are "***". */
void conf_print(const struct tsec_conf *conf, struct tsec_buf *out);

/** TSEC_E_CONFIG names the first setting that differs and that only a restart may change. */
TSEC_MUST_CHECK tsec_rc conf_check_reload(const struct tsec_conf *before,
                                          const struct tsec_conf *after, struct tsec_err *err);

/** What this machine, or enclave, has. */
struct conf_machine {
    int64_t cpus;
    int64_t memory_mb;
};
void conf_machine_read(struct conf_machine *out);
/** TSEC_E_CONFIG when it has less than the file promises. */
TSEC_MUST_CHECK tsec_rc conf_check_resources(const struct tsec_conf *conf,
                                             const struct conf_machine *machine,
                                             struct tsec_err *err);

/** log.level as the log has it. */
enum tsec_log_level conf_log_level(const struct tsec_conf *conf);

/** The setting of a plugin ("store-sqlite", "synchronous"), or NULL. */
const char *conf_plugin_setting(const struct tsec_conf *conf, const char *plugin, const char *key);

#endif

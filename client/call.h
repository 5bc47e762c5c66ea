/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/call.h
 * @brief A command's conversation with the server: ask, complain in words, show the answer.
 */
#ifndef TSEC_CLIENT_CALL_H
#define TSEC_CLIENT_CALL_H

#include "client/cli.h"
#include "codec/json_out.h"
#include "codec/json_scan.h"

/** Sends with the token, and takes a 2xx.  Otherwise says why not, and gives the exit status. */
int cli_call(struct cli *cli, const struct cli_request *request, struct cli_reply *reply);
/** The same; a 404 is left to the caller, who finds it in reply->status. */
int cli_call_or_absent(struct cli *cli, const struct cli_request *request, struct cli_reply *reply);

/** GET, POST, DELETE or LIST of a path; `body` may be empty. */
int cli_ask(struct cli *cli, const char *method, const char *path, struct tsec_span body,
            struct cli_reply *reply);
/** A listing: "" past the path is appended as needed. */
int cli_ask_list(struct cli *cli, const char *path, struct cli_reply *reply);

/** The reply's `data` object; an empty span when there is none. */
struct tsec_span cli_reply_data(const struct cli_reply *reply);
/** A member of the reply. */
struct tsec_span cli_reply_member(const struct cli_reply *reply, const char *name);

/** Shows an object: the one field of -field, the whole reply as JSON, or a table. */
int cli_show(struct cli *cli, const struct cli_reply *reply, struct tsec_span object);
int cli_show_keys(struct cli *cli, const struct cli_reply *reply);
/** Shows the token and what belongs to it. */
int cli_show_auth(struct cli *cli, const struct cli_reply *reply);
/** The data or the auth, whichever is there; `done` when the reply has no body. */
int cli_show_any(struct cli *cli, const struct cli_reply *reply, const char *done);
/** "Success! …" with a table, nothing with JSON. */
__attribute__((format(printf, 2, 3))) int cli_done(struct cli *cli, const char *fmt, ...);

/** A path made of parts; NULL-terminated in `out`.  Strips slashes at both ends of each part. */
TSEC_MUST_CHECK tsec_rc cli_path(struct tsec_buf *out, const char *const *parts, size_t n,
                                 struct tsec_err *err);
static inline const char *
cli_path_text(const struct tsec_buf *path)
{
    return (const char *)path->ptr;
}

/** Reads the operands from number `from` on as an object; warns of secrets in argv. */
int cli_values(struct cli *cli, size_t from, struct tsec_buf *out);
/** The same; every value is a secret. */
int cli_secret_values(struct cli *cli, size_t from, struct tsec_buf *out);
/** "a,b" and repeated flags as a JSON array of strings, under `key`; nothing without the flag. */
void cli_put_list_flag(const struct cli *cli, const char *flag, struct tsec_json_out *json,
                       const char *key);
/** A flag's text as a JSON string under `key`; nothing without the flag. */
void cli_put_flag(const struct cli *cli, const char *flag, struct tsec_json_out *json,
                  const char *key);
/** Repeated `-flag=k=v` as an object under `key`. */
int cli_put_map_flag(const struct cli *cli, const char *flag, struct tsec_json_out *json,
                     const char *key);
/** An operand that may be `-` for standard input: a token or identifier that is a secret. */
int cli_secret_operand(struct cli *cli, size_t i, struct tsec_buf *out);

#endif

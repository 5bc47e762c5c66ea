/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_server.h
 * @brief The server as the module asks it: some connections that are kept, and the token.
 *
 * Any number of threads ask at once.  A token that is refused is looked up again where it came
 * from, because whoever renews it writes it there, and the question asked once more.
 */
#ifndef TSEC_CLIENT_P11_SERVER_H
#define TSEC_CLIENT_P11_SERVER_H

#include <p11-kit/pkcs11.h>

#include "client/http.h"
#include "client/pkcs11/p11_settings.h"

struct p11_server;

/** Borrows the settings; reads the token that they lead to. */
TSEC_MUST_CHECK tsec_rc p11_server_new(const struct p11_settings *settings, struct p11_server **out,
                                       struct tsec_err *err);
void p11_server_free(struct p11_server *server);
TSEC_DEFINE_AUTO(struct p11_server, p11_server_free)
/** In a forked child: the connections are the parent's, and are left alone; the token stays, also
 *  when the child may no longer read where it came from. */
void p11_server_forked(struct p11_server *server);

/** Whether the settings led to a token, so that nobody has to log in. */
bool p11_server_is_trusted(const struct p11_server *server);
bool p11_server_has_token(struct p11_server *server);
/** From now on this one.  CKR_PIN_INVALID: no token looks like that. */
TSEC_MUST_CHECK ck_rv_t p11_server_use(struct p11_server *server, struct tsec_span token);
/** The one of the settings again, as it is now, or none. */
void p11_server_use_own(struct p11_server *server);

/** Looks where the token came from: whoever renews it has perhaps written another one there.  What
 *  cannot be read changes nothing. */
void p11_server_renew(struct p11_server *server);

/** CKR_OK for a 2xx; otherwise the code of the status, which is in the reply too. */
TSEC_MUST_CHECK ck_rv_t p11_server_ask(struct p11_server *server, const char *method,
                                       const char *path, struct tsec_span body,
                                       struct cli_reply *reply);

#endif

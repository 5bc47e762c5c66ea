/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/attested.h"

enum { PATH_MAX_LEN = 512, TOKEN_MAX = 65536, AUTH_MAX = 1024 * 1024 };

static enum tees_result
read_auth(struct tsec_buf *plain, struct tees_bytes *token, struct tees_bytes *auth,
          struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TOKEN_MAX);
    TSEC_AUTO_BUF struct tsec_buf whole = TSEC_BUF_INIT(AUTH_MAX);
    TEES_AUTO_BYTES struct tees_bytes first = { NULL, 0 };
    struct tsec_span object = { NULL, 0 };
    enum tees_result result;

    if (tsec_failed(tees_json_check(tsec_buf_span(plain)))
        || tsec_json_member(tsec_json_trim(tsec_buf_span(plain)), "auth", &object)
               != TSEC_JSON_OBJECT) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the answer that was encrypted is no login");
    }
    result = tees_text(object, "client_token", &text, error);
    if (result != TEES_OK) {
        return result;
    }
    tsec_buf_truncate(&text, text.len - 1);
    tsec_buf_put_span(&whole, object);
    result = tees_give(&text, &first, error);
    if (result == TEES_OK && auth != NULL) {
        result = tees_give(&whole, auth, error);
    }
    if (result == TEES_OK) {
        *token = first;
        first = (struct tees_bytes){ NULL, 0 };
    }
    return result;
}

enum tees_result
tees_login(struct tees *tees, const char *role, struct tees_bytes *token, struct tees_bytes *auth,
           struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AUTH_MAX);
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_MAX_LEN);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span wrapped = { NULL, 0 };
    struct tees_attested attested = { .role = role };
    enum tees_result result;

    cli_reply_init(&reply);
    tsec_crypto_enter();
    tsec_buf_printf(&path, "auth/%s/login", tees->config.auth_mount);
    tsec_buf_put_byte(&path, '\0');
    result = path.failed ? tees_fail(error, TEES_INVALID, NULL, "auth_mount is too long")
                         : tees_attested_ask(tees, &attested, (const char *)path.ptr, NULL, 0,
                                             &reply, error);
    if (result == TEES_OK) {
        const struct tsec_span data = tees_reply_data(&reply);

        (void)tsec_json_member(data, "wrapped", &wrapped);
        result = tees_attested_open(&attested, wrapped, &plain, error);
    }
    result = result == TEES_OK ? read_auth(&plain, token, auth, error) : result;
    tees_attested_done(&attested);
    tsec_crypto_leave();
    return result;
}

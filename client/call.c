/* SPDX-License-Identifier: Apache-2.0 */
#include "client/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "client/input.h"
#include "client/output.h"
#include "client/values.h"

static void
say_raw(const struct cli *cli, struct tsec_span raw)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(8192);

    cli_output_raw(&text, raw);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) {
            text.ptr[i] = ' ';
        }
    }
    if (text.len > 0) {
        cli_say(cli, "* %.*s\n", (int)text.len, (const char *)text.ptr);
    }
}

static void
say_refusal(const struct cli *cli, const struct cli_request *request, const struct cli_reply *reply)
{
    struct tsec_span errors = cli_reply_member(reply, "errors");
    struct tsec_json_walk walk = tsec_json_walk(errors);
    struct tsec_json_member member;

    cli_say(cli, "Error: %s %s\nCode: %d.%s\n\n", request->method, request->path, reply->status,
            errors.len > 0 ? " Errors:" : "");
    while (errors.len > 0 && tsec_json_next(&walk, &member)) {
        say_raw(cli, member.value);
    }
    if (reply->status == 403 && cli->token.len == 0) {
        cli_say(cli, "(no token was sent: tee-secrets login, or TEE_SECRETS_TOKEN)\n");
    }
}

static tsec_rc
check_body(const struct cli_reply *reply, struct tsec_err *err)
{
    const struct tsec_json_limits limits = { .depth_max = 64,
                                             .members_max = 16 * 1024 * 1024,
                                             .nul = true };

    if (reply->body.len == 0) {
        return TSEC_OK;
    }
    return tsec_json_check(tsec_buf_span(&reply->body), &limits, err);
}

/** A reply that is no JSON never reaches the functions that rely on it. */
static int
send(struct cli *cli, const struct cli_request *request, struct cli_reply *reply)
{
    struct cli_request full = *request;
    struct tsec_err err = { 0 };

    if (full.token.ptr == NULL) {
        full.token = tsec_buf_span(&cli->token);
    }
    if (tsec_failed(cli_http_do(cli->http, &full, reply, &err))) {
        cli_say(cli, "Error: %s cannot be reached: %s\n", cli->settings.address, err.detail);
        return CLI_SERVER;
    }
    if (tsec_failed(check_body(reply, &err))) {
        tsec_buf_reset(&reply->body);
        if (reply->status / 100 == 2) {
            cli_say(cli, "Error: %s answers with something else than JSON\n",
                    cli->settings.address);
            return CLI_SERVER;
        }
    }
    return CLI_OK;
}

int
cli_call_or_absent(struct cli *cli, const struct cli_request *request, struct cli_reply *reply)
{
    const int rc = send(cli, request, reply);

    if (rc != CLI_OK || reply->status / 100 == 2 || reply->status == 404) {
        return rc;
    }
    say_refusal(cli, request, reply);
    return CLI_SERVER;
}

int
cli_call(struct cli *cli, const struct cli_request *request, struct cli_reply *reply)
{
    const int rc = cli_call_or_absent(cli, request, reply);

    if (rc != CLI_OK || reply->status != 404) {
        return rc;
    }
    if (tsec_json_type_of(cli_reply_member(reply, "errors")) == TSEC_JSON_ARRAY) {
        say_refusal(cli, request, reply);
    } else {
        cli_say(cli, "No value found at %s\n", request->path);
    }
    return CLI_SERVER;
}

int
cli_ask(struct cli *cli, const char *method, const char *path, struct tsec_span body,
        struct cli_reply *reply)
{
    const struct cli_request request = { .method = method, .path = path, .body = body };

    return cli_call(cli, &request, reply);
}

int
cli_ask_list(struct cli *cli, const char *path, struct cli_reply *reply)
{
    const struct cli_request request = { .method = "GET", .path = path, .query = "list=true" };
    const int rc = cli_call_or_absent(cli, &request, reply);

    if (rc == CLI_OK && reply->status == 404) {
        cli_say(cli, "No value found at %s\n", path);
        return CLI_SERVER;
    }
    return rc;
}

struct tsec_span
cli_reply_member(const struct cli_reply *reply, const char *name)
{
    struct tsec_span value = { NULL, 0 };
    const struct tsec_span body = tsec_json_trim(tsec_buf_span(&reply->body));

    if (body.len == 0 || tsec_json_type_of(body) != TSEC_JSON_OBJECT
        || tsec_json_member(body, name, &value) == TSEC_JSON_NONE) {
        return tsec_span(NULL, 0);
    }
    return value;
}

struct tsec_span
cli_reply_data(const struct cli_reply *reply)
{
    const struct tsec_span data = cli_reply_member(reply, "data");

    return tsec_json_type_of(data) == TSEC_JSON_OBJECT ? data : tsec_span(NULL, 0);
}

static int
show_field(struct cli *cli, struct tsec_span object)
{
    struct tsec_span value = { NULL, 0 };

    if (tsec_json_member(object, cli->field, &value) == TSEC_JSON_NONE) {
        cli_say(cli, "Field %s is not there\n", cli->field);
        return CLI_LOCAL;
    }
    cli_output_raw(&cli->out, value);
    if (isatty(cli->out_fd)) {
        tsec_buf_put_byte(&cli->out, '\n');
    }
    return CLI_OK;
}

int
cli_show(struct cli *cli, const struct cli_reply *reply, struct tsec_span object)
{
    if (cli->field != NULL && object.len > 0) {
        return show_field(cli, object);
    }
    if (cli->format == CLI_JSON) {
        cli_output_json(&cli->out, tsec_buf_span(&reply->body));
    } else if (object.len > 0) {
        cli_output_table(&cli->out, object);
    }
    return CLI_OK;
}

int
cli_show_keys(struct cli *cli, const struct cli_reply *reply)
{
    struct tsec_span keys = { NULL, 0 };
    const struct tsec_span data = cli_reply_data(reply);

    if (data.len == 0 || tsec_json_member(data, "keys", &keys) != TSEC_JSON_ARRAY) {
        cli_say(cli, "Error: the reply has no keys\n");
        return CLI_SERVER;
    }
    if (cli->format == CLI_JSON) {
        cli_output_json(&cli->out, keys);
    } else {
        cli_output_keys(&cli->out, "Keys", keys);
    }
    return CLI_OK;
}

static const struct {
    const char *shown;
    const char *member;
} auth_lines[] = {
    { "token", "client_token" },
    { "token_accessor", "accessor" },
    { "token_duration", "lease_duration" },
    { "token_renewable", "renewable" },
    { "token_policies", "token_policies" },
    { "policies", "policies" },
    { "metadata", "metadata" },
};

int
cli_show_auth(struct cli *cli, const struct cli_reply *reply)
{
    TSEC_AUTO_BUF struct tsec_buf lines = TSEC_BUF_INIT(65536);
    struct tsec_json_out json = tsec_json_out(&lines);
    const struct tsec_span auth = cli_reply_member(reply, "auth");

    if (tsec_json_type_of(auth) != TSEC_JSON_OBJECT) {
        cli_say(cli, "Error: the reply has no token\n");
        return CLI_SERVER;
    }
    tsec_json_object(&json);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(auth_lines); i++) {
        struct tsec_span value = { NULL, 0 };

        if (tsec_json_member(auth, auth_lines[i].member, &value) > TSEC_JSON_NONE
            && tsec_json_type_of(value) != TSEC_JSON_NULL) {
            tsec_json_put_raw(&json, auth_lines[i].shown, value);
        }
    }
    tsec_json_object_end(&json);
    return cli_show(cli, reply, tsec_buf_span(&lines));
}

int
cli_show_any(struct cli *cli, const struct cli_reply *reply, const char *done)
{
    const struct tsec_span data = cli_reply_data(reply);
    const struct tsec_span wrap = cli_reply_member(reply, "wrap_info");

    if (tsec_json_type_of(wrap) == TSEC_JSON_OBJECT) {
        return cli_show(cli, reply, wrap);
    }
    if (tsec_json_type_of(cli_reply_member(reply, "auth")) == TSEC_JSON_OBJECT) {
        return cli_show_auth(cli, reply);
    }
    if (data.len > 0) {
        return cli_show(cli, reply, data);
    }
    if (tsec_json_type_of(tsec_json_trim(tsec_buf_span(&reply->body))) == TSEC_JSON_OBJECT) {
        return cli_show(cli, reply, tsec_json_trim(tsec_buf_span(&reply->body)));
    }
    return cli_done(cli, "%s", done);
}

int
cli_done(struct cli *cli, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    if (cli->format == CLI_TABLE) {
        va_start(ap, fmt);
        (void)vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        tsec_buf_printf(&cli->out, "Success! %s\n", text);
    }
    return CLI_OK;
}

tsec_rc
cli_path(struct tsec_buf *out, const char *const *parts, size_t n, struct tsec_err *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *part = parts[i];
        size_t len;

        while (*part == '/') {
            part++;
        }
        len = strlen(part);
        while (len > 0 && part[len - 1] == '/') {
            len--;
        }
        if (len > 0 && out->len > 0) {
            tsec_buf_put_byte(out, '/');
        }
        tsec_buf_put(out, part, len);
    }
    tsec_buf_put_byte(out, '\0');
    return tsec_buf_check(out, err);
}

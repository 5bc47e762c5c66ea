/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function that is given its secret for its code, and has something signed by a key that it never
 * sees.  What it must know of the server comes from the environment here; a real one has it built
 * in, so that its measurement covers it.
 *
 *     function MESSAGE
 *
 * It prints the length of the secret, and the signature.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee-secrets.h>

static const char *
setting(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL) {
        fprintf(stderr, "function: %s is not set\n", name);
        exit(1);
    }
    return value;
}

/* One way out for every failure: what went wrong, for people and for programs. */
static int
failed(const char *what, const struct tees_error *error)
{
    fprintf(stderr, "function: %s: %s (%s)\n", what, error->message, error->reason);
    return 1;
}

static void
put_base64(const char *bytes, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t len = strlen(bytes);

    for (size_t i = 0; i < len; i += 3) {
        const unsigned a = (unsigned char)bytes[i];
        const unsigned b = i + 1 < len ? (unsigned char)bytes[i + 1] : 0;
        const unsigned c = i + 2 < len ? (unsigned char)bytes[i + 2] : 0;

        *out++ = digits[a >> 2];
        *out++ = digits[(a & 3) << 4 | b >> 4];
        *out++ = i + 1 < len ? digits[(b & 15) << 2 | c >> 6] : '=';
        *out++ = i + 2 < len ? digits[c & 63] : '=';
    }
    *out = '\0';
}

/* The secret, in one request: it comes encrypted to a key that only this process has. */
static int
fetch(struct tees *tees)
{
    const char *const paths[] = { "secret/data/shop/db" };
    struct tees_error error = { .result = TEES_OK };
    struct tees_bytes secret = { NULL, 0 };

    if (tees_release(tees, "shop", paths, 1, &secret, &error) != TEES_OK) {
        return failed("the secret", &error);
    }
    /* ... here it would log in to its database; then the secret is wiped. */
    printf("secret: %zu bytes of JSON\n", secret.len);
    tees_bytes_free(&secret);
    return 0;
}

/* A signature, through a channel that the role is logged in to: there is no token to be stolen. */
static int
sign(struct tees_channel *channel, const char *message)
{
    char input[512];
    char body[600];
    struct tees_request request = { .method = "POST", .path = "transit/sign/orders" };
    struct tees_error error = { .result = TEES_OK };
    struct tees_bytes reply = { NULL, 0 };
    int status = 0;

    put_base64(message, input);
    request.body = body;
    request.body_len = (size_t)snprintf(body, sizeof(body), "{\"input\":\"%s\"}", input);
    if (tees_channel_request(channel, &request, &status, &reply, &error) != TEES_OK) {
        return failed("the signature", &error);
    }
    if (status != 200) {
        fprintf(stderr, "function: the signature: HTTP %d\n", status);
    } else {
        printf("signature: %s\n", (const char *)reply.data);
    }
    tees_bytes_free(&reply);
    return status == 200 ? 0 : 1;
}

static int
work(struct tees *tees, const char *message)
{
    struct tees_server server = { .struct_size = sizeof(server) };
    struct tees_error error = { .result = TEES_OK };
    struct tees_channel *channel = NULL;
    int status;

    if (tees_verify(tees, &server, &error) != TEES_OK) {
        return failed("the server", &error);
    }
    printf("server: %s, %s\n", server.tee, server.allowed_by);
    status = fetch(tees);
    if (status != 0) {
        return status;
    }
    if (tees_channel_open(tees, "shop", &channel, &error) != TEES_OK) {
        return failed("the channel", &error);
    }
    status = sign(channel, message);
    if (status == 0 && tees_channel_rekey(channel, &error) != TEES_OK) {
        status = failed("new keys", &error);
    }
    status = status == 0 ? sign(channel, message) : status;
    tees_channel_close(channel);
    return status;
}

int
main(int argc, char **argv)
{
    const char *allow[] = { setting("FUNCTION_SERVER_ALLOW"), NULL };
    const char *settings[] = { "state_dir", setting("FUNCTION_TEE_DIR"), "measurement",
                               setting("FUNCTION_TEE_MEASUREMENT"), NULL };
    struct tees_error error = { .result = TEES_OK };
    struct tees_options options;
    struct tees *tees = NULL;
    int status;

    if (argc != 2 || strlen(argv[1]) > 300) {
        fprintf(stderr, "Usage: function MESSAGE\n");
        return 1;
    }
    tees_options_init(&options);
    options.address = setting("FUNCTION_SERVER");
    options.tls_by_evidence = 1; /* no authority has a say: the evidence names the TLS key */
    options.server_allow = allow;
    options.server_identity = getenv("FUNCTION_SERVER_IDENTITY"); /* NULL: any of that code */
    /* Simulated TEEs on both sides.  In a real one these lines go, and the plugin is its own. */
    options.allow_simulated = 1;
    options.sim_roots = setting("FUNCTION_SERVER_ROOT");
    options.plugin = "attest-sim";
    options.plugin_dir = getenv("FUNCTION_PLUGIN_DIR"); /* NULL: where they are installed */
    options.plugin_settings = settings;
    if (tees_open(&options, &tees, &error) != TEES_OK) {
        return failed("the options", &error);
    }
    status = work(tees, argv[1]);
    tees_close(tees);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tee-secrets.h
 * @brief libtee-secrets: a server proven to be what it says before anything is sent to it, and
 * secrets from it that only this process can read.
 *
 *     struct tees_options options;
 *     struct tees_error error = { 0 };
 *     struct tees *tees = NULL;
 *
 *     tees_options_init(&options);
 *     options.address = "https://secrets.example:8200";
 *     options.server_allow = (const char *[]){ "snp:measurement=5c…", NULL };
 *     if (tees_open(&options, &tees, &error) != TEES_OK || tees_verify(tees, NULL, &error) !=
 * TEES_OK) …error.message says why, error.reason in one word
 *
 * Threads.  Any number may use one struct tees or struct tees_channel; what opens or closes one
 * must be alone with it.  The library has no state of its own outside of them, logs nothing, prints
 * nothing, reads no environment, and leaves signals and locales alone.  It sets libcurl up as a
 * program that knows nothing about it would, unless that was done.
 *
 * Ownership.  What a function takes is copied or used up before it returns.  What it gives through
 * a pointer is the caller's, to be given back with the function that its comment names; on failure
 * there is nothing to give back, and the pointer is not touched.  Every secret that it holds, and
 * every struct tees_bytes that is given back, is zeroed first.
 *
 * Compatibility.  A struct that begins with its size may grow at its end; names are never removed
 * within one major version of the library.
 */
#ifndef TEE_SECRETS_H
#define TEE_SECRETS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TEES_API __attribute__((visibility("default")))

/** "0.1.0", of the library that runs. */
TEES_API const char *tees_version(void);

/* ---- what a call came to ---- */

enum tees_result {
    TEES_OK = 0,
    TEES_INVALID = 1,     /* the caller's: an option, an argument, or out of order */
    TEES_UNAVAILABLE = 2, /* no answer came; the request may have been done or not */
    TEES_REFUSED = 3,     /* the server said no: http_status, and its words */
    TEES_UNTRUSTED = 4,   /* the server is not proven to be one that is accepted: reason */
    TEES_EVIDENCE = 5,    /* this side's TEE gives no evidence */
    TEES_PROTOCOL = 6,    /* the answer is none, or was altered on the way */
    TEES_CLOSED = 7,      /* the channel is over: open another */
    TEES_NO_MEMORY = 8,
    TEES_INTERNAL = 9,
};
/** "untrusted"; a static string. */
TEES_API const char *tees_result_name(enum tees_result result);

/** The caller's, may be NULL wherever it is taken.  Holds no secret. */
struct tees_error {
    enum tees_result result;
    int http_status;   /* 0: no answer was judged by one */
    char reason[40];   /* one word for programs: "measurement", "binding", "simulated", "tls-key" */
    char message[256]; /* one sentence for people */
};

/** Bytes in memory that is zeroed when it is given back; data[len] is 0, and not counted. */
struct tees_bytes {
    unsigned char *data;
    size_t len;
};
/** Zeroes and gives back; the struct is empty then.  An empty one is harmless. */
TEES_API void tees_bytes_free(struct tees_bytes *bytes);

/* ---- a connection ---- */

/** All strings are copied.  Lists end in NULL; a NULL list is empty. */
struct tees_options {
    uint32_t struct_size; /* set by tees_options_init() */
    const char *address;  /* https://HOST:PORT, unix:///SOCKET or http://HOST:PORT */
    const char *ca_cert;  /* PEM file; NULL: the system's authorities */
    int tls_by_evidence;  /* no authority is asked: the server's evidence vouches for its TLS key,
                             and without that nothing but tees_verify() and channels works */
    const char *const *server_allow; /* measurement expressions; one at least must match */
    const char *server_identity; /* base64 SPKI DER of the cluster's identity key; NULL: any, and
                                    tees_server_info() says which it was */
    int allow_simulated;         /* of the server, for tests: no hardware stands behind it */
    int allow_debug;             /* its host can read its memory */
    const char *allow_tcb; /* "OutOfDate,SWHardeningNeeded" or "any", beside UpToDate; NULL: none */
    int require_revocation;             /* a certificate without a current CRL is refused */
    const char *const *collateral;      /* files and folders that vouch for the server's TEE */
    const char *sim_roots;              /* PEM file: whose simulated evidence is taken */
    const char *plugin;                 /* own TEE: "attest-nitro"; NULL: none */
    const char *plugin_dir;             /* absolute; NULL: where this build installs them */
    const char *const *plugin_settings; /* key, value, key, value, NULL; the last counts */
    const char *auth_mount;             /* where attested logins are: "attest" */
    unsigned timeout_s;                 /* of one request */
    /* ---- 0.1 ends here ---- */
};
TEES_API void tees_options_init(struct tees_options *options);

struct tees;
/** Checks the options and opens the own TEE; sends nothing.  Give back with tees_close(). */
TEES_API enum tees_result tees_open(const struct tees_options *options, struct tees **out,
                                    struct tees_error *error);
/** After every channel of it.  NULL is harmless. */
TEES_API void tees_close(struct tees *tees);

/** What the last tees_verify() that succeeded has proven. */
struct tees_server {
    uint32_t struct_size;
    char tee[16];           /* "snp", "nitro", "sim" */
    char format[24];        /* of its evidence */
    char measurement[129];  /* hex */
    char instance[161];     /* which machine or enclave, where the evidence tells */
    int simulated;          /* no hardware stands behind it: allow_simulated was set */
    int tls_bound;          /* the TLS key of this connection is in the evidence */
    char allowed_by[256];   /* the expression that matched */
    char config_digest[97]; /* hex SHA-384 of its configuration */
    char identity_key[257]; /* base64 SPKI DER, as server_identity takes it */
    char ledger_vkey[512];  /* of its audit log, for the command "audit" */
    /* ---- 0.1 ends here ---- */
};

/**
 * Has the server prove itself over a nonce made for this: its evidence must be genuine and current,
 * of an accepted measurement, and bound to the nonce, the configuration's digest, the ledger's key,
 * the identity key, and with https the TLS key of the very connection that it came over.  From then
 * on a connection to any other TLS key is refused before a byte of a request is sent.
 * `server` may be NULL; struct_size in it is the caller's to set.
 */
TEES_API enum tees_result tees_verify(struct tees *tees, struct tees_server *server,
                                      struct tees_error *error);

/* ---- secrets in one request ---- */

/**
 * Logs in with the own TEE's evidence.  The token comes encrypted to a key that is made for this
 * call and vouched for by the TEE.  `token` receives it; `auth`, which may be NULL, the whole
 * "auth" object as JSON.  Give both back with tees_bytes_free().
 * Verifies the server first when that was not done; needs a proven TLS key.
 */
TEES_API enum tees_result tees_login(struct tees *tees, const char *role, struct tees_bytes *token,
                                     struct tees_bytes *auth, struct tees_error *error);

/**
 * Reads `n` secrets with the own TEE's evidence: all of them or none.  A path is as in
 * "secret/data/shop/db"; out[i] receives what a read of paths[i] would answer, as JSON.
 * Give each back with tees_bytes_free().  Otherwise as tees_login().
 */
TEES_API enum tees_result tees_release(struct tees *tees, const char *role,
                                       const char *const *paths, size_t n, struct tees_bytes *out,
                                       struct tees_error *error);

/* ---- the attested channel ---- */

struct tees_channel;

/**
 * Both sides prove what they are over a key agreement that no proxy can stand in, whatever lies
 * between: TLS is not needed, and tees_verify() is not either.  `role`: the role to log in as, by
 * the own TEE's evidence; NULL: none.  Without an own TEE the channel proves the server alone, and
 * requests bring tokens.  Give back with tees_channel_close(), before its struct tees.
 */
TEES_API enum tees_result tees_channel_open(struct tees *tees, const char *role,
                                            struct tees_channel **out, struct tees_error *error);

/** One of the API's requests, through a channel.  Begin it zero-filled. */
struct tees_request {
    const char *method; /* "GET", "POST", "PUT", "PATCH", "DELETE", "LIST" */
    const char *path;   /* "secret/data/shop/db?version=2", encoded as in a URL */
    const char *token;  /* NULL: that of the channel's role */
    const void *body;   /* JSON; NULL: none */
    size_t body_len;
    const char *idempotency_key; /* of a write that may be sent again; NULL: one is made */
    int hide_path;               /* method and path are encrypted, too */
};

/**
 * `status` receives what the API answered (200, 403, …: each is TEES_OK here); `reply`, which may
 * be NULL, the body, to be given back with tees_bytes_free().  Rekeys when it is time. TEES_CLOSED:
 * the channel is over.
 */
TEES_API enum tees_result tees_channel_request(struct tees_channel *channel,
                                               const struct tees_request *request, int *status,
                                               struct tees_bytes *reply, struct tees_error *error);

/** New keys, and new evidence of both sides.  Requests do it by themselves when it is time. */
TEES_API enum tees_result tees_channel_rekey(struct tees_channel *channel,
                                             struct tees_error *error);

/** What the server said of the session: {"rekey_after":…,"ttl":…,"peer":{…},"policies":[…]}.  Give
 *  back with tees_bytes_free(). */
TEES_API enum tees_result tees_channel_session(struct tees_channel *channel, struct tees_bytes *out,
                                               struct tees_error *error);
/** What the handshake has proven of the server; as tees_verify() has it, without what only the
 *  server's own statement has (config_digest, ledger_vkey), and tls_bound 0. */
TEES_API enum tees_result tees_channel_server(struct tees_channel *channel,
                                              struct tees_server *server, struct tees_error *error);

/** What a later channel is opened with, without new evidence, once: a secret, to be kept in this
 *  process.  Give back with tees_bytes_free(). */
TEES_API enum tees_result tees_channel_ticket(struct tees_channel *channel, struct tees_bytes *out,
                                              struct tees_error *error);
/** As tees_channel_open(); a ticket that the server does not take makes a full handshake. */
TEES_API enum tees_result tees_channel_resume(struct tees *tees, const struct tees_bytes *ticket,
                                              const char *role, struct tees_channel **out,
                                              struct tees_error *error);
/** Tells the server, as far as that can be reached, and wipes the keys.  NULL is harmless. */
TEES_API void tees_channel_close(struct tees_channel *channel);

#ifdef __cplusplus
}
#endif

#endif

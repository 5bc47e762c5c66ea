/* SPDX-License-Identifier: Apache-2.0 */
/* The attested channel without HTTP and evidence, against bare OpenSSL doing what it needs: for a
 * handshake the key generation, ECDH (the peer's point decoded), ECDSA and HKDF of P-384 and
 * SHA-384, for messages AES-256-GCM with contexts that are ready.  Processor time of one thread;
 * the two take turns, so that a machine that drifts drifts for both. channel [ROUNDS]
 * [MILLISECONDS], a line each: what, our µs, bare µs, median, least and greatest ratio of rates. */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "amc/handshake.h"
#include "bench/channel_bare.h"
#include "crypto/crypto.h"

enum {
    ROUNDS_MAX = 64,
    AAD_LEN = 90,
    LONGEST = 16384,
};

struct subject {
    const char *what;
    double (*ours)(const struct subject *s); /* seconds of what counts */
    double (*bare)(const struct subject *s);
    size_t len; /* of a message */
};

/* ---- handshakes, ours ---- */

static struct tsec_key *id;
static struct tsec_buf id_spki = TSEC_BUF_INIT(AMC_SPKI_LEN);

static tsec_rc
sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    return tsec_sign(ctx, TSEC_SHA384, message, sig, err);
}

struct talk {
    struct amc_initiator *i;
    struct amc_responder *r;
    struct amc_session *at_i;
    struct amc_session *at_r;
    struct tsec_buf text;
    struct tsec_buf got;
};

static void
talk_done(struct talk *t)
{
    amc_initiator_free(t->i);
    amc_responder_free(t->r);
    amc_session_free(t->at_i);
    amc_session_free(t->at_r);
    tsec_buf_done(&t->text);
    tsec_buf_done(&t->got);
}

static void
respond(struct talk *t)
{
    static const char *const accept[] = { "snp", NULL };
    const struct amc_responder_options options = { .id = tsec_buf_span(&id_spki),
                                                   .sign = sign,
                                                   .sign_ctx = id,
                                                   .bind = AMC_RAW48,
                                                   .accept = accept,
                                                   .exp_s = 30 };
    struct amc_b1 b1;

    need(
        !tsec_failed(amc_b1_parse(amc_initiator_b1(t->i), &b1, NULL))
            && !tsec_failed(amc_responder_begin(&options, &b1, amc_initiator_b1(t->i), &t->r, NULL))
            && !tsec_failed(amc_responder_reply(t->r, tsec_span_str("{}"), &t->text, NULL)),
        "reply");
}

static void
conclude(struct talk *t)
{
    tsec_buf_reset(&t->got);
    need(!tsec_failed(amc_responder_finish(t->r, tsec_buf_span(&t->text), &t->got, NULL)),
         "finish");
    tsec_buf_reset(&t->text);
    need(!tsec_failed(amc_responder_accept(t->r, tsec_span_str("{}"), &t->text, &t->at_r, NULL)),
         "accept");
}

/* The responder's share of the time goes to *at_r. */
static struct talk
handshake(double *at_r)
{
    static const char *const accept[] = { "snp", NULL };
    const struct amc_initiator_options options = { .accept = accept, .aud = "bench" };
    struct talk t = { .text = TSEC_BUF_INIT(AMC_HELLO_MAX), .got = TSEC_BUF_INIT(AMC_HELLO_MAX) };

    need(!tsec_failed(amc_initiator_begin(&options, &t.i, NULL)), "begin");

    const double began = core_seconds();

    respond(&t);

    const double replied = core_seconds();

    need(!tsec_failed(amc_initiator_reply(t.i, tsec_buf_span(&t.text), &t.got, NULL)), "reply");
    tsec_buf_reset(&t.text);
    need(!tsec_failed(amc_initiator_finish(t.i, tsec_span_str("{}"), &t.text, NULL)), "finish");

    const double finished = core_seconds();

    conclude(&t);
    *at_r = core_seconds() - finished + replied - began;
    tsec_buf_reset(&t.got);
    need(!tsec_failed(amc_initiator_done(t.i, tsec_buf_span(&t.text), &t.got, &t.at_i, NULL)),
         "done");
    return t;
}

static double
our_handshake(const struct subject *s)
{
    const double began = core_seconds();
    double at_r = 0;
    struct talk t = handshake(&at_r);

    (void)s;
    talk_done(&t);
    return core_seconds() - began;
}

static double
our_responder(const struct subject *s)
{
    double at_r = 0;
    struct talk t = handshake(&at_r);

    (void)s;
    talk_done(&t);
    return at_r;
}

/* ---- handshakes, bare ---- */

static double
bare_responder(const struct subject *s)
{
    const double began = core_seconds();

    (void)s;
    bare_agree();
    bare_derive();
    bare_sign();
    return core_seconds() - began;
}

static double
bare_handshake(const struct subject *s)
{
    const double began = core_seconds();

    (void)s;
    for (int side = 0; side < 2; side++) {
        bare_agree();
        bare_derive();
    }
    bare_sign();
    bare_decode_verify();
    return core_seconds() - began;
}

/* ---- messages: a request and its reply, each sealed and opened ---- */

static struct talk open_channel;
static EVP_CIPHER_CTX *sealing;
static EVP_CIPHER_CTX *opening;
static const uint8_t message[LONGEST];

static double
our_messages(const struct subject *s)
{
    const struct tsec_span plain = tsec_span(message, s->len);
    struct talk *t = &open_channel;
    struct amc_envelope env = { .method = "POST", .path = "/v1/secret/data/a" };
    const double began = core_seconds();

    for (int i = 0; i < 64; i++) {
        tsec_buf_reset(&t->text);
        tsec_buf_reset(&t->got);
        need(!tsec_failed(amc_seal_request(t->at_i, &env, plain, &t->text, NULL))
                 && !tsec_failed(
                     amc_open_request(t->at_r, &env, tsec_buf_span(&t->text), 0, &t->got, NULL)),
             "a request");
        tsec_buf_reset(&t->text);
        tsec_buf_reset(&t->got);
        need(!tsec_failed(amc_seal_reply(t->at_r, &env, plain, &t->text, NULL))
                 && !tsec_failed(
                     amc_open_reply(t->at_i, &env, tsec_buf_span(&t->text), &t->got, NULL)),
             "a reply");
    }
    return (core_seconds() - began) / 64;
}

static double
bare_messages(const struct subject *s)
{
    static uint8_t out[LONGEST + AMC_TAG_LEN];
    static uint8_t back[LONGEST];
    static const uint8_t aad[AAD_LEN];
    uint8_t iv[AMC_IV_LEN] = { 0 };
    const int len = (int)s->len;
    int n = 0;
    const double began = core_seconds();

    for (uint8_t i = 0; i < 128; i++) {
        iv[0] = i;
        need(EVP_EncryptInit_ex2(sealing, NULL, NULL, iv, NULL) == 1
                 && EVP_EncryptUpdate(sealing, NULL, &n, aad, sizeof(aad)) == 1
                 && EVP_EncryptUpdate(sealing, out, &n, message, len) == 1
                 && EVP_EncryptFinal_ex(sealing, out + len, &n) == 1
                 && EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, AMC_TAG_LEN, out + len)
                        == 1,
             "bare seal");
        need(EVP_DecryptInit_ex2(opening, NULL, NULL, iv, NULL) == 1
                 && EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, AMC_TAG_LEN, out + len) == 1
                 && EVP_DecryptUpdate(opening, NULL, &n, aad, sizeof(aad)) == 1
                 && EVP_DecryptUpdate(opening, back, &n, out, len) == 1
                 && EVP_DecryptFinal_ex(opening, back + len, &n) == 1,
             "bare open");
    }
    return (core_seconds() - began) / 64;
}

/* ---- made ready ---- */

static void
make_ready(void)
{
    static const uint8_t key[AMC_KEY_LEN] = { 1 };
    EVP_CIPHER *gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    double ignored = 0;

    need(!tsec_failed(tsec_key_generate(TSEC_KEY_P384, &id, NULL))
             && !tsec_failed(tsec_key_spki(id, &id_spki, NULL)),
         "an identity key");
    bare_setup();
    sealing = EVP_CIPHER_CTX_new();
    opening = EVP_CIPHER_CTX_new();
    need(EVP_EncryptInit_ex2(sealing, gcm, key, NULL, NULL) == 1
             && EVP_DecryptInit_ex2(opening, gcm, key, NULL, NULL) == 1,
         "a cipher");
    EVP_CIPHER_free(gcm);
    open_channel = handshake(&ignored);
    tsec_buf_done(&open_channel.text);
    tsec_buf_done(&open_channel.got);
    tsec_buf_init(&open_channel.text, 2 * LONGEST);
    tsec_buf_init(&open_channel.got, 2 * LONGEST);
}

static void
all_done(void)
{
    talk_done(&open_channel);
    tsec_key_free(id);
    tsec_buf_done(&id_spki);
    bare_done();
    EVP_CIPHER_CTX_free(sealing);
    EVP_CIPHER_CTX_free(opening);
}

/* ---- measured ---- */

static double
slice(const struct subject *s, double (*run)(const struct subject *s), double seconds)
{
    double spent = 0;
    double n = 0;

    while (spent < seconds) {
        spent += run(s);
        n++;
    }
    return spent / n;
}

static int
by_size(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void
measure(const struct subject *s, int rounds, double seconds)
{
    double our_s[ROUNDS_MAX];
    double bare_s[ROUNDS_MAX];
    double ratio[ROUNDS_MAX];
    const double long_enough = s->len > 0 ? seconds / 64 : seconds; /* a run is of 64, see above */

    for (int i = -1; i < rounds; i++) {
        const int at = i < 0 ? 0 : i;

        our_s[at] = slice(s, s->ours, long_enough);
        bare_s[at] = slice(s, s->bare, long_enough);
        ratio[at] = bare_s[at] / our_s[at];
    }
    qsort(our_s, (size_t)rounds, sizeof(double), by_size);
    qsort(bare_s, (size_t)rounds, sizeof(double), by_size);
    qsort(ratio, (size_t)rounds, sizeof(double), by_size);
    (void)printf("%s\t%.2f\t%.2f\t%.3f\t%.3f\t%.3f\n", s->what, our_s[rounds / 2] * 1e6,
                 bare_s[rounds / 2] * 1e6, ratio[rounds / 2], ratio[0], ratio[rounds - 1]);
    (void)fflush(stdout);
}

int
main(int argc, char **argv)
{
    static const struct subject subjects[] = {
        { "handshake, the responder's part", our_responder, bare_responder, 0 },
        { "handshake, both ends", our_handshake, bare_handshake, 0 },
        { "request and reply of 64 bytes", our_messages, bare_messages, 64 },
        { "request and reply of 1 KiB", our_messages, bare_messages, 1024 },
        { "request and reply of 16 KiB", our_messages, bare_messages, LONGEST },
    };
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 15;
    const long ms = argc > 2 ? strtol(argv[2], NULL, 10) : 40;

    need(rounds >= 1 && rounds <= ROUNDS_MAX && ms >= 1 && ms <= 10000,
         "usage: channel [ROUNDS] [MILLISECONDS]");
    need(!tsec_failed(tsec_crypto_setup(NULL))
             && !tsec_failed(tsec_crypto_lock_heap(1 << 20, NULL)),
         "the cryptographic library");
    make_ready();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(subjects); i++) {
        measure(&subjects[i], (int)rounds, (double)ms / 1000);
    }
    all_done();
    return 0;
}

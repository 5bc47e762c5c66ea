/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/tls.h"

#include <stdio.h>

#include "crypto/sign.h"

enum { PEM_MAX = 256 * 1024, SELF_SIGNED_DAYS = 397, CLOCKS_DIFFER_S = 300 };

static const struct {
    unsigned bit;
    const char *group;
} groups[] = {
    { GATEWAY_ECDHE_P384, "SECP384R1" },
    { GATEWAY_ECDHE_P256, "SECP256R1" },
    { GATEWAY_ECDHE_X25519, "X25519" },
};

static tsec_rc
set_priorities(struct tls_setup *setup, unsigned key_exchange, struct tsec_err *err)
{
    const unsigned wanted = key_exchange == 0 ? GATEWAY_ECDHE_P384 : key_exchange;
    unsigned known = 0;
    int at = snprintf(setup->priorities, sizeof(setup->priorities),
                      "SECURE128:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM:-GROUP-ALL");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(groups); i++) {
        known |= groups[i].bit;
        if ((wanted & groups[i].bit) != 0) {
            at += snprintf(setup->priorities + at, sizeof(setup->priorities) - (size_t)at,
                           ":+GROUP-%s", groups[i].group);
        }
    }
    if ((wanted & ~known) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a key exchange that is not known");
    }
    return TSEC_OK;
}

static tsec_rc
self_signed(struct tls_setup *setup, const char *name, const struct tsec_clock *clock,
            struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    const int64_t now_s = tsec_clock_real_ns(clock) / TSEC_NS_PER_S;

    TSEC_TRY(tsec_key_generate(TSEC_KEY_P384, &key, err));
    /* From a moment ago: the client's clock may be behind. */
    TSEC_TRY(tsec_self_signed(key, name == NULL ? "localhost" : name,
                              now_s > CLOCKS_DIFFER_S ? now_s - CLOCKS_DIFFER_S : 0,
                              SELF_SIGNED_DAYS, &setup->cert_pem, err));
    return tsec_key_pem(key, &setup->key_pem, err);
}

static tsec_rc
given(struct tls_setup *setup, const struct gateway_listener *listener, struct tsec_err *err)
{
    if (listener->cert_pem.len == 0 || listener->key_pem.len == 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "TLS needs a certificate and a key");
    }
    tsec_buf_put_span(&setup->cert_pem, listener->cert_pem);
    tsec_buf_put_span(&setup->key_pem, listener->key_pem);
    return TSEC_OK;
}

/* libmicrohttpd reads C strings. */
static tsec_rc
terminate(struct tsec_buf *pem, struct tsec_err *err)
{
    if (pem->len > 0 && memchr(pem->ptr, '\0', pem->len) != NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a NUL in PEM");
    }
    tsec_buf_put_byte(pem, '\0');
    TSEC_TRY(tsec_buf_check(pem, err));
    pem->len--;
    return TSEC_OK;
}

static tsec_rc
fill(struct tls_setup *setup, const struct gateway_listener *listener, unsigned key_exchange,
     const struct tsec_clock *clock, struct tsec_err *err)
{
    TSEC_TRY(set_priorities(setup, key_exchange, err));
    TSEC_TRY(listener->tls == GATEWAY_TLS_SELF_SIGNED
                 ? self_signed(setup, listener->tls_name, clock, err)
                 : given(setup, listener, err));
    TSEC_TRY(terminate(&setup->cert_pem, err));
    return terminate(&setup->key_pem, err);
}

tsec_rc
tls_setup_init(struct tls_setup *setup, const struct gateway_listener *listener,
               unsigned key_exchange, const struct tsec_clock *clock, struct tsec_err *err)
{
    tsec_rc rc;

    tsec_buf_init(&setup->cert_pem, PEM_MAX);
    tsec_buf_init(&setup->key_pem, PEM_MAX);
    rc = fill(setup, listener, key_exchange, clock, err);
    if (tsec_failed(rc)) {
        tls_setup_done(setup);
    }
    return rc;
}

void
tls_setup_forget_key(struct tls_setup *setup)
{
    tsec_buf_done(&setup->key_pem);
}

void
tls_setup_done(struct tls_setup *setup)
{
    tsec_buf_done(&setup->key_pem);
    tsec_buf_done(&setup->cert_pem);
}

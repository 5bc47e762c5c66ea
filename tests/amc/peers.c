/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/amc/peers.h"

#include <stdlib.h>

#include "crypto/crypto.h"

static const char *const formats[] = { "nitro", "snp", NULL };

static void
init(struct tsec_buf *buf)
{
    tsec_buf_init(buf, AMC_EVIDENCE_MAX * 2);
}

struct peers *
peers_new(bool with_id_i)
{
    struct peers *p = calloc(1, sizeof(*p));

    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    init(&p->spki_r);
    init(&p->b1);
    init(&p->reply);
    init(&p->finish);
    init(&p->last);
    init(&p->er);
    init(&p->ei);
    init(&p->s);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P384, &p->id_r, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(p->id_r, &p->spki_r, NULL)));
    if (with_id_i) {
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P384, &p->id_i, NULL)));
    }
    return p;
}

void
peers_free(struct peers *p)
{
    if (p == NULL) {
        return;
    }
    amc_responder_free(p->r);
    amc_initiator_free(p->i);
    amc_session_free(p->at_r);
    amc_session_free(p->at_i);
    tsec_key_free(p->id_r);
    tsec_key_free(p->id_i);
    tsec_buf_done(&p->spki_r);
    tsec_buf_done(&p->b1);
    tsec_buf_done(&p->reply);
    tsec_buf_done(&p->finish);
    tsec_buf_done(&p->last);
    tsec_buf_done(&p->er);
    tsec_buf_done(&p->ei);
    tsec_buf_done(&p->s);
    free(p);
}

tsec_rc
peers_hello(struct peers *p, const struct amc_drawn *drawn)
{
    static const uint8_t ticket[AMC_TICKET_LEN] = { 7 };
    const struct amc_drawn none = { .eph = NULL };
    const struct amc_initiator_options options = {
        .accept = formats,
        .aud = "tee-secrets/prod",
        .id = p->id_i,
        .ticket = p->has_psk ? ticket : NULL,
        .psk = tsec_span(p->psk_i, p->has_psk ? AMC_HASH_LEN : 0),
    };

    TSEC_TRY(amc_initiator_begin_with(&options, drawn == NULL ? &none : drawn, &p->i, &p->err));
    tsec_buf_put_span(&p->b1, amc_initiator_b1(p->i));
    return tsec_buf_check(&p->b1, &p->err);
}

static tsec_rc
sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    return tsec_sign(ctx, TSEC_SHA384, message, sig, err);
}

tsec_rc
peers_begin(struct peers *p, const struct amc_drawn *drawn)
{
    const struct amc_drawn none = { .eph = NULL };
    const struct amc_responder_options options = {
        .id = tsec_buf_span(&p->spki_r),
        .sign = sign,
        .sign_ctx = p->id_r,
        .bind = AMC_RAW48,
        .psk = tsec_span(p->psk_r, p->has_psk ? AMC_HASH_LEN : 0),
    };
    struct amc_b1 b1;

    TSEC_TRY(amc_b1_parse(tsec_buf_span(&p->b1), &b1, &p->err));
    return amc_responder_begin_with(&options, drawn == NULL ? &none : drawn, &b1,
                                    tsec_buf_span(&p->b1), &p->r, &p->err);
}

tsec_rc
peers_reply(struct peers *p)
{
    return amc_responder_reply(p->r, tsec_span_str(TEST_ER), &p->reply, &p->err);
}

tsec_rc
peers_read_reply(struct peers *p)
{
    return amc_initiator_reply(p->i, tsec_buf_span(&p->reply), &p->er, &p->err);
}

tsec_rc
peers_finish(struct peers *p)
{
    return amc_initiator_finish(p->i, tsec_span_str(TEST_EI), &p->finish, &p->err);
}

tsec_rc
peers_read_finish(struct peers *p)
{
    return amc_responder_finish(p->r, tsec_buf_span(&p->finish), &p->ei, &p->err);
}

tsec_rc
peers_accept(struct peers *p)
{
    return amc_responder_accept(p->r, tsec_span_str(TEST_S), &p->last, &p->at_r, &p->err);
}

tsec_rc
peers_done(struct peers *p)
{
    return amc_initiator_done(p->i, tsec_buf_span(&p->last), &p->s, &p->at_i, &p->err);
}

tsec_rc
peers_step(struct peers *p, int n)
{
    switch (n) {
    case 0:
        return peers_hello(p, NULL);
    case 1:
        return peers_begin(p, NULL);
    case 2:
        return peers_reply(p);
    case 3:
        return peers_read_reply(p);
    case 4:
        return peers_finish(p);
    case 5:
        return peers_read_finish(p);
    case 6:
        return peers_accept(p);
    default:
        return peers_done(p);
    }
}

void
peers_run(struct peers *p, int n)
{
    for (int i = 0; i < n; i++) {
        CU_ASSERT_FALSE_FATAL(tsec_failed(peers_step(p, i)));
    }
}

struct tsec_buf
hex_bytes(const char *hex)
{
    struct tsec_buf bytes = TSEC_BUF_INIT(1 << 20);
    uint8_t *room = tsec_buf_extend(&bytes, strlen(hex) / 2);

    CU_ASSERT_PTR_NOT_NULL_FATAL(room);
    CU_ASSERT_TRUE_FATAL(tsec_hex_decode(tsec_span_str(hex), room, bytes.len));
    return bytes;
}

bool
equals_hex(struct tsec_span bytes, const char *hex)
{
    TSEC_AUTO_BUF struct tsec_buf expected = hex_bytes(hex);

    return tsec_span_equal(bytes, tsec_buf_span(&expected));
}

struct tsec_buf
member_bytes(struct tsec_span text, const char *name)
{
    struct tsec_buf bytes = TSEC_BUF_INIT(1 << 20);
    struct tsec_span value;

    CU_ASSERT_EQUAL_FATAL(tsec_json_member(text, name, &value), TSEC_JSON_STRING);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_base64_decode(
        &bytes, TSEC_BASE64_URL, tsec_span(value.ptr + 1, value.len - 2), NULL)));
    return bytes;
}

void
set_member_bytes(struct tsec_buf *text, const char *name, struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf made = TSEC_BUF_INIT(text->max);
    struct tsec_span value;

    CU_ASSERT_EQUAL_FATAL(tsec_json_member(tsec_buf_span(text), name, &value), TSEC_JSON_STRING);

    const size_t at = (size_t)(value.ptr - text->ptr);

    tsec_buf_put(&made, text->ptr, at + 1);
    tsec_base64_append(&made, TSEC_BASE64_URL, bytes);
    tsec_buf_put(&made, value.ptr + value.len - 1, text->len - at - value.len + 1);
    tsec_buf_reset(text);
    tsec_buf_put_span(text, tsec_buf_span(&made));
}

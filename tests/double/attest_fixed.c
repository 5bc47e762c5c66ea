/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/attest_fixed.h"

#include <string.h>
#include <sys/random.h>

struct tsec_attest {
    int unused;
};

static struct tsec_attest the_one;
static bool is_another;

static tsec_rc
fixed_open(const struct tsec_host *host, struct tsec_attest **out, struct tsec_err *err)
{
    (void)host, (void)err;
    *out = &the_one;
    return (tsec_rc){ 0 };
}

static void
fixed_close(struct tsec_attest *attest)
{
    (void)attest;
}

static void
fixed_describe(struct tsec_attest *attest, struct tsec_attest_info *out)
{
    static const char *const formats[] = { "fixed", NULL };

    (void)attest;
    out->tee = "sim";
    out->makes = formats;
    out->accepts = formats;
    out->simulated = true;
    memset(out->measurement, 0xa5, 48);
    out->measurement_len = 48;
    out->svn = 7;
}

static tsec_rc
fixed_evidence(struct tsec_attest *attest, const struct tsec_evidence_request *request,
               const char **format, const struct tsec_sink *out, struct tsec_err *err)
{
    (void)attest, (void)err;
    *format = "fixed";
    return out->write(out->ctx, (struct tsec_span){ request->binding, sizeof(request->binding) });
}

static tsec_rc
fixed_verify(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
             const struct tsec_expectation *expect, int64_t now, struct tsec_claims *claims,
             struct tsec_err *err)
{
    (void)attest, (void)format, (void)evidence, (void)expect, (void)now, (void)claims, (void)err;
    return (tsec_rc){ TSEC_E_DENIED };
}

static tsec_rc
fixed_refresh(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest, (void)err;
    return (tsec_rc){ 0 };
}

static tsec_rc
fixed_root_key_create(struct tsec_attest *attest, uint8_t key[32], const struct tsec_sink *wrapping,
                      struct tsec_err *err)
{
    uint8_t masked[32];

    (void)attest, (void)err;
    if (getrandom(key, 32, 0) != 32) {
        return (tsec_rc){ TSEC_E_INTERNAL };
    }
    for (size_t i = 0; i < sizeof(masked); i++) {
        masked[i] = (uint8_t)(key[i] ^ 0x5a);
    }
    return wrapping->write(wrapping->ctx, (struct tsec_span){ masked, sizeof(masked) });
}

static tsec_rc
fixed_root_key_open(struct tsec_attest *attest, struct tsec_span wrapping, uint8_t key[32],
                    struct tsec_err *err)
{
    (void)attest, (void)err;
    if (wrapping.len != 32) {
        return (tsec_rc){ TSEC_E_DENIED };
    }
    for (size_t i = 0; i < 32; i++) {
        key[i] = (uint8_t)(wrapping.ptr[i] ^ (is_another ? 0x5b : 0x5a));
    }
    return (tsec_rc){ 0 };
}

static tsec_rc
fixed_entropy(struct tsec_attest *attest, uint8_t *out, size_t len, struct tsec_err *err)
{
    (void)attest, (void)err;
    return (tsec_rc){ getrandom(out, len, 0) == (ssize_t)len ? 0 : TSEC_E_INTERNAL };
}

static tsec_rc
fixed_health(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest, (void)err;
    return (tsec_rc){ 0 };
}

void
attest_fixed_be_another(bool another)
{
    is_another = another;
}

const struct tsec_attest_ops attest_fixed_ops = {
    .struct_size = (uint32_t)sizeof(attest_fixed_ops),
    .open = fixed_open,
    .close = fixed_close,
    .describe = fixed_describe,
    .evidence = fixed_evidence,
    .verify = fixed_verify,
    .refresh = fixed_refresh,
    .root_key_create = fixed_root_key_create,
    .root_key_open = fixed_root_key_open,
    .entropy = fixed_entropy,
    .health = fixed_health,
};

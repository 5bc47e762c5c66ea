/* SPDX-License-Identifier: Apache-2.0 */
/* A leaf that is read is header and body; an epoch body packs to what it was; an audit leaf under
 * another key does not open. */
#include "crypto/leaf_seal.h"
#include "tests/fuzz/fuzz.h"

static void
epoch(struct tsec_span body)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    struct tsec_leaf_epoch parsed;

    if (!tsec_failed(tsec_leaf_epoch_parse(body, &parsed, NULL))) {
        FUZZ_ASSERT(!tsec_failed(tsec_leaf_epoch_pack(&parsed, &again, NULL)));
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), body));
    }
}

static void
audit(struct tsec_span leaf)
{
    static const uint8_t raw[TSEC_AEAD_KEY_LEN] = { 1 };
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(TSEC_AUDIT_ENTRY_MAX);
    uint32_t number = 0;

    FUZZ_ASSERT(!tsec_failed(tsec_aead_key_new(TSEC_AES_256_GCM, raw, &key, NULL)));

    const tsec_rc form = tsec_leaf_audit_epoch(leaf, &number, NULL);
    const tsec_rc opened = tsec_leaf_audit_open(key, "fuzz", leaf, &json, NULL);

    FUZZ_ASSERT(opened.code == (tsec_failed(form) ? TSEC_E_INVALID : TSEC_E_TAMPERED));
    FUZZ_ASSERT(json.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    const struct tsec_span input = tsec_span(data, size);
    struct tsec_leaf leaf;

    audit(input);
    if (!tsec_failed(tsec_leaf_parse(input, &leaf, NULL))) {
        tsec_leaf_header(&again, leaf.kind, leaf.index);
        tsec_buf_put_span(&again, leaf.body);
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), input));
        epoch(leaf.body);
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A note that opens has its text in front, and a verifier key that is read is one: written again it
 * reads the same. */
#include "crypto/note.h"

#include "tests/fuzz/fuzz.h"

/* From the documentation of Go's note package. */
static const char vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

static void
open_note(struct tsec_span input)
{
    struct tsec_note_verifier verifier;
    struct tsec_span text;

    FUZZ_ASSERT(!tsec_failed(tsec_note_verifier_parse(tsec_span_str(vkey), &verifier, NULL)));

    const tsec_rc rc = tsec_note_open(input, &verifier, &text, NULL);

    FUZZ_ASSERT(rc.code == TSEC_OK_CODE || rc.code == TSEC_E_INVALID || rc.code == TSEC_E_DENIED);
    if (!tsec_failed(rc)) {
        FUZZ_ASSERT(text.ptr == input.ptr && text.len < input.len);
        FUZZ_ASSERT(text.ptr[text.len - 1] == '\n' && text.ptr[text.len] == '\n');
    }
}

static void
read_verifier(struct tsec_span input)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(512);
    struct tsec_note_verifier one;
    struct tsec_note_verifier other;

    if (tsec_failed(tsec_note_verifier_parse(input, &one, NULL))) {
        return;
    }
    FUZZ_ASSERT(!tsec_failed(tsec_key_from_public(
        TSEC_KEY_ED25519, tsec_span(one.public_key, sizeof(one.public_key)), &key, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_note_vkey(one.name, key, &again, NULL)));
    FUZZ_ASSERT(again.len == input.len);
    FUZZ_ASSERT(!tsec_failed(tsec_note_verifier_parse(tsec_buf_span(&again), &other, NULL)));
    FUZZ_ASSERT(one.key_id == other.key_id);
    FUZZ_ASSERT(tsec_span_equal(tsec_span(one.public_key, sizeof(one.public_key)),
                                tsec_span(other.public_key, sizeof(other.public_key))));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_note(tsec_span(data, size));
    read_verifier(tsec_span(data, size));
    return 0;
}

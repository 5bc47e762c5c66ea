/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of key attestations, as a file has them.  The first byte says what is expected of it:
 * a nonce, a public key.  What is told of it is one line that steers no terminal, and what was
 * expected was met. */
#include "base/base64.h"
#include "client/evidence_statement.h"
#include "codec/json_scan.h"
#include "tests/fuzz/fuzz.h"

enum { NONCE = 1, PUBLIC_KEY = 2 };

static void
check_text(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        FUZZ_ASSERT(*c >= ' ' && *c < 0x7f);
    }
}

/* Bytes that are expected are in the statement in base64; an escape may hide that. */
static void
check_has(struct tsec_span whole, struct tsec_span wanted)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(64);

    tsec_base64_append(&text, TSEC_BASE64_STD, wanted);
    FUZZ_ASSERT(memchr(whole.ptr, '\\', whole.len) != NULL
                || memmem(whole.ptr, whole.len, text.ptr, text.len) != NULL);
}

static void
check_account(struct evidence_statement *statement, struct tsec_checks *checks, tsec_rc rc)
{
    const struct tsec_span whole = tsec_buf_span(&statement->bytes);

    FUZZ_ASSERT(checks->len == 1);
    check_text(checks->items[0].detail);
    if (tsec_failed(rc)) {
        FUZZ_ASSERT(rc.code == TSEC_E_DENIED || rc.code == TSEC_E_INVALID);
        return;
    }
    if (statement->nonce.ptr != NULL) {
        check_has(whole, statement->nonce);
    }
    if (statement->public_key.ptr != NULL) {
        check_has(whole, statement->public_key);
    }
}

/* The binding is of all its bytes, and of nothing else. */
static void
check_binding(struct evidence_statement *statement)
{
    struct evidence_statement again;

    evidence_statement_init(&again);
    tsec_buf_put_span(&again.bytes, tsec_buf_span(&statement->bytes));
    FUZZ_ASSERT(!tsec_failed(evidence_statement_read(&again, NULL)));
    FUZZ_ASSERT(tsec_span_equal(tsec_span(again.binding, sizeof(again.binding)),
                                tsec_span(statement->binding, sizeof(statement->binding))));
    tsec_buf_put_byte(&again.bytes, ' ');
    FUZZ_ASSERT(!tsec_failed(evidence_statement_read(&again, NULL)));
    FUZZ_ASSERT(!tsec_span_equal(tsec_span(again.binding, sizeof(again.binding)),
                                 tsec_span(statement->binding, sizeof(statement->binding))));
    evidence_statement_done(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evidence_statement statement;
    struct tsec_checks checks = { .struct_size = sizeof(checks) };
    struct tsec_err err = { 0 };
    tsec_rc rc;

    if (size == 0) {
        return 0;
    }
    evidence_statement_init(&statement);
    tsec_buf_put(&statement.bytes, data + 1, size - 1);
    rc = evidence_statement_read(&statement, &err);
    FUZZ_ASSERT(!tsec_failed(rc) || rc.code == TSEC_E_INVALID);
    if (!tsec_failed(rc)) {
        check_binding(&statement);
        statement.nonce =
            tsec_span((data[0] & NONCE) != 0 ? "nonce" : NULL, (data[0] & NONCE) != 0 ? 5 : 0);
        statement.public_key = tsec_span((data[0] & PUBLIC_KEY) != 0 ? "key one" : NULL,
                                         (data[0] & PUBLIC_KEY) != 0 ? 7 : 0);
        rc = evidence_statement_check(&statement, &checks, &err);
        check_account(&statement, &checks, rc);
    }
    evidence_statement_done(&statement);
    return 0;
}

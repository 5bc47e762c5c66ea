/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/note.h"

#include "base/base64.h"
#include "tests/crypto/vector.h"

/* The example in the documentation of golang.org/x/mod/sumdb/note. */
static const char vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
#define TEXT                                                     \
    "If you think cryptography is the answer to your problem,\n" \
    "then you don't know what your problem is.\n"
#define PETER                                                                        \
    "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN" \
    "1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
/* The same documentation: a signature that this key is said to have made. */
#define ENOCH                                                                     \
    "\xe2\x80\x94 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp" \
    "+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"

static struct tsec_note_verifier
peter(void)
{
    struct tsec_note_verifier verifier;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_note_verifier_parse(tsec_span_str(vkey), &verifier, NULL)));
    return verifier;
}

static struct tsec_key *
peters_key(void)
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(64);
    struct tsec_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(
        tsec_base64_decode(&raw, TSEC_BASE64_STD,
                           tsec_span_str("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"), NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(
        tsec_key_from_private(TSEC_KEY_ED25519, tsec_span(raw.ptr + 1, 32), &key, NULL)));
    return key;
}

static int32_t
open_code(const char *note)
{
    const struct tsec_note_verifier verifier = peter();
    struct tsec_span text = { NULL, 0 };
    const tsec_rc rc = tsec_note_open(tsec_span_str(note), &verifier, &text, NULL);

    CU_ASSERT_TRUE(tsec_failed(rc) ? text.ptr == NULL : tsec_span_is(text, TEXT));
    return rc.code;
}

static void
the_published_note_opens(void)
{
    CU_ASSERT_EQUAL(peter().key_id, 0xc74f20a3);
    CU_ASSERT_STRING_EQUAL(peter().name, "PeterNeumann");
    CU_ASSERT_EQUAL(open_code(TEXT "\n" PETER), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(open_code(TEXT "\n" PETER ENOCH), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(open_code(TEXT "\n" ENOCH PETER), TSEC_OK_CODE);
}

static void
signing_gives_the_published_note_and_key(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = peters_key();
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1024);

    CU_ASSERT_FALSE(tsec_failed(tsec_note_vkey("PeterNeumann", key, &out, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), vkey));
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE(
        tsec_failed(tsec_note_sign("PeterNeumann", key, tsec_span_str(TEXT), &out, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), TEXT "\n" PETER));
}

static void
notes_that_it_did_not_sign_are_denied(void)
{
    CU_ASSERT_EQUAL(open_code(TEXT "\n" ENOCH), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(open_code("If you think\n\n" PETER), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(open_code(TEXT "\n\n" PETER), TSEC_E_DENIED); /* one more newline of text */
    CU_ASSERT_EQUAL(                                              /* his name, another key's id */
                    open_code(
                        TEXT
                        "\n\xe2\x80\x94 PeterNeumann x08gpPZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNI"
                        "uGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"),
                    TSEC_E_DENIED);
    CU_ASSERT_EQUAL(/* his, and wrong, in front of his right one */
                    open_code(TEXT "\n\xe2\x80\x94 PeterNeumann x08gowAAAAA=\n" PETER),
                    TSEC_E_DENIED);
}

static void
malformed_notes_are_refused(void)
{
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT "\n",
        TEXT PETER,
        TEXT "\n" PETER "\n",
        TEXT "\n" PETER "x",
        TEXT "\n- PeterNeumann x08gowAAAAA=\n",
        TEXT "\n\xe2\x80\x94 PeterNeumann\n",
        TEXT "\n\xe2\x80\x94 PeterNeumann x08g\n",
        TEXT "\n\xe2\x80\x94 PeterNeumann x08go\n",
        TEXT "\n\xe2\x80\x94 Peter+Neumann x08gowAAAAA=\n",
        TEXT "\n\xe2\x80\x94  x08gowAAAAA=\n" PETER,
        TEXT "\n" PETER "\xe2\x80\x94 Enoch Root x08gowAAAAA=\n",
        "tab\there\n\n" PETER,
        "return\r\n\n" PETER,
        "\xff\n\n" PETER,
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(open_code(bad[i]), TSEC_E_INVALID);
    }
}

static void
too_many_signatures_are_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf note = TSEC_BUF_INIT(TSEC_NOTE_MAX);

    tsec_buf_put_str(&note, TEXT "\n" PETER);
    for (int i = 0; i < 99; i++) {
        tsec_buf_put_str(&note, "\xe2\x80\x94 a AAAAAAA=\n");
    }
    tsec_buf_put_byte(&note, 0);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_buf_check(&note, NULL)));
    CU_ASSERT_EQUAL(open_code((const char *)note.ptr), TSEC_OK_CODE);
    tsec_buf_truncate(&note, note.len - 1);
    tsec_buf_put_str(&note, "\xe2\x80\x94 a AAAAAAA=\n");
    tsec_buf_put_byte(&note, 0);
    CU_ASSERT_EQUAL(open_code((const char *)note.ptr), TSEC_E_INVALID);
}

static void
other_verifier_keys_are_refused(void)
{
    static const char *const bad[] = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", /* id */
        "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",        /* name */
        "PeterNeumann+c74f20a3+AhpcPQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", /* type */
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy1w==", /* short */
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_note_verifier out;

        CU_ASSERT_EQUAL(tsec_note_verifier_parse(tsec_span_str(bad[i]), &out, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
a_name_has_no_space_and_no_plus(void)
{
    static const char *const good[] = { "a", "secrets.example.com/prod/ledger/1", "\xc3\xa9" };
    static const char *const bad[] = { "",   " ",    "a b",        "a+b",          "a\n",
                                       "\t", "\x7f", "a\302\240b", "\xe3\x80\x80", "\xff" };
    char long_name[TSEC_NOTE_NAME_MAX + 1];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        CU_ASSERT_TRUE(tsec_note_name_valid(tsec_span_str(good[i])));
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(tsec_note_name_valid(tsec_span_str(bad[i])));
    }
    memset(long_name, 'a', sizeof(long_name));
    CU_ASSERT_TRUE(tsec_note_name_valid(tsec_span(long_name, TSEC_NOTE_NAME_MAX)));
    CU_ASSERT_FALSE(tsec_note_name_valid(tsec_span(long_name, TSEC_NOTE_NAME_MAX + 1)));
}

static void
what_would_not_open_is_not_signed(void)
{
    static const char *const bad[] = { "", "no newline", "tab\t\n", "\xff\n" };
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = peters_key();
    TSEC_AUTO(tsec_key_free) struct tsec_key *p256 = NULL;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1024);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P256, &p256, NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(tsec_note_sign("n", key, tsec_span_str(bad[i]), &out, NULL).code,
                        TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(tsec_note_sign("a b", key, tsec_span_str("t\n"), &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_note_sign("n", p256, tsec_span_str("t\n"), &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_note_vkey("n", p256, &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(out.len, 0);
}

static const struct test_case cases[] = {
    { "the published note opens", the_published_note_opens },
    { "signing gives the published note and key", signing_gives_the_published_note_and_key },
    { "notes that it did not sign are denied", notes_that_it_did_not_sign_are_denied },
    { "malformed notes are refused", malformed_notes_are_refused },
    { "too many signatures are refused", too_many_signatures_are_refused },
    { "other verifier keys are refused", other_verifier_keys_are_refused },
    { "a name has no space and no plus", a_name_has_no_space_and_no_plus },
    { "what would not open is not signed", what_would_not_open_is_not_signed },
};

TEST_MAIN("crypto/note", cases)

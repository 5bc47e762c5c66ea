/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_crypt.h"

#include "tests/core/material_bench.h"

static const struct {
    enum transit_type type;
    size_t key_len;
    size_t nonce_len;
    /* Of "the same plaintext" under the key 1, 2, 3 … for "user-4711", as HashiCorp's own code made
     * them; XAES, which it has not, by another implementation of C2SP's text. */
    const char *convergent;
    const char *derived;
} kinds[] = {
    { TRANSIT_AES256_GCM96, 32, 12,
      "f32d8d15e03da8dbba60e97d9409d11c3de1b2325202af7e17e983ebd3d70748eb86a5a456b0b60ca5715e94b5"
      "d8",
      "1e430891d43f4ab104b2dbcecb502c9766a7d53e2b2c26ebdc24c5d0f36d51075ee18f9eabe0de48970757c1c1"
      "4b" },
    { TRANSIT_AES128_GCM96, 16, 12,
      "d51144bfab9b1eed92d76e3b8a0da3a8f730794a1fde9eaee7b820ee9091d26e3ce7fd12c8ec866b50a298728f"
      "89",
      "22d4bd07be881f07ba6575d75dd2a5a8022d2b9d11c4cca720e010cd64ff665d0d663ba146f5261abcb73cf7b2"
      "a4" },
    { TRANSIT_CHACHA20_POLY1305, 32, 12,
      "f32d8d15e03da8dbba60e97dd67d967c0ba427d85dd6f977b980a908c346ae0bb001f09ee9b44eaeafe0dcddfb"
      "20",
      "ff088f42c068975e417b6537f4fdca3012434dc6d59182a9c52e035c9f5cb7a18262a478deef9f3eb225e9b7bd"
      "6b" },
    { TRANSIT_XAES256_GCM, 32, 24,
      "f32d8d15e03da8dbba60e97d64cffdf0768528fcc293e562de388d2ec4be3ea7eb79086877c270e6fd94d8931a"
      "cd5b01700ca833b32102f5444e",
      NULL },
};

static const struct transit_params plainly;

static struct transit_params
in_context(const char *context, bool convergent)
{
    return (struct transit_params){ .context = text(context),
                                    .derived = true,
                                    .convergent = convergent };
}

static struct transit_params
with_data(const char *associated)
{
    return (struct transit_params){ .associated = text(associated) };
}

static tsec_rc
decrypts(const struct transit_material *material, const struct transit_params *params,
         struct tsec_span sealed, const char *wanted)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1 << 16);
    struct tsec_err err = { 0 };

    tsec_buf_put_str(&out, "before ");

    const tsec_rc rc = transit_decrypt(material, params, sealed, &out, &err);
    const struct tsec_span added = tsec_span(out.ptr + 7, out.len - 7);

    CU_ASSERT_TRUE(tsec_failed(rc) ? out.len == 7 : tsec_span_is(added, wanted));
    if (rc.code == TSEC_E_TAMPERED && transit_material_pair(material) == NULL) {
        CU_ASSERT_STRING_EQUAL(err.detail, "cipher: message authentication failed");
    }
    return rc;
}

static const char *
refusal_to_encrypt(const struct transit_material *material, const struct transit_params *params)
{
    static struct tsec_err err;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1 << 16);

    EXPECT_CODE(transit_encrypt(material, params, text("p"), &out, &err), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(out.len, 0);
    return err.detail;
}

static const char *
refusal_to_decrypt(const struct transit_material *material, const struct transit_params *params)
{
    static struct tsec_err err;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1 << 16);

    EXPECT_CODE(transit_decrypt(material, params, counting(300), &out, &err), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(out.len, 0);
    return err.detail;
}

static void
what_was_encrypted_decrypts(void)
{
    static const char *const texts[] = { "", "x", "a plaintext of some length" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        AUTO_MATERIAL *material = material_of(kinds[i].type, counting(kinds[i].key_len));
        struct transit_params forms[] = { plainly, with_data("header"), in_context("c", false),
                                          in_context("c", true), in_context("c", true) };

        forms[4].associated = text("header");
        for (size_t j = 0; j < TSEC_ARRAY_LEN(texts) * TSEC_ARRAY_LEN(forms); j++) {
            const struct transit_params *params = &forms[j % TSEC_ARRAY_LEN(forms)];
            const char *plain = texts[j / TSEC_ARRAY_LEN(forms)];
            TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(1 << 16);

            tsec_buf_put_byte(&sealed, '!'); /* appends */
            OK(transit_encrypt(material, params, text(plain), &sealed, NULL));
            CU_ASSERT_EQUAL(sealed.len, 1 + kinds[i].nonce_len + strlen(plain) + 16);
            EXPECT_CODE(
                decrypts(material, params, tsec_span(sealed.ptr + 1, sealed.len - 1), plain), 0);
        }
    }
}

static void
ciphertexts_of_derived_keys_are_those_of_vault(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        AUTO_MATERIAL *material = material_of(kinds[i].type, counting(kinds[i].key_len));
        const struct transit_params params = in_context("user-4711", true);
        TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(1 << 16);

        OK(transit_encrypt(material, &params, text("the same plaintext"), &sealed, NULL));
        CU_ASSERT_TRUE(is_hex(tsec_buf_span(&sealed), kinds[i].convergent));
        EXPECT_CODE(decrypts(material, &params, tsec_buf_span(&sealed), "the same plaintext"), 0);
        if (kinds[i].derived != NULL) {
            const struct transit_params derived = in_context("user-4711", false);
            uint8_t theirs[46];

            CU_ASSERT_TRUE_FATAL(tsec_hex_decode(text(kinds[i].derived), theirs, sizeof(theirs)));
            EXPECT_CODE(decrypts(material, &derived, tsec_span(theirs, sizeof(theirs)),
                                 "the same plaintext"),
                        0);
        }
    }
}

static void
only_convergent_keys_repeat_themselves(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        AUTO_MATERIAL *material = material_of(kinds[i].type, counting(kinds[i].key_len));
        const struct transit_params forms[] = { plainly, in_context("c", false),
                                                in_context("c", true) };

        for (size_t j = 0; j < TSEC_ARRAY_LEN(forms); j++) {
            TSEC_AUTO_BUF struct tsec_buf one = TSEC_BUF_INIT(256);
            TSEC_AUTO_BUF struct tsec_buf two = TSEC_BUF_INIT(256);

            OK(transit_encrypt(material, &forms[j], text("p"), &one, NULL));
            OK(transit_encrypt(material, &forms[j], text("p"), &two, NULL));
            CU_ASSERT_EQUAL(tsec_span_equal(tsec_buf_span(&one), tsec_buf_span(&two)),
                            forms[j].convergent);
        }
    }
}

/* Where GCM sees one nonce with two different inputs, its authentication key can be computed. */
static void
associated_data_makes_another_nonce_of_a_convergent_key(void)
{
    static const struct {
        const char *associated;
        const char *plain;
    } inputs[] = { { "", "p" },  { "a", "p" }, { "b", "p" },
                   { "ap", "" }, { "", "ap" }, { "", "\0\0\0\0\0\0\0\1ap" } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        AUTO_MATERIAL *material = material_of(kinds[i].type, counting(kinds[i].key_len));
        uint8_t nonces[TSEC_ARRAY_LEN(inputs)][12];

        for (size_t j = 0; j < 2 * TSEC_ARRAY_LEN(inputs); j++) {
            const size_t at = j % TSEC_ARRAY_LEN(inputs);
            struct transit_params params = in_context("c", true);
            TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(256);
            const size_t len = at == 5 ? 10 : strlen(inputs[at].plain);

            params.associated = text(inputs[at].associated);
            OK(transit_encrypt(material, &params, tsec_span(inputs[at].plain, len), &sealed, NULL));
            for (size_t other = 0; j < TSEC_ARRAY_LEN(inputs) && other < at; other++) {
                CU_ASSERT_FALSE(
                    tsec_span_equal(tsec_span(nonces[other], 12), tsec_span(sealed.ptr, 12)));
            }
            CU_ASSERT_TRUE(
                j < TSEC_ARRAY_LEN(inputs) /* the second time as the first */
                || tsec_span_equal(tsec_span(nonces[at], 12), tsec_span(sealed.ptr, 12)));
            memcpy(nonces[at], sealed.ptr, 12);
        }
    }
}

static void
every_bit_and_every_length_counts(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        AUTO_MATERIAL *material = material_of(kinds[i].type, counting(kinds[i].key_len));
        TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(256);

        OK(transit_encrypt(material, &plainly, text("plaintext"), &sealed, NULL));
        for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
            sealed.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
            EXPECT_CODE(decrypts(material, &plainly, tsec_buf_span(&sealed), ""), TSEC_E_TAMPERED);
            sealed.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        for (size_t len = 0; len < sealed.len; len++) {
            EXPECT_CODE(decrypts(material, &plainly, tsec_span(sealed.ptr, len), ""),
                        len < kinds[i].nonce_len ? TSEC_E_INVALID : TSEC_E_TAMPERED);
        }
        EXPECT_CODE(decrypts(material, &plainly, tsec_buf_span(&sealed), "plaintext"), 0);
    }
}

static void
another_key_context_or_header_does_not_open_it(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        AUTO_MATERIAL *material = material_of(kinds[i].type, counting(kinds[i].key_len));
        AUTO_MATERIAL *other = material_made(kinds[i].type, false);
        const struct transit_params right = { .context = text("user-1"),
                                              .associated = text("header"),
                                              .derived = true };
        struct transit_params wrong[4] = { right, right, right, right };
        TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(256);

        wrong[0].context = text("user-2");
        wrong[1].context = text("user-1\n");
        wrong[2].associated = text("Header");
        wrong[3].associated = text("");
        OK(transit_encrypt(material, &right, text("p"), &sealed, NULL));
        EXPECT_CODE(decrypts(material, &right, tsec_buf_span(&sealed), "p"), 0);
        EXPECT_CODE(decrypts(other, &right, tsec_buf_span(&sealed), "p"), TSEC_E_TAMPERED);
        for (size_t j = 0; j < TSEC_ARRAY_LEN(wrong); j++) {
            EXPECT_CODE(decrypts(material, &wrong[j], tsec_buf_span(&sealed), ""), TSEC_E_TAMPERED);
        }
    }
}

static void
a_derived_key_demands_a_context_and_others_refuse_it(void)
{
    AUTO_MATERIAL *material = material_of(TRANSIT_AES256_GCM96, counting(32));
    const struct transit_params none = in_context("", false);
    const struct transit_params surplus = { .context = text("c") };
    const struct transit_params undone = { .convergent = true };
    static const char missing[] =
        "missing 'context' for key derivation; the key was created using a derived key, which "
        "means additional, per-request information must be included in order to perform operations "
        "with the key";

    CU_ASSERT_STRING_EQUAL(refusal_to_encrypt(material, &none), missing);
    CU_ASSERT_STRING_EQUAL(refusal_to_decrypt(material, &none), missing);
    CU_ASSERT_STRING_EQUAL(refusal_to_encrypt(material, &surplus),
                           "'context' provided for a key that is not derived");
    CU_ASSERT_STRING_EQUAL(refusal_to_decrypt(material, &surplus),
                           "'context' provided for a key that is not derived");
    CU_ASSERT_STRING_EQUAL(refusal_to_encrypt(material, &undone),
                           "convergent encryption requires derivation");
}

static void
keys_that_sign_or_authenticate_do_not_encrypt(void)
{
    static const enum transit_type types[] = { TRANSIT_ED25519,         TRANSIT_ECDSA_P256,
                                               TRANSIT_ECDSA_P384,      TRANSIT_ECDSA_P521,
                                               TRANSIT_ECDSA_SECP256K1, TRANSIT_HMAC };
    char wanted[128];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        AUTO_MATERIAL *material = material_made(types[i], false);
        const char *name = transit_traits(types[i])->name;

        (void)snprintf(wanted, sizeof(wanted), "message encryption not supported for key type %s",
                       name);
        CU_ASSERT_STRING_EQUAL(refusal_to_encrypt(material, &plainly), wanted);
        (void)snprintf(wanted, sizeof(wanted), "message decryption not supported for key type %s",
                       name);
        CU_ASSERT_STRING_EQUAL(refusal_to_decrypt(material, &plainly), wanted);
    }
}

static void
rsa_opens_what_its_public_half_sealed(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct transit_fresh fresh = { 0 };
    struct transit_version version = { .number = 1 };
    const struct transit_params header = with_data("header");
    const struct transit_params context = in_context("c", false);
    AUTO_MATERIAL *whole = NULL;
    AUTO_MATERIAL *half = NULL;
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf longest = TSEC_BUF_INIT(1024);
    static const uint8_t zeroes[192];

    OK(tsec_arena_new(1 << 20, &arena, NULL));
    OK(transit_make(TRANSIT_RSA_2048, 0, arena, &fresh, NULL));
    version.spki = fresh.spki;
    OK(transit_material_new(TRANSIT_RSA_2048, &version, &half, NULL));
    version.material = fresh.material;
    OK(transit_material_new(TRANSIT_RSA_2048, &version, &whole, NULL));

    OK(transit_encrypt(half, &plainly, text("plaintext"), &sealed, NULL));
    CU_ASSERT_EQUAL(sealed.len, 256);
    EXPECT_CODE(decrypts(whole, &plainly, tsec_buf_span(&sealed), "plaintext"), 0);
    EXPECT_CODE(decrypts(half, &plainly, tsec_buf_span(&sealed), ""), TSEC_E_INVALID);
    EXPECT_CODE(decrypts(whole, &plainly, tsec_span(sealed.ptr, 255), ""), TSEC_E_TAMPERED);
    sealed.ptr[200] ^= 1;
    EXPECT_CODE(decrypts(whole, &plainly, tsec_buf_span(&sealed), ""), TSEC_E_TAMPERED);

    OK(transit_encrypt(whole, &plainly, tsec_span(zeroes, 190), &longest, NULL));
    EXPECT_CODE(transit_encrypt(whole, &plainly, tsec_span(zeroes, 191), &longest, NULL),
                TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(refusal_to_encrypt(whole, &header),
                           "'associated_data' provided for non-AEAD cipher suite rsa-2048");
    CU_ASSERT_STRING_EQUAL(refusal_to_encrypt(whole, &context),
                           "derivation not supported for key type rsa-2048");
}

static void
what_does_not_fit_the_buffer_leaves_it_as_it_was(void)
{
    AUTO_MATERIAL *material = material_of(TRANSIT_AES256_GCM96, counting(32));
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(12 + 9 + 16);
    TSEC_AUTO_BUF struct tsec_buf small = TSEC_BUF_INIT(12 + 9 + 16 - 1);
    TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(8);

    OK(transit_encrypt(material, &plainly, text("plaintext"), &sealed, NULL));
    EXPECT_CODE(transit_encrypt(material, &plainly, text("plaintext"), &small, NULL),
                TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(small.len, 0);
    EXPECT_CODE(transit_decrypt(material, &plainly, tsec_buf_span(&sealed), &back, NULL),
                TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(back.len, 0);
}

static const struct test_case cases[] = {
    { "what was encrypted decrypts", what_was_encrypted_decrypts },
    { "ciphertexts of derived keys are those of Vault",
      ciphertexts_of_derived_keys_are_those_of_vault },
    { "only convergent keys repeat themselves", only_convergent_keys_repeat_themselves },
    { "associated data makes another nonce of a convergent key",
      associated_data_makes_another_nonce_of_a_convergent_key },
    { "every bit and every length counts", every_bit_and_every_length_counts },
    { "another key, context or header does not open it",
      another_key_context_or_header_does_not_open_it },
    { "a derived key demands a context and others refuse it",
      a_derived_key_demands_a_context_and_others_refuse_it },
    { "keys that sign or authenticate do not encrypt",
      keys_that_sign_or_authenticate_do_not_encrypt },
    { "RSA opens what its public half sealed", rsa_opens_what_its_public_half_sealed },
    { "what does not fit the buffer leaves it as it was",
      what_does_not_fit_the_buffer_leaves_it_as_it_was },
};

TEST_MAIN("core/transit_crypt", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair.h"

#include "tests/crypto/pair_key.h"

/* RFC 6979 appendix A.2.5 to A.2.7. */

enum { P256 = 0, P384, P521, CURVES };

static const enum tsec_pair_kind kinds[CURVES] = { TSEC_PAIR_P256, TSEC_PAIR_P384, TSEC_PAIR_P521 };
static const char *const scalars[CURVES] = {
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
    "96d5724e4c70a825f872c9ea60d2edf5",
    "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75"
    "caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b8"
    "3538",
};

static const struct published {
    int curve;
    enum tsec_hash hash;
    const char *message;
    const char *rs;
} published[] = {
    { P256, TSEC_SHA1, "sample",
      "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d326d7f147d"
      "ac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb" },
    { P256, TSEC_SHA224, "sample",
      "53b2fff5d1752b2c689df257c04c40a587fababb3f6fc2702f1343af7ca9aa3fb9afb64f"
      "dc03dc1a131c7d2386d11e349f070aa432a4acc918bea988bf75c74c" },
    { P256, TSEC_SHA256, "sample",
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c94"
      "2d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
    { P256, TSEC_SHA384, "sample",
      "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef77194861f049"
      "1e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954" },
    { P256, TSEC_SHA512, "sample",
      "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f002362ab1a"
      "dbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe" },
    { P256, TSEC_SHA1, "test",
      "0cbcc86fd6abd1d99e703e1ec50069ee5c0b4ba4b9ac60e409e8ec5910d81a8901b9d7b7"
      "3dfaa60d5651ec4591a0136f87653e0fd780c3b1bc872ffdeae479b1" },
    { P256, TSEC_SHA224, "test",
      "c37edb6f0ae79d47c3c27e962fa269bb4f441770357e114ee511f662ec34a692c820053a"
      "05791e521fcaad6042d40aea1d6b1a540138558f47d0719800e18f2d" },
    { P256, TSEC_SHA256, "test",
      "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113"
      "742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
    { P256, TSEC_SHA384, "test",
      "83910e8b48bb0c74244ebdf7f07a1c5413d61472bd941ef3920e623fbccebeb68ddbec54"
      "cf8cd5874883841d712142a56a8d0f218f5003cb0296b6b509619f2c" },
    { P256, TSEC_SHA512, "test",
      "461d93f31b6540894788fd206c07cfa0cc35f46fa3c91816fff1040ad1581a0439af9f15"
      "de0db8d97e72719c74820d304ce5226e32dedae67519e840d1194e55" },
    { P384, TSEC_SHA1, "sample",
      "ec748d839243d6fbef4fc5c4859a7dffd7f3abddf72014540c16d73309834fa37b9ba002"
      "899f6fda3a4a9386790d4eb2a3bcfa947beef4732bf247ac17f71676cb31a847b9ff0cbc"
      "9c9ed4c1a5b3facf26f49ca031d4857570ccb5ca4424a443" },
    { P384, TSEC_SHA224, "sample",
      "42356e76b55a6d9b4631c865445dbe54e056d3b3431766d0509244793c3f9366450f76ee"
      "3de43f5a125333a6be0601229da0c81787064021e78df658f2fbb0b042bf304665db721f"
      "077a4298b095e4834c082c03d83028efbf93a3c23940ca8d" },
    { P384, TSEC_SHA256, "sample",
      "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888"
      "e63355d92fa2b3c36d8fb2cdf3aa443fb107745bf4bd77cb3891674632068a10ca67e3d4"
      "5db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0" },
    { P384, TSEC_SHA384, "sample",
      "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a64815"
      "2e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526"
      "203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8" },
    { P384, TSEC_SHA512, "sample",
      "ed0959d5880ab2d869ae7f6c2915c6d60f96507f9cb3e047c0046861da4a799cfe30f35c"
      "c900056d7c99cd7882433709512c8cceee3890a84058ce1e22dbc2198f42323ce8aca913"
      "5329f03c068e5112dc7cc3ef3446defceb01a45c2667fdd5" },
    { P384, TSEC_SHA1, "test",
      "4bc35d3a50ef4e30576f58cd96ce6bf638025ee624004a1f7789a8b8e43d0678acd9d298"
      "76daf46638645f7f404b11c7d5a6326c494ed3ff614703878961c0fde7b2c278f9a65fd8"
      "c4b7186201a2991695ba1c84541327e966fa7b50f7382282" },
    { P384, TSEC_SHA224, "test",
      "e8c9d0b6ea72a0e7837fea1d14a1a9557f29faa45d3e7ee888fc5bf954b5e62464a9a817"
      "c47ff78b8c11066b24080e7207041d4a7a0379ac7232ff72e6f77b6ddb8f09b16cce0ec3"
      "286b2bd43fa8c6141c53ea5abef0d8231077a04540a96b66" },
    { P384, TSEC_SHA256, "test",
      "6d6defac9ab64dabafe36c6bf510352a4cc27001263638e5b16d9bb51d451559f918eeda"
      "f2293be5b475cc8f0188636b2d46f3becbcc523d5f1a1256bf0c9b024d879ba9e838144c"
      "8ba6baeb4b53b47d51ab373f9845c0514eefb14024787265" },
    { P384, TSEC_SHA384, "test",
      "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0"
      "812998da8f1dd3ca3cf023dbddd0760448d42d8a43af45af836fce4de8be06b485e9b61b"
      "827c2f13173923e06a739f040649a667bf3b828246baa5a5" },
    { P384, TSEC_SHA512, "test",
      "a0d5d090c9980faf3c2ce57b7ae951d31977dd11c775d314af55f76c676447d06fb6495c"
      "d21b4b6e340fc236584fb277976984e59b4c77b0e8e4460dca3d9f20e07b9bb1f63beefa"
      "f576f6b2e8b224634a2092cd3792e0159ad9cee37659c736" },
    { P521, TSEC_SHA1, "sample",
      "00343b6ec45728975ea5cba6659bbb6062a5ff89eea58be3c80b619f322c87910fe092f7"
      "d45bb0f8eee01ed3f20babec079d202ae677b243ab40b5431d497c55d75d00e7b0e675a9"
      "b24413d448b8cc119d2bf7b2d2df032741c096634d6d65d0dbe3d5694625fb9e8104d3b8"
      "42c1b0e2d0b98bea19341e8676aef66ae4eba3d5475d5d16" },
    { P521, TSEC_SHA224, "sample",
      "01776331cfcdf927d666e032e00cf776187bc9fdd8e69d0dabb4109ffe1b5e2a30715f4c"
      "c923a4a5e94d2503e9acfed92857b7f31d7152e0f8c00c15ff3d87e2ed2e0050cb526541"
      "7fe2320bbb5a122b8e1a32bd699089851128e360e620a30c7e17ba41a666af126ce100e5"
      "799b153b60528d5300d08489ca9178fb610a2006c254b41f" },
    { P521, TSEC_SHA256, "sample",
      "01511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b3526012659d16876e"
      "25c7c1e57648f23b73564d67f61c6f14d527d54972810421e7d87589e1a7004a171143a8"
      "3163d6df460aaf61522695f207a58b95c0644d87e52aa1a347916e4f7a72930b1bc06dbe"
      "22ce3f58264afd23704cbb63b29b931f7de6c9d949a7ecfc" },
    { P521, TSEC_SHA384, "sample",
      "01ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b4b576ad7"
      "12a52be9730627d16054ba40cc0b8d3ff035b12ae75168397f5d50c6745101f21a3cee06"
      "6e1961025fb048bd5fe2b7924d0cd797babe0a83b66f1e35eeaf5fde143fa85dc394a7de"
      "e766523393784484bdf3e00114a1c857cde1aa203db65d61" },
    { P521, TSEC_SHA512, "sample",
      "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1"
      "ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5"
      "064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723"
      "d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a" },
    { P521, TSEC_SHA1, "test",
      "013bad9f29abe20de37ebeb823c252ca0f63361284015a3bf430a46aaa80b87b0693f069"
      "4bd88afe4e661fc33b094cd3b7963bed5a727ed8bd6a3a202abe009d036701e9bb81ff79"
      "44ca409ad138dbbee228e1afcc0c890fc78ec8604639cb0dbdc90f717a99ead9d272855d"
      "00162ee9527567dd6a92cbd629805c0445282bbc916797ff" },
    { P521, TSEC_SHA224, "test",
      "01c7ed902e123e6815546065a2c4af977b22aa8eaddb68b2c1110e7ea44d42086bfe4a34"
      "b67ddc0e17e96536e358219b23a706c6a6e16ba77b65e1c595d43cae17fb017733667630"
      "4fcb343ce028b38e7b4fba76c1c1b277da18cad2a8478b2a9a9f5bec0f3ba04f35db3e42"
      "63569ec6aade8c92746e4c82f8299ae1b8f1739f8fd519a4" },
    { P521, TSEC_SHA256, "test",
      "000e871c4a14f993c6c7369501900c4bc1e9c7b0b4ba44e04868b30b41d8071042eb28c4"
      "c250411d0ce08cd197e4188ea4876f279f90b3d8d74a3c76e6f1e4656aa800cd52dbaa33"
      "b063c3a6cd8058a1fb0a46a4754b034fcc644766ca14da8ca5ca9fde00e88c1ad60ccba7"
      "59025299079d7a427ec3cc5b619bfbc828e7769bcd694e86" },
    { P521, TSEC_SHA384, "test",
      "014bee21a18b6d8b3c93fab08d43e739707953244fdbe924fa926d76669e7ac8c89df62e"
      "d8975c2d8397a65a49dcc09f6b0ac62272741924d479354d74ff6075578c0133330865c0"
      "67a0eaf72362a65e2d7bc4e461e8c8995c3b6226a21bd1aa78f0ed94fe536a0dca35534f"
      "0cd1510c41525d163fe9d74d134881e35141ed5e8e95b979" },
    { P521, TSEC_SHA512, "test",
      "013e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10cdb9348"
      "2fdcc54edcee91eca4166b2a7c6265ef0ce2bd7051b7cef945babd47ee6d01fbd0013c67"
      "4aa79cb39849527916ce301c66ea7ce8b80682786ad60f98f7e78a19ca69eff5c57400e3"
      "b3a0ad66ce0978214d13baf4e9ac60752f7b155e2de4dce3" },
};

static struct tsec_signing
how_of(enum tsec_hash hash)
{
    return (
        struct tsec_signing){ .hash = hash, .form = TSEC_FORM_RAW, .nonce = TSEC_NONCE_RFC6979 };
}

static void
sign_into(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span input,
          struct tsec_buf *sig)
{
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_sign(pair, how, input, sig, NULL, NULL)));
}

static void
the_published_signatures_come_out(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(published); i++) {
        const struct published *p = &published[i];
        const struct tsec_signing how = how_of(p->hash);
        const struct tsec_span message = tsec_span_str(p->message);
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair =
            pair_of_scalar(kinds[p->curve], scalars[p->curve]);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        sign_into(pair, &how, message, &sig);
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&sig), p->rs));
        CU_ASSERT_FALSE(
            tsec_failed(tsec_pair_verify(pair, &how, message, tsec_buf_span(&sig), NULL)));
    }
}

static void
a_digest_gives_the_signature_of_its_message(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(published); i++) {
        const struct published *p = &published[i];
        const struct tsec_span message = tsec_span_str(p->message);
        struct tsec_signing how = how_of(p->hash);
        uint8_t digest[TSEC_SHA512_LEN];
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair =
            pair_of_scalar(kinds[p->curve], scalars[p->curve]);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        tsec_hash_parts(p->hash, &message, 1, digest);
        how.prehashed = true;
        sign_into(pair, &how, tsec_span(digest, tsec_hash_len(p->hash)), &sig);
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&sig), p->rs));
    }
}

static void
the_same_message_gives_the_same_signature_and_hedged_ones_differ(void)
{
    for (size_t i = 0; i < CURVES; i++) {
        struct tsec_signing how = how_of(TSEC_SHA3_256);
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = pair_of_scalar(kinds[i], scalars[i]);
        TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        TSEC_AUTO_BUF struct tsec_buf second = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        TSEC_AUTO_BUF struct tsec_buf hedged = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        sign_into(pair, &how, tsec_span_str("x"), &first);
        sign_into(pair, &how, tsec_span_str("x"), &second);
        how.nonce = TSEC_NONCE_HEDGED;
        sign_into(pair, &how, tsec_span_str("x"), &hedged);
        sign_into(pair, &how, tsec_span_str("x"), &again);
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&first), tsec_buf_span(&second)));
        CU_ASSERT_FALSE(tsec_span_equal(tsec_buf_span(&first), tsec_buf_span(&hedged)));
        CU_ASSERT_FALSE(tsec_span_equal(tsec_buf_span(&hedged), tsec_buf_span(&again)));
    }
}

static void
a_low_s_is_the_other_root_of_a_high_one(void)
{
    /* A.2.5, SHA-256, "sample": s is f7cb... */
    static const char low[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                              "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9";
    struct tsec_signing how = how_of(TSEC_SHA256);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair =
        pair_of_scalar(TSEC_PAIR_P256, scalars[P256]);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    how.low_s = true;
    sign_into(pair, &how, tsec_span_str("sample"), &sig);
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&sig), low));
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_verify(pair, &how, tsec_span_str("sample"), tsec_buf_span(&sig), NULL)));
}

static void
who_demands_a_low_s_takes_no_high_one(void)
{
    struct tsec_signing how = how_of(TSEC_SHA256);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair =
        pair_of_scalar(TSEC_PAIR_P256, scalars[P256]);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    const struct tsec_span sample = tsec_span_str("sample");

    sign_into(pair, &how, sample, &sig);
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_verify(pair, &how, sample, tsec_buf_span(&sig), NULL)));
    how.low_s = true;
    CU_ASSERT_EQUAL(tsec_pair_verify(pair, &how, sample, tsec_buf_span(&sig), NULL).code,
                    TSEC_E_DENIED);
    memset(sig.ptr + 32, 0xff, 32); /* beyond the order */
    CU_ASSERT_EQUAL(tsec_pair_verify(pair, &how, sample, tsec_buf_span(&sig), NULL).code,
                    TSEC_E_DENIED);
}

/* C2SP's vector: the first candidate is not below the order. */
static void
a_candidate_that_is_too_great_is_passed_over(void)
{
    const struct tsec_signing how = how_of(TSEC_SHA256);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair =
        pair_of_scalar(TSEC_PAIR_P256, scalars[P256]);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    sign_into(pair, &how, tsec_span_str("wv[vnX"), &sig);
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&sig),
                             "efd9073b652e76da1b5a019c0e4a2e3fa529b035a6abb91ef67f0ed7a1f21234"
                             "3db4706c9d9f4a4fe13bb5e08ef0fab53a57dbab2061c83a35fa411c68d2ba33"));
}

static const struct test_case cases[] = {
    { "the published signatures come out", the_published_signatures_come_out },
    { "a digest gives the signature of its message", a_digest_gives_the_signature_of_its_message },
    { "the same message gives the same signature, and hedged ones differ",
      the_same_message_gives_the_same_signature_and_hedged_ones_differ },
    { "a candidate that is too great is passed over",
      a_candidate_that_is_too_great_is_passed_over },
    { "a low s is the other root of a high one", a_low_s_is_the_other_root_of_a_high_one },
    { "who demands a low s takes no high one", who_demands_a_low_s_takes_no_high_one },
};

TEST_MAIN("crypto/pair_ec_rfc6979", cases)

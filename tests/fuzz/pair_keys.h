/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/fuzz/pair_keys.h
 * @brief Keys that the corpora of the harnesses of pairs were made with: known to everybody.
 */
#ifndef TSEC_TESTS_FUZZ_PAIR_KEYS_H
#define TSEC_TESTS_FUZZ_PAIR_KEYS_H

#include "base/hex.h"
#include "crypto/pair.h"
#include "tests/fuzz/fuzz.h"

enum { PAIR_KEYS = 6 };

/** PKCS #8; RSA, whose numbers are long, has its SubjectPublicKeyInfo alone. */
static const struct pair_key {
    enum tsec_pair_kind kind;
    const char *hex;
} pair_keys[PAIR_KEYS] = {
    { TSEC_PAIR_ED25519,
      "302e020100300506032b657004220420000102030405060708090a0b0c0d0e0f1011121314151617"
      "18191a1b1c1d1e1f" },
    { TSEC_PAIR_P256,
      "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b020101042011111111"
      "11111111111111111111111111111111111111111111111111111107a14403420004c5a3a4ed10ca"
      "34e528bcc56916556dd7289b8a67f372af3bf6453de8c08266f2f757a553c3bb97115876e891490b"
      "46843b8e0a12ac58ac21161e24f21e13bfe3" },
    { TSEC_PAIR_P384,
      "3081b6020100301006072a8648ce3d020106052b8104002204819e30819b02010104300000000000"
      "00000000000000000000001111111111111111111111111111111111111111111111111111111111"
      "111107a16403620004f0334c07f1ad439c9ea5704509aa9dae56bcc624153b529e0e034ba0086550"
      "f51b072145cc8a3ca94aa62ce63ece2589e140821935151b8e382259bf1f9b87e7f8ab15e5ffcf5d"
      "691d571826b620de54ea63e6f9b2fb605bebf62c41560d5f5c" },
    { TSEC_PAIR_P521,
      "3081ee020100301006072a8648ce3d020106052b810400230481d63081d302010104420000000000"
      "00000000000000000000000000000000000000000000000000000000001111111111111111111111"
      "111111111111111111111111111111111111111107a181890381860004005cc5709da9a15ed2896e"
      "7537a19e1d76ecf2c7be843fd09854885d79960b934baa8f61fb4a8830a97f8073df9e41e420cbde"
      "ed329ae145e19bc243a4acad80e24d015a165001575b034d8ae97edd1592cf0f93124e008a42053c"
      "6cf9291bf73e9c3ac6b8cf85c00750395722721ccf11b4088f227c1f9bf2dcd132d6505291ba9573"
      "2d" },
    { TSEC_PAIR_SECP256K1,
      "308184020100301006072a8648ce3d020106052b8104000a046d306b020101042011111111111111"
      "11111111111111111111111111111111111111111111111107a14403420004d0d53f66d8511e78d1"
      "903193505a39df2a95a33dc4417e046f642debe3cf1e3767971df7a8dc6e3b769064dd46d3c659b4"
      "acf1b8a81f7542f8ea2729ba54ff93" },
    { TSEC_PAIR_RSA2048,
      "30820122300d06092a864886f70d01010105000382010f003082010a0282010100dab17268fb7319"
      "0c07e2ea6f01b39cd447738365d2233e7fc6b5bdc368369084bda85b71dc012f1bd524aa0c89e48f"
      "3d55704c9f33cf93f80272f8491de1a6ae1f878ae08eb0cc6f8c5c7c0f67f59ec37c6e5d424522bd"
      "640407c89363dcb0c6581f6955bec53b01caf3d52b5d2876dc132c9d7eb040b1d336cbf2f10db5be"
      "8e2e1485358b0b8d9ecd5821f3769ab92d7c156879311a89f5b5931b59b8a83bf618d199de06335d"
      "e24e671fa30f7ee0ee0e11bb3669d10da6657f41298a2ffd298f866489e22b529ae99a551a006d87"
      "2f3667c52ba1ff11c6ac01e4f3d77128d6e5ac6ab27ed16c360961eccf1548a4161b7ca78a57d376"
      "bf94b45f7c0c6bc6130203010001" },
};

/** Of one of them; the caller's. */
static inline struct tsec_pair *
pair_key(size_t i)
{
    const struct tsec_span hex = tsec_span_str(pair_keys[i].hex);
    uint8_t der[512];
    const struct tsec_span span = { der, hex.len / 2 };
    struct tsec_pair *pair = NULL;

    FUZZ_ASSERT(span.len <= sizeof(der) && tsec_hex_decode(hex, der, span.len));
    FUZZ_ASSERT(!tsec_failed(tsec_pair_kind_is_rsa(pair_keys[i].kind)
                                 ? tsec_pair_from_spki(pair_keys[i].kind, span, &pair, NULL)
                                 : tsec_pair_open(pair_keys[i].kind, span, &pair, NULL)));
    return pair;
}

#endif

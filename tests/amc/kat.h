/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/amc/kat.h
 * @brief Known answers of one handshake, one message and one rekey of amc-v1, in hex; texts as they
 * are.
 *
 * Made by an implementation in Python that shares nothing with this one.  Private scalars are the
 * first 47 bytes of SHA-384 of a label each ("KAT initiator ephemeral" and so on); nonces and the
 * channel's id count up from 0: the initiator's, the responder's, the id.
 */
#ifndef TSEC_TESTS_AMC_KAT_H
#define TSEC_TESTS_AMC_KAT_H

#define KAT_SCALAR_I                                                                           \
    "00231ed73cf2ec1e181432174ee6fcf3055681cfe793adc07bf6d25a5e4e3c6220d81a1f2559b35120ea7554" \
    "1dc67f86"
#define KAT_SCALAR_R                                                                           \
    "000709a699a77e315e14f2cc7a853f083532757211cd71db9ecb8d190769277f264f2b296c292b4b84182b0d" \
    "1117a303"
#define KAT_SCALAR_ID                                                                          \
    "0066c7a82759906282818bb14e320f7d757fbabafebba7021f6f2bbccd102f676c9b29ab2134a8090e021d1c" \
    "94841d99"
#define KAT_SCALAR_I2                                                                          \
    "00b098afa35790c5253b696832c755c0415aaa470a5c478d72df3511e4860974717dca88b5db912aa43ff0a6" \
    "e0b8cb0e"
#define KAT_SCALAR_R2                                                                          \
    "00946f769daa0db2024c177a4b5f5690cedd2206494c400f046508b95c936e03bbfbd2fb84b0af4e07ce17ed" \
    "eaece89a"
#define KAT_B1                                                                                     \
    "{\"v\":1,\"suite\":\"P384-A256GCM-SHA384\",\"nonce\":"                                        \
    "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh"                                                 \
    "8\",\"eph\":\"BK3wzC8CPZ5whSQmVFVgMSS5EDR73L804m3z-62ekO0sDWCM3jJpe5auPqLaz5oEIYRW4anNI3-8Ml" \
    "C_MvAeZWglzOFjzPrQ10vYLINB16YdWveBMWV-PfVYVPzjFX7bIA\",\"accept\":[\"nitro\",\"snp\"],"       \
    "\"aud\":\"te"                                                                                 \
    "e-secrets/prod\"}"
#define KAT_B2                                                                                     \
    "{\"v\":1,\"suite\":\"P384-A256GCM-SHA384\",\"cid\":\"QEFCQ0RFRkdISUpLTE1OTw\",\"nonce\":"     \
    "\"ICEiIyQlJic"                                                                                \
    "oKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8\",\"eph\":\"BABlYtOQ13xlQLCbJLI19zDtLMbTcdlBkPnVSXgWT0_BOTm" \
    "pjsH-CP32Tpa9wnLDL7VyPS6S8RNlv7pHXljMmj-PSZen2poXcaCM4o16QoOl3b-FaWEPbSiA5HVu7iOX1A\",\"id"   \
    "\":\"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAETFVOYku44ARI2o2bvnl1d5K668Ac-BztqM4rRC1m6iuzzSu9ytZUt"   \
    "xptV-f6dhZLQTr6Ks3qfYHUwCRDiSixKoQykIbXjP6csvqMo4MlT4LgKxSeNo0f022uDtdFaV3E\",\"policy\":\"0" \
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"     \
    "0000000\",\"bind\":\"raw48\"}"
#define KAT_ER "{\"tee\":\"sample\",\"body\":\"R\"}"
#define KAT_EI "{\"tee\":\"sample\",\"body\":\"I\"}"
#define KAT_S  "{\"rekey_after\":3600,\"ttl\":28800}"
#define KAT_R1                                                                                     \
    "{\"eph\":\"BOC6aescq6TMDufEW8rgFtsCGhvTgbenZ91vqL7LdjoRBnPZvOt0IVvMRgfekIVcgvQKr_iU2xBnu4Km"  \
    "cJMsVX9bdV9fD5gYRwb9MGtI71HQsVHzhSNneMMJmXbXKNSMwA\",\"nonce\":\"YGFiY2RlZmdoaWprbG1ub3BxcnN" \
    "0dXZ3eHl6e3x9fn8\"}"
#define KAT_R2                                                                                     \
    "{\"eph\":\"BGVbPLOVnHzNrfsWxK3SvXO9sYXgdVE57A7h6TnJjSYQqzbc7vHNJdExkAn5fNkqsY8JNxmwHj1NhPgM"  \
    "wbDRjQZxEchlGxZ2SmIep3amov0x9TWij8Iu1E1-dIcG3MiWmg\",\"nonce\":\"gIGCg4SFhoeIiYqLjI2Oj5CRkpO" \
    "UlZaXmJmam5ydnp8\"}"
#define KAT_SS                                                                                 \
    "117705a86ab29acd1d0543b5f8d69c9de667d6952bd8b1212fe5e86c54469e5a461f1172ccc9a89438f8451b" \
    "8e02ced1"
#define KAT_TH1                                                                                \
    "a89e45d9bf448ad64a6e2021693b39c56f3f5aafbc9700a69f4269e81328f2ec71b46b24849dd0ffeeb7af20" \
    "46f47aab"
#define KAT_PRK                                                                                \
    "727e87ca25d345697fce6668443a0c722ed2972d885248da4737c1f23d2a5279e2ce1f2e3a85aff0db58978e" \
    "fdad45a9"
#define KAT_BINDER_R                                                                           \
    "234e6a549f4a93d5b7c8cdf92c020ceed9162e13ede9db2abd62d3078d879c0335a54fb7da4f6214caf1683b" \
    "6d5dcc8c"
#define KAT_BIND_R                                                                             \
    "f5026730c929862b9f32aab1a47d4718cc624941174e80915979e6f825f41ba87b1a12111bffcbc6808083bc" \
    "29118f2c"
#define KAT_HS_R "96e8a6d394b57a7bbb3a609aaa3ddf1b1c1f9ab14c8137feec583537f0831235"
#define KAT_ENC_R \
    "44112112eae37531e7fd00e721f10ea1d67ee70f09715e7a9a58c4baa354bb7f91e9653aaafaf56ca545a8"
#define KAT_TH2                                                                                \
    "b2921677c87caab3d393e89dc8121707cf69d15f66f94225e36fc9129d25022f0c3a4c03239519ee40434426" \
    "0edbb8a1"
#define KAT_BINDER_I                                                                           \
    "2b10bcabc6e882dd957d316f0f7aa815172d70ddf4a1e76a2718bf9c19ac0b5092121a218cb84ed99c732f24" \
    "6ab4082b"
#define KAT_BIND_I                                                                             \
    "abffe0280a7579d35a3457c06e407f9118e966d13e341e51d62ad798cd9a61a3f1d0848fc64125f12d479216" \
    "2926a1d4"
#define KAT_HS_I "b65243465f049b3b15b6a72cb56e56a1a0828d60d4e0838b513dc65e0b058e0e"
#define KAT_ENC_I \
    "2cf3d0a78cd52df57c05b516054d9f8fbfb1833c33e80c6fa19dff0b32bdaf57fa3b0325777b43d4397e44"
#define KAT_TH3                                                                                \
    "ed1697e2ecfaa566a2f7f4f23874485e93df4fcd83bc7305dfcffe913b7bdbae45b0ef88e7069dbf4c60e8ae" \
    "220e2dc2"
#define KAT_FIN_I                                                                              \
    "22e1f13c1bd8e9531f2a437aa2293a777d70b8f4329aa53848943901b960263022cbbdc97d27c1d863b1fabf" \
    "377375d4"
#define KAT_FIN_R                                                                              \
    "f43270478c1cd89b09354046a17502ff30493d73738e7c14e1796e403fcc076abb7a30b25b5c7eabd5ec0879" \
    "8569e1e7"
#define KAT_MASTER                                                                             \
    "a8ebff25d5bc8e600b65cc6e7be95d62a7352fe598d5b178fa5c6b55a2df8b2df70787b2bcf662e265fb7bf0" \
    "b5e389da"
#define KAT_AAD                                                                                \
    "000000127465652d736563726574732d616d632d7631000000036d736700000010404142434445464748494a" \
    "4b4c4d4e4f0000000000000000000000010000000003474554000000112f76312f7365637265742f64617461" \
    "2f61"
#define KAT_CT "f22bd3c7179669e89b736f86088a07c1a08b"
#define KAT_SS2                                                                                \
    "f3c1010182b62672f592f330a43a8e85ccfdbfd16b83f1ef97f89f1dbd26c6df6c2194684a62f2b5083a9fc2" \
    "4b5e2f6c"
#define KAT_MASTER_1                                                                           \
    "6250f735d4745c8c7ff912ffcd485e7c427706e6859521c81052f0e44fe999b70e941f3618f06223e875afc0" \
    "5cfc80a6"
#define KAT_EXPORTER_1                                                                         \
    "2fcdb5947d1f22e54af4eedf92fa5fe32b15d984c7d940a971ce177323366c92908d07a8d1a4b6d9adce6884" \
    "44c53291"
#define KAT_REBIND_R                                                                           \
    "e03bc82ed2b598869c4e2f5d621a872d5f978c978f17e1a195b907fdf585740aa054c71e395a63840462e8a6" \
    "c08bbc3e"
#define KAT_REBIND_I                                                                           \
    "0226a864adb3edb6204c773d6b3aa3e2b7cf2437f3627f538e6d196326c80af842c7d0c033184003489af370" \
    "76f8ae80"
#define KAT_KEY_I2R "0f2dd1585a039b913279efb88ccc417f2d25f7219f102ecfdf8287da71182a91"
#define KAT_IV_I2R  "43d7308736144c12f23fed37"
#define KAT_KEY_R2I "90fce85c85f8917997e3d61db158457941fcff31403765fdd3cfe390ecdfce35"
#define KAT_IV_R2I  "1d39c9f144a8ab7f53874814"
#define KAT_EXPORTER                                                                           \
    "795fc6439eb99098be4216f04452282776a3ab7fadcb78b4759db10213aca803f5b82627fbbf9f726f919908" \
    "88db038e"
/* The same with a key of a ticket, 48 times 0xa5; R in identity mode at 1700000000; key 3 of a
 * ticket; "[]" in answer to the message; "{}" as the first message after the rekey. */
#define KAT_SPKI_ID                                                                            \
    "3076301006072a8648ce3d020106052b81040022036200044c554e624bb8e00448da8d9bbe79757792baebc0" \
    "1cf81ceda8ce2b442d66ea2bb3cd2bbdcad654b71a6d57e7fa76164b413afa2acdea7d81d4c024438928b12a" \
    "84329086d78cfe9cb2fa8ca383254f82e02b149e368d1fd36dae0ed745695dc4"
#define KAT_POINT_I                                                                            \
    "04adf0cc2f023d9e708524265455603124b910347bdcbf34e26df3fbad9e90ed2c0d608cde32697b96ae3ea2" \
    "dacf9a04218456e1a9cd237fbc3250bf32f01e656825cce163ccfad0d74bd82c8341d7a61d5af78131657e3d" \
    "f55854fce3157edb20"
#define KAT_POINT_R                                                                            \
    "04006562d390d77c6540b09b24b235f730ed2cc6d371d94190f9d54978164f4fc13939a98ec1fe08fdf64e96" \
    "bdc272c32fb5723d2e92f11365bfba475e58cc9a3f8f4997a7da9a1771a08ce28d7a4283a5ddbf8569610f6d" \
    "2880e4756eee2397d4"
#define KAT_PRK_PSK                                                                            \
    "387e56ec8372abeff2c1496021dfdf23c5d6d6a3efae365a5b0f474d370993ad239fdd4c2c4ae31d5046b5ad" \
    "a9c4365f"
#define KAT_IDENTITY_R                                                                         \
    "ebf63ff2588fa1977ebbba6e749a8af2078c6b724a4c48255b28ab2489d5a8b9ef6a51a481632187cb615930" \
    "6ff8ad80"
#define KAT_PSK_3                                                                              \
    "35e23e24042cc0462bc25dca1f67449053bf7ad10b2203fb2d490dec97b55ee6c67dedc5df54306d8bcec227" \
    "e56f36bf"
#define KAT_CT_REPLY "cf36e9b73500c954c8ccc99fca0e47315a83"
#define KAT_CT_1     "9eed9b22b3894c7df1a9e4434c89c711fb52"
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/crypto/jwe_samples.h
 * @brief Keys made for these tests, and messages to them that another implementation wrote (Python,
 * jwcrypto).
 */
#ifndef TSEC_TESTS_CRYPTO_JWE_SAMPLES_H
#define TSEC_TESTS_CRYPTO_JWE_SAMPLES_H

#define JWE_SAMPLE_PLAIN "{\"data\":{\"password\":\"correct horse\"}}"

static const char p256_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVc59I3ApahLuRbFW\n"
                               "lVQ30HMXtElD2SxpBwC2u/HKV6qhRANCAARnZgtygxSmat+AGX+H+X2tnGJlO3JK\n"
                               "85bjRv+gKObt5lruNWKal3scoUeFCFWgOo6DVeFw+QQFxf6AdHJ1OJvG\n"
                               "-----END PRIVATE KEY-----\n";

static const char p256_jwk[] = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"Z2YLcoMUpmrfgBl_h_"
                               "l9rZxiZTtySvOW40b_oCjm7eY\",\"y\":\"Wu4"
                               "1YpqXexyhR4UIVaA6joNV4XD5BAXF_oB0cnU4m8Y\"}";

static const char p256_spki[] =
    "3059301306072a8648ce3d020106082a8648ce3d0301070342000467660b728314a66adf80197f87f97d"
    "ad9c62653b724af396e346ffa028e6ede65aee35629a977b1ca147850855a03a8e8355e170f90405c5fe"
    "80747275389bc6";

static const char p256_jwe[] =
    "eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2IjoiUC0yNTYiLCJr"
    "dHkiOiJFQyIsIngiOiJyZFZsRVFPVWlfZjdRbkIzS1FBWXBoa1VIaVphTkc0U1ktcGwxSWY4UDZvIiwieSI6"
    "IlMtWjh5QWIzV1hIbzBEZi1yUG93aU44VWRTNkNqYkJxY2R2ZE9iaWE5M0EifX0.g4SfAeuiGMrlXzhxIuLF"
    "Pt0XZH3fbcQmxxEnhxFkmf2acKhtST5HjQ.K09hAPoNCCHvcf55.mD9dJ8UnSh9dVZi68o-PCAGqyONAdN0Q"
    "b4sVVXyvaGaOXP4MaA.OKBoMqI8weCCtWTXWINxaA";

static const char p384_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDqh50Jczpp+n3nco8f\n"
                               "U7fsW277mHFOoKC6CuQOXI4ZlnZMOSAGEF1nAJEyixlFJ/qhZANiAAQnW9wSO3Kp\n"
                               "KY5y2dHHOcF0c/WjSJbCpE49LY9mWszyiriVWceCFyH5sJ1V4GqfG6/RWQMT4/Yg\n"
                               "Fnb7bfEaCYCdWBJxqudDr7Uvmly/VqjnTFzh4bFXl9Xml1Cd+rLE/KI=\n"
                               "-----END PRIVATE KEY-----\n";

static const char p384_jwk[] =
    "{\"crv\":\"P-384\",\"kty\":\"EC\",\"x\":"
    "\"J1vcEjtyqSmOctnRxznBdHP1o0iWwqROPS2PZlrM8oq4lVnHghch-"
    "bCdVeBqnxuv\",\"y\":\"0VkDE-P2IBZ2-23xGgmAnVgScarnQ6-1L5pcv1ao50xc4eGxV5fV5pdQnfqyxPyi\"}";

static const char p384_spki[] =
    "3076301006072a8648ce3d020106052b8104002203620004275bdc123b72a9298e72d9d1c739c17473f5"
    "a34896c2a44e3d2d8f665accf28ab89559c7821721f9b09d55e06a9f1bafd1590313e3f6201676fb6df1"
    "1a09809d581271aae743afb52f9a5cbf56a8e74c5ce1e1b15797d5e697509dfab2c4fca2";

static const char p384_jwe[] =
    "eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2IjoiUC0zODQiLCJr"
    "dHkiOiJFQyIsIngiOiIyWjRESjNIY2p0eTBjMG5VUW1sdWRnLWttMWJPWXFsU2dxRGRDR19xM3lQQy1KR3Fr"
    "cFRwWV9MdjZldDN3UlJNIiwieSI6IjBiUDdqU3ExaVFnM0Q0TE92blRGWC04cWhPZEdFTDFPRUJTcDVtSDVU"
    "NmVOS0xFZWpjV3BaNk5JZy1IZlFYMWoifX0.a1ru1rSiKLHWrdH2yWAhgg-Sff6xtv-95oxcVD4krp20sbxz"
    "DHQkOA.EmGTmpswErjPNHrW.mRa0SjGlWdI54XyX5MeV5UxKcq7gvrMKnp4-ylFkHNWMZ_ZC3Q.caynOvuxT"
    "fTVVDmoDzmOyQ";

static const char rsa_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQCxN4bn/Kn3QZbr\n"
                              "YhgpAatnyCA3Y0PHhEmRhGkyhA52zLb/7eg6lYxRXPvzJrWTA7SLl9OnE9RAM7P4\n"
                              "/3wMg2drNykAVX4d651JJiY7lJQeF2MGM5v2nqlTd1W391GtzWyZS0Vbfn5p/LRF\n"
                              "ATQ8l1J8c4v5SoOONpHGrIYNWXdnKj7Qo91c/YLGhOe9UO146ziZIgtOPHduxBWw\n"
                              "fijuvUG9aqWPIcc69pmrqCCjL/wfjC1ryMNB5fPo5r2BiUUTD9ElOz0LdyaFM4hi\n"
                              "lgrx9Yt2WDZ3YJVfVEV9lWd9no/oFa8kdWt8t86Dw+sbwLlo2euczcAffAcH1sLn\n"
                              "jyv7fEKVAgMBAAECggEAUznal3RndgFNmTm2Uvu/vbuUta5elIKh8j8XEGxIRq6Z\n"
                              "etQF7g1xmnxqrqSNPX/N+IjTE3ISihw990A0x8OmfAmprch4tCCE+2d5KR37+a3O\n"
                              "CYmPQ2D78IDotr7lkxQYXl2lMvTS9X+CQa3xFEuUp3G0WN0Pr2gdSgqX4gkUNFQu\n"
                              "jpEovVepBb0NP5mJWacD5u4uiaLgIU/J2+xHx0TnuuuKD7v7D/u8IH5gZkNNaWjE\n"
                              "CfbRJesIUwvh3gl0/gIRwuNrPTFGFLdS/k1vNlDGqwUVD5zbJRNzM2aQYysG1R1O\n"
                              "MTEFEcv4qBPd5GqIugS9yToUVQ2YvRZmULrboXy3eQKBgQD16LSCn+DLl+ca+k+m\n"
                              "eLVBVxoPsu33XXGQp0p3uLnNqCBnpK6o+37cu71hfrui6a4E/miB4Yu02E0chjGb\n"
                              "9WRSXA5XedBCkvv7egihyOwuwHlIkIroqPCu/CJ85LjGTMxN8IDAPTPbCb3MqT8y\n"
                              "BLIAOGV07wMUx0VRU59em9QWewKBgQC4fTSc4FeidaX554eMnAe9e/AVF+jcW8hN\n"
                              "4DYj3WzQGB/DjYqZu1PFjWYW9GGNp80cgqU3Rc0YGrqxL2qZf/V1ISH/5cFpvl6t\n"
                              "0Oj97nbDmei1zURXvXh/AnUQaVNdLUKIIBVJ28dFLAiQh5AKvRerIWbVXngzDrgs\n"
                              "7nB9VqvGLwKBgQDLl20TlLB1fv8sm76kEd3nCekexEI2gZvLamXB9yOFvEOP641b\n"
                              "hFTFBX5GoLlSqOuVYNg/Z+/VuxskmYmrGKCFe4e4LrcY1z5eNuu8nm/ESUBgrqMC\n"
                              "+xPBnCglhOvh6aVghdTi1AkBuO/16M3UaITCn+6HwHaplk2yhmw01QjjzwKBgQCg\n"
                              "UbWByfZ9qAz20Pta9lBHmkc0nVVvAJddDUUe/5FKeFxJ/FsAYuhWWRzpP67ygWpd\n"
                              "py5ZjN/AXaH0zYauI6MzCPrZvFfKQ3NVSqDd4fb03W97ZQhJ0s2+WW1POKgH5YfW\n"
                              "cULurv1IoA5FQniqzE2gGeOZ8YE0pUrpSL8aPFIDYwKBgQDH2gGxdOEjJB0gySn9\n"
                              "M/DEha3+sxH2cU+W3Bl1iStY/uCyvjaUDV+MJcfeVHzOAob2ImX5s0FICzSoPWk5\n"
                              "idWfDyn8eYWX8LVn9dlI0uAVb3k08x71CpKb/Z7MUo6iWuCuVOIRUGqGa5rXQvT6\n"
                              "rAhgnf0iRlIpvMf4P5tIsPvVWQ==\n"
                              "-----END PRIVATE KEY-----\n";

static const char rsa_jwk[] =
    "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"sTeG5_yp90GW62IYKQGrZ8ggN2NDx4RJkYRpMoQOdsy2_-"
    "3oOpWMUVz"
    "78ya1kwO0i5fTpxPUQDOz-P98DINnazcpAFV-HeudSSYmO5SUHhdjBjOb9p6pU3dVt_dRrc1smUtFW35-afy"
    "0RQE0PJdSfHOL-UqDjjaRxqyGDVl3Zyo-0KPdXP2CxoTnvVDteOs4mSILTjx3bsQVsH4o7r1BvWqljyHHOva"
    "Zq6ggoy_8H4wta8jDQeXz6Oa9gYlFEw_RJTs9C3cmhTOIYpYK8fWLdlg2d2CVX1RFfZVnfZ6P6BWvJHVrfLf"
    "Og8PrG8C5aNnrnM3AH3wHB9bC548r-3xClQ\"}";

static const char rsa_spki[] =
    "30820122300d06092a864886f70d01010105000382010f003082010a0282010100b13786e7fca9f74196"
    "eb62182901ab67c820376343c7844991846932840e76ccb6ffede83a958c515cfbf326b59303b48b97d3"
    "a713d44033b3f8ff7c0c83676b372900557e1deb9d4926263b94941e176306339bf69ea9537755b7f751"
    "adcd6c994b455b7e7e69fcb44501343c97527c738bf94a838e3691c6ac860d5977672a3ed0a3dd5cfd82"
    "c684e7bd50ed78eb3899220b4e3c776ec415b07e28eebd41bd6aa58f21c73af699aba820a32ffc1f8c2d"
    "6bc8c341e5f3e8e6bd818945130fd1253b3d0b772685338862960af1f58b7658367760955f54457d9567"
    "7d9e8fe815af24756b7cb7ce83c3eb1bc0b968d9eb9ccdc01f7c0707d6c2e78f2bfb7c42950203010001";

static const char rsa_jwe[] =
    "eyJhbGciOiAiUlNBLU9BRVAtMjU2IiwgImVuYyI6ICJBMjU2R0NNIn0.mGtoZprJB1ic_C7xoYg4DjPY3r7v"
    "-cXsWxS6BTCtYiF9Ac0nVVwQkjLV49x2EMCO9Kx2XUn14x7kKPWE6K6PrYEfB6sxIkCqCCB7Gu6HO41oaGHK"
    "Ei0BDYQOUB3RyV58sc8Pf5RyotqNCapQKJN4mUPMhIl9_PB5QTt3Q2PPviQWt8UTK5yBn3kdpFBEFGpNp3gZ"
    "__B2-c_Ne0y98zZeflxwXP0kfZYSXbBHX-4t0MoahNCrAlmu3Ajlv0kZWEEQs95VmotFZ1wKMsHRcm3j6ypG"
    "z7X5PMJQ6p9pFDvPdtaA1rAyL_tDGZvCXCgN88zO5PmGv_meRw-JdWMEgDNYoQ.qjL7hIMkFXoovKbL.pQ8S"
    "FJKQYyF8cn2XBq7MwY9SpRF3fDuH2Y15jUwRJ68BWOaCJg.Vu-cMYVD4ojgi7KzbXKXnA";

#endif

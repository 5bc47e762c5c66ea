/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/p11_leaf.h
 * @brief A certificate of a key on P-256, self-signed by OpenSSL.
 */
#ifndef TSEC_TESTS_CLIENT_P11_LEAF_H
#define TSEC_TESTS_CLIENT_P11_LEAF_H

#define P11_LEAF                                                         \
    "-----BEGIN CERTIFICATE-----\n"                                      \
    "MIIBcjCCARmgAwIBAgIUY05DXlu1eMxZa0/O3tYCc3aZS6AwCgYIKoZIzj0EAwIw\n" \
    "DzENMAsGA1UEAwwEbGVhZjAeFw0yNjExMjIyMDM0MDVaFw0yNjEyMDIyMDM0MDVa\n" \
    "MA8xDTALBgNVBAMMBGxlYWYwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR+lqcB\n" \
    "dYHNdKFm9C4dbXt4FoOnZCxBfOqwBzy20O5tVN/V3HeeDToA4MSbixcRBub/MP6G\n" \
    "gwMbsFL9ePVxo+Amo1MwUTAdBgNVHQ4EFgQUndNQTOChXOeOc4UGHtHHrUF7hJIw\n" \
    "HwYDVR0jBBgwFoAUndNQTOChXOeOc4UGHtHHrUF7hJIwDwYDVR0TAQH/BAUwAwEB\n" \
    "/zAKBggqhkjOPQQDAgNHADBEAiA+JTJFYXdypuN9Oia8cGkTx4Zz/rVI5fD6injm\n" \
    "bvsTAwIge74MPatqWlvuMVaLI/mkKccE0a8o2MCdR1lpwvS71i0=\n"             \
    "-----END CERTIFICATE-----\n"
#define P11_LEAF_PUBLIC                                                  \
    "-----BEGIN PUBLIC KEY-----\n"                                       \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfpanAXWBzXShZvQuHW17eBaDp2Qs\n" \
    "QXzqsAc8ttDubVTf1dx3ng06AODEm4sXEQbm/zD+hoMDG7BS/Xj1caPgJg==\n"     \
    "-----END PUBLIC KEY-----\n"

#endif

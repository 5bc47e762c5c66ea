/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "crypto/hash.h"

bool
api_cluster_id(struct api *api, char out[API_CLUSTER_ID_LEN + 1])
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
    uint8_t h[TSEC_SHA256_LEN];

    if (tsec_failed(node_identity(api->options.node, &spki, NULL))) {
        return false;
    }
    tsec_sha256(tsec_buf_span(&spki), h);
    /* RFC 9562 section 5.8: version 8, made as its maker likes. */
    h[6] = (uint8_t)((h[6] & 0x0fU) | 0x80U);
    h[8] = (uint8_t)((h[8] & 0x3fU) | 0x80U);
    (void)snprintf(out, API_CLUSTER_ID_LEN + 1,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", h[0],
                   h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10], h[11], h[12], h[13],
                   h[14], h[15]);
    return true;
}

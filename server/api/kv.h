/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/kv.h
 * @brief What the resources of a kv mount share: the path, a version's metadata, refusals.
 *
 * The data of a secret passes through these files as text that was checked to be JSON; no JSON tree
 * is made of it.
 */
#ifndef TSEC_API_KV_H
#define TSEC_API_KV_H

#include "api/envelope.h"
#include "core/secret.h"

/** The id of the mount, which its rows begin with. */
const char *kv_mount(const struct api_call *call);

/** The path of the secret.  Answers and fails at the root of the mount, which is no secret. */
TSEC_MUST_CHECK tsec_rc kv_path(struct api_call *call, struct tsec_span *path,
                                struct tsec_err *err);

/** Answers what reading failed with. */
TSEC_MUST_CHECK tsec_rc kv_refuse_read(struct api_call *call, tsec_rc rc,
                                       const struct tsec_err *err);
/** Answers what a change failed with. */
TSEC_MUST_CHECK tsec_rc kv_refuse_write(struct api_call *call, tsec_rc rc,
                                        const struct tsec_err *err);

/** `version` of the query, 0 when absent.  Answers 400 and fails when it is no version. */
TSEC_MUST_CHECK tsec_rc kv_query_number(struct api_call *call, const char *name, int64_t max,
                                        int64_t *out);

/** {"created_time":…,"version":…}. */
void kv_put_version(struct tsec_json_out *out, const struct secret *secret,
                    const struct secret_version *version);
/** The envelope with {"<name>":data,"metadata":{…}}; of a version that is not live the answer is
 *  404 with null for data, and the result a failure. */
TSEC_MUST_CHECK tsec_rc kv_answer_reading(struct api_call *call, const char *name,
                                          const struct secret_reading *reading,
                                          struct tsec_err *err);
/** The envelope with what was written. */
TSEC_MUST_CHECK tsec_rc kv_answer_written(struct api_call *call,
                                          const struct secret_reading *written,
                                          struct tsec_err *err);

/** "1h30m0s" of a delete_version_after. */
void kv_put_duration(struct tsec_json_out *out, const char *key, int64_t ns);

/** A body of {"data":{…},"options":{"cas":N}} into the write; answers 400 and fails. */
TSEC_MUST_CHECK tsec_rc kv_read_body(struct api_call *call, struct secret_write *write,
                                     struct tsec_err *err);

/** A field of durations that may be negative. */
#define KV_DURATION(n, o, g)                                                \
    {                                                                       \
        (n), TSEC_FIELD_DURATION, false, (o), (g), INT64_MIN + 1, INT64_MAX \
    }
/** Any negative duration says "never", and is kept as one. */
int64_t kv_delete_after(int64_t ns);

#endif

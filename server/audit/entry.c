/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/entry.h"

#include "base/clock.h"
#include "base/hex.h"
#include "codec/json_out.h"

/* Names come from callers: cut, as they stand in JSON, so that the entry always fits its largest
 * class. */
enum { TEXT_MAX = 320, DETAIL_MAX = 240, WORD_MAX = 24, ESCAPE_LEN = 6 };

void
audit_pseudonym(const struct tsec_hmac_key *key, const char *field, struct tsec_span value,
                char out[AUDIT_PSEUDONYM_LEN + 1])
{
    static const uint8_t zero = 0;
    const struct tsec_span parts[] = { tsec_span_str(field), tsec_span(&zero, 1), value };
    uint8_t mac[TSEC_SHA256_LEN];

    tsec_hmac_parts(key, parts, TSEC_ARRAY_LEN(parts), mac);
    memcpy(out, "hmac-sha256:", 12);
    tsec_hex_encode(tsec_span(mac, sizeof(mac)), out + 12);
}

static void
put_cut(struct tsec_json_out *out, const char *key, const char *text, size_t max)
{
    if (text != NULL) {
        size_t len = 0;

        for (size_t cost = 0; text[len] != '\0'; len++) {
            const uint8_t c = (uint8_t)text[len];

            /* Bytes that are no UTF-8 become U+FFFD, three bytes. */
            cost += c < 0x20 || c == 0x7f   ? ESCAPE_LEN
                    : c >= 0x80             ? 3
                    : c == '"' || c == '\\' ? 2
                                            : 1;
            if (cost > max) {
                break;
            }
        }
        tsec_json_put_span(out, key, tsec_span(text, len));
    }
}

static void
put_text(struct tsec_json_out *out, const char *key, const char *text)
{
    put_cut(out, key, text, TEXT_MAX);
}

static void
put_actor(struct tsec_json_out *out, const struct audit_entry *e)
{
    tsec_json_key(out, "actor");
    tsec_json_object(out);
    put_text(out, "accessor", e->actor_accessor);
    put_text(out, "kind", e->actor_kind == NULL ? "anyone" : e->actor_kind);
    put_text(out, "measurement", e->actor_measurement);
    put_text(out, "name", e->actor_name);
    put_text(out, "role", e->actor_role);
    tsec_json_object_end(out);
}

static void
put_decision(struct tsec_json_out *out, const struct audit_entry *e)
{
    tsec_json_key(out, "decision");
    tsec_json_object(out);
    put_text(out, "policy", e->policy);
    put_text(out, "reason", e->reason);
    put_text(out, "result", e->allow ? "allow" : "deny");
    tsec_json_object_end(out);
}

static void
put_evidence(struct tsec_json_out *out, const struct audit_evidence *e)
{
    tsec_json_key(out, "evidence");
    tsec_json_object(out);
    put_cut(out, "detail", e->detail, DETAIL_MAX);
    put_cut(out, "format", e->format, WORD_MAX);
    put_cut(out, "reason", e->reason, WORD_MAX);
    put_cut(out, "tee", e->tee, WORD_MAX);
    put_cut(out, "verdict", e->verdict, WORD_MAX);
    tsec_json_object_end(out);
}

static void
put_measurements(struct tsec_json_out *out, const struct audit_measurements *m)
{
    tsec_json_key(out, "measurements");
    tsec_json_object(out);
    tsec_json_put_int(out, "added", (int64_t)m->added);
    tsec_json_put_int(out, "removed", (int64_t)m->removed);
    tsec_json_put_int(out, "revoked", (int64_t)m->revoked);
    tsec_json_put_int(out, "sequence", m->sequence);
    put_text(out, "signer", m->signer);
    tsec_json_object_end(out);
}

static void
put_paths(struct tsec_json_out *out, const struct audit_entry *e,
          const struct tsec_hmac_key *pseudonym)
{
    char text[AUDIT_PSEUDONYM_LEN + 1];

    tsec_json_key(out, "paths");
    tsec_json_array(out);
    for (size_t i = 0; i < e->paths.len && i < AUDIT_PATHS_MAX; i++) {
        audit_pseudonym(pseudonym, "path", tsec_span_str(e->paths.items[i]), text);
        tsec_json_str(out, text);
    }
    tsec_json_array_end(out);
}

/* The members in the order of their names, as RFC 8785 wants them. */
void
audit_entry_json(const struct audit_entry *entry, const struct tsec_hmac_key *pseudonym,
                 struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);
    char text[AUDIT_PSEUDONYM_LEN + 1];
    char ts[TSEC_RFC3339_LEN];

    tsec_json_object(&json);
    put_actor(&json, entry);
    if (entry->count > 0) {
        tsec_json_put_int(&json, "count", (int64_t)entry->count);
    }
    put_decision(&json, entry);
    tsec_json_put_int(&json, "dur_us", entry->dur_us);
    if (entry->evidence != NULL) {
        put_evidence(&json, entry->evidence);
    }
    put_text(&json, "id", entry->id);
    if (entry->measurements != NULL) {
        put_measurements(&json, entry->measurements);
    }
    put_text(&json, "op", entry->operation);
    if (entry->path.len > 0) {
        audit_pseudonym(pseudonym, "path", entry->path, text);
        tsec_json_put_str(&json, "path", text);
    }
    if (entry->paths.len > 0) {
        put_paths(&json, entry, pseudonym);
    }
    put_text(&json, "remote", entry->remote);
    tsec_json_put_int(&json, "status", entry->status);
    tsec_rfc3339(entry->ts_ns, ts);
    tsec_json_put_str(&json, "ts", ts);
    tsec_json_put_int(&json, "v", 1);
    tsec_json_object_end(&json);
}

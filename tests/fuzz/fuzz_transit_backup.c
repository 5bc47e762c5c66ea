/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of a key's backup, which anybody may send.  What is taken has every version from the
 * oldest to the latest, each can be parsed for use, and settings that go together. */
#include "base/base64.h"
#include "core/transit_crypt.h"
#include "core/transit_transfer.h"
#include "tests/fuzz/fuzz.h"

enum { ARENA_MAX = 16 * 1024 * 1024, JSON_MAX = 32 * 1024 };

static void
can_be_used(const struct transit_key *key, const struct transit_version *version)
{
    const struct transit_material *material = NULL;

    FUZZ_ASSERT(version->imported && version->hmac_key.len >= TRANSIT_HMAC_KEY_LEN);
    FUZZ_ASSERT(version->created_ns > 0);
    FUZZ_ASSERT(
        !tsec_failed(transit_material_new(transit_key_type(key), version, &material, NULL)));
    FUZZ_ASSERT(transit_material_number(material) == version->number);
    transit_material_release(material);
}

static void
obeys(const struct transit_backup_key *backup)
{
    const struct transit_key *key = &backup->key;
    const int64_t oldest = transit_key_oldest(key);

    FUZZ_ASSERT(transit_traits(transit_key_type(key)) != NULL);
    FUZZ_ASSERT(!tsec_failed(transit_check_settings(key, NULL)));
    FUZZ_ASSERT(backup->versions_len >= 1 && backup->versions_len <= TRANSIT_VERSIONS_MAX);
    FUZZ_ASSERT(key->latest - oldest + 1 == (int64_t)backup->versions_len);
    FUZZ_ASSERT(key->min_decryption >= oldest && key->min_decryption <= key->latest);
    FUZZ_ASSERT(key->min_encryption <= key->latest && backup->used >= 0);
    for (size_t i = 0; i < backup->versions_len; i++) {
        FUZZ_ASSERT(backup->versions[i].number == oldest + (int64_t)i);
        can_be_used(key, &backup->versions[i]);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TRANSIT_BACKUP_MAX);
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct transit_backup_key backup;

    if (size > JSON_MAX) {
        return 0;
    }
    FUZZ_ASSERT(!tsec_failed(tsec_arena_new(ARENA_MAX, &arena, NULL)));
    tsec_base64_append(&text, TSEC_BASE64_STD, tsec_span(data, size));
    if (!tsec_failed(transit_backup_read(tsec_buf_span(&text), 1, arena, &backup, NULL))) {
        obeys(&backup);
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/wycheproof.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char folder[] = "wycheproof/C2SP+wycheproof/testvectors_v1";

static struct {
    size_t accepted;
    size_t refused;
    size_t passed_over;
    size_t wrong;
} seen, total;

static size_t missing;

/* Whether there is such a file. */
static bool
path_of(const char *file, char *out, size_t size)
{
    const char *clone = getenv("TSEC_WYCHEPROOF");
    const char *base = getenv("TSEC_VECTORS");

    if (clone != NULL) {
        (void)snprintf(out, size, "%s/%s", clone, file);
        if (access(out, R_OK) == 0) {
            return true;
        }
    }
    (void)snprintf(out, size, "%s/%s/%s", base != NULL ? base : "../shared/vectors", folder, file);
    return access(out, R_OK) == 0;
}

bool
wycheproof_present(void)
{
    char path[4096];

    if (!path_of("aes_gcm_test.json", path, sizeof(path))) {
        (void)printf("skipped: no Wycheproof vectors in $TSEC_WYCHEPROOF or $TSEC_VECTORS/%s\n",
                     folder);
        return false;
    }
    return true;
}

bool
wycheproof_thorough(void)
{
    return getenv("TSEC_WYCHEPROOF") != NULL;
}

static void
run_one(const json_t *group, const json_t *test, void (*run)(const struct wycheproof *w))
{
    const char *result = json_string_value(json_object_get(test, "result"));
    const struct wycheproof w = {
        .group = group,
        .test = test,
        .id = (int)json_integer_value(json_object_get(test, "tcId")),
        .valid = result != NULL && strcmp(result, "valid") == 0,
        .acceptable = result != NULL && strcmp(result, "acceptable") == 0,
    };

    run(&w);
}

void
wycheproof_each(const char *file, void (*run)(const struct wycheproof *w))
{
    char path[4096];
    size_t n = 0;
    size_t i = 0;
    size_t j = 0;
    json_t *group = NULL;
    json_t *test = NULL;

    (void)path_of(file, path, sizeof(path));

    json_t *root = json_load_file(path, 0, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            run_one(group, test, run);
            n++;
        }
    }
    CU_ASSERT_TRUE(n > 0);
    json_decref(root);
}

void
wycheproof_count(const struct wycheproof *w, bool wanted, bool accepted)
{
    seen.accepted += accepted ? 1 : 0;
    seen.refused += accepted ? 0 : 1;
    if (accepted != wanted) {
        (void)printf("test %d was %s\n", w->id, accepted ? "accepted" : "refused");
        seen.wrong++;
    }
}

void
wycheproof_not_offered(void)
{
    seen.passed_over++;
}

void
wycheproof_file(const char *file, void (*run)(const struct wycheproof *w))
{
    char path[4096];

    if (!path_of(file, path, sizeof(path))) {
        (void)printf("\n    %s: not here ", file);
        missing++;
        return;
    }
    memset(&seen, 0, sizeof(seen));
    wycheproof_each(file, run);
    (void)printf("\n    %s: %zu accepted, %zu refused, %zu not offered, %zu wrong ", file,
                 seen.accepted, seen.refused, seen.passed_over, seen.wrong);
    CU_ASSERT_EQUAL(seen.wrong, 0);
    CU_ASSERT_TRUE(seen.accepted + seen.refused > 0);
    total.accepted += seen.accepted;
    total.refused += seen.refused;
    total.passed_over += seen.passed_over;
}

void
wycheproof_summary(void)
{
    (void)printf("\n    in all: %zu accepted, %zu refused, %zu not offered ", total.accepted,
                 total.refused, total.passed_over);
    if (missing > 0) {
        (void)printf("\n    %zu files were not here: TSEC_WYCHEPROOF can name the folder "
                     "testvectors_v1 of a clone of Wycheproof ",
                     missing);
    }
}

bool
wycheproof_hash(const json_t *object, const char *key, enum tsec_hash *out)
{
    static const struct {
        const char *name;
        enum tsec_hash hash;
    } names[] = {
        { "SHA-1", TSEC_SHA1 },        { "SHA-224", TSEC_SHA224 },    { "SHA-256", TSEC_SHA256 },
        { "SHA-384", TSEC_SHA384 },    { "SHA-512", TSEC_SHA512 },    { "SHA3-224", TSEC_SHA3_224 },
        { "SHA3-256", TSEC_SHA3_256 }, { "SHA3-384", TSEC_SHA3_384 }, { "SHA3-512", TSEC_SHA3_512 },
    };
    const char *name = json_string_value(json_object_get(object, key));

    for (size_t i = 0; name != NULL && i < TSEC_ARRAY_LEN(names); i++) {
        if (strcmp(name, names[i].name) == 0) {
            *out = names[i].hash;
            return true;
        }
    }
    return false;
}

struct vector
wycheproof_hex(const json_t *object, const char *key)
{
    const char *hex = json_string_value(json_object_get(object, key));

    CU_ASSERT_PTR_NOT_NULL_FATAL(hex);
    return vector(hex);
}

struct vector
wycheproof_int(const json_t *object, const char *key, size_t len)
{
    struct vector v = wycheproof_hex(object, key);
    struct vector out = { .len = len };
    size_t skip = 0;

    while (v.len - skip > len && v.bytes[skip] == 0) {
        skip++;
    }
    CU_ASSERT_FATAL(v.len - skip <= len);
    memcpy(out.bytes + len - (v.len - skip), v.bytes + skip, v.len - skip);
    return out;
}

bool
wycheproof_has_flag(const struct wycheproof *w, const char *flag)
{
    size_t i = 0;
    json_t *value = NULL;

    json_array_foreach(json_object_get(w->test, "flags"), i, value)
    {
        if (strcmp(json_string_value(value), flag) == 0) {
            return true;
        }
    }
    return false;
}

void
wycheproof_expect(const struct wycheproof *w, bool accepted)
{
    const bool right = w->acceptable || accepted == w->valid;

    if (!right) {
        (void)printf("test %d was %s\n", w->id, accepted ? "accepted" : "refused");
    }
    CU_ASSERT_TRUE(right);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/wycheproof.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char folder[] = "wycheproof/C2SP+wycheproof/testvectors_v1";

static void
path_of(const char *file, char *out, size_t size)
{
    const char *base = getenv("TSEC_VECTORS");

    (void)snprintf(out, size, "%s/%s/%s", base != NULL ? base : "../shared/vectors", folder, file);
}

bool
wycheproof_present(void)
{
    char path[4096];

    path_of("aes_gcm_test.json", path, sizeof(path));
    if (access(path, R_OK) != 0) {
        (void)printf("skipped: no Wycheproof vectors in $TSEC_VECTORS/%s\n", folder);
        return false;
    }
    return true;
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

    path_of(file, path, sizeof(path));

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

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_catalog.h"

#include <stdlib.h>

#include "tests/client/p11_double.h"
#include "tests/client/p11_leaf.h"
#include "tests/test.h"

/** A catalog by itself, with a clock that stands still. */
struct rig {
    struct p11_double d;
    struct tsec_clock_fake clock;
    struct p11_settings *settings;
    struct p11_server *server;
    struct p11_catalog *catalog;
};

static void
rig_start(struct rig *rig)
{
    p11_double_start(&rig->d);
    p11_double_key(&rig->d, "a", TSEC_PAIR_P256);
    p11_double_key(&rig->d, "b", TSEC_PAIR_ED25519);
    tsec_clock_fake_init(&rig->clock, TSEC_NS_PER_S);
    tsec_clock_fake_advance(&rig->clock, TSEC_NS_PER_S);
}

static void
rig_open(struct rig *rig)
{
    CU_ASSERT_FALSE_FATAL(tsec_failed(p11_settings_load(NULL, &rig->settings, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(p11_server_new(rig->settings, &rig->server, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(
        p11_catalog_new(rig->settings, rig->server, &rig->clock.clock, &rig->catalog, NULL)));
}

static void
rig_stop(struct rig *rig)
{
    p11_catalog_free(rig->catalog);
    p11_server_free(rig->server);
    p11_settings_free(rig->settings);
    p11_double_stop(&rig->d);
}

/** The handle of what matches alone; 0: nothing does. */
static ck_object_handle_t
find(struct rig *rig, ck_object_class_t kind, const char *label, unsigned long *n)
{
    const struct ck_attribute templ[] = {
        { CKA_CLASS, &kind, sizeof(kind) },
        { CKA_LABEL, (void *)(uintptr_t)label, label == NULL ? 0 : strlen(label) },
    };
    ck_object_handle_t *found = NULL;
    ck_object_handle_t first = 0;

    CU_ASSERT_EQUAL_FATAL(p11_catalog_find(rig->catalog, templ, label == NULL ? 1 : 2, &found, n),
                          CKR_OK);
    first = *n > 0 ? found[0] : 0;
    free(found);
    return first;
}

static void
the_mount_is_listed_once_in_a_while(void)
{
    struct rig rig;
    unsigned long n;

    rig_start(&rig);
    rig_open(&rig);
    CU_ASSERT_EQUAL(find(&rig, CKO_PRIVATE_KEY, NULL, &n), 0);
    CU_ASSERT_EQUAL(p11_catalog_refresh(rig.catalog, false), CKR_OK);
    CU_ASSERT_EQUAL(rig.d.asked, 3);
    CU_ASSERT_NOT_EQUAL(find(&rig, CKO_PRIVATE_KEY, NULL, &n), 0);
    CU_ASSERT_EQUAL(n, 2);
    CU_ASSERT_NOT_EQUAL(find(&rig, CKO_PUBLIC_KEY, "b", &n), 0);
    CU_ASSERT_EQUAL(n, 1);
    CU_ASSERT_EQUAL(p11_catalog_refresh(rig.catalog, false), CKR_OK);
    CU_ASSERT_EQUAL(rig.d.asked, 3);
    tsec_clock_fake_advance(&rig.clock, P11_FRESH_MS * TSEC_NS_PER_MS);
    CU_ASSERT_EQUAL(p11_catalog_refresh(rig.catalog, false), CKR_OK);
    CU_ASSERT_EQUAL(rig.d.asked, 6);
    CU_ASSERT_EQUAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    CU_ASSERT_EQUAL(rig.d.asked, 9);
    rig_stop(&rig);
}

static void
a_handle_stays_what_it_was_through_rotation_and_deletion(void)
{
    struct rig rig;
    unsigned long n;

    rig_start(&rig);
    rig_open(&rig);
    CU_ASSERT_EQUAL_FATAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    const ck_object_handle_t a = find(&rig, CKO_PRIVATE_KEY, "a", &n);
    const ck_object_handle_t b = find(&rig, CKO_PRIVATE_KEY, "b", &n);

    p11_double_key(&rig.d, "a", TSEC_PAIR_P256);
    CU_ASSERT_EQUAL_FATAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    const ck_object_handle_t rotated = find(&rig, CKO_PRIVATE_KEY, "a", &n);

    CU_ASSERT_NOT_EQUAL(rotated, a);
    CU_ASSERT_EQUAL(p11_catalog_object(rig.catalog, a)->version, 1);
    CU_ASSERT_EQUAL(p11_catalog_object(rig.catalog, rotated)->version, 2);
    CU_ASSERT_EQUAL(find(&rig, CKO_PRIVATE_KEY, "b", &n), b);
    rig.d.keys[1].name = NULL;
    CU_ASSERT_EQUAL_FATAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    CU_ASSERT_EQUAL(find(&rig, CKO_PRIVATE_KEY, "b", &n), 0);
    CU_ASSERT_STRING_EQUAL(p11_catalog_object(rig.catalog, b)->name, "b");
    rig.d.keys[1].name = "b";
    CU_ASSERT_EQUAL_FATAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    CU_ASSERT_EQUAL(find(&rig, CKO_PRIVATE_KEY, "b", &n), b);
    CU_ASSERT_PTR_NULL(p11_catalog_object(rig.catalog, 0));
    CU_ASSERT_PTR_NULL(p11_catalog_object(rig.catalog, 1000));
    rig_stop(&rig);
}

static void
a_chain_that_comes_later_leaves_the_key_its_handle(void)
{
    struct rig rig;
    unsigned long n;

    rig_start(&rig);
    rig_open(&rig);
    CU_ASSERT_EQUAL_FATAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    const ck_object_handle_t a = find(&rig, CKO_PRIVATE_KEY, "a", &n);

    CU_ASSERT_EQUAL(find(&rig, CKO_CERTIFICATE, NULL, &n), 0);
    rig.d.keys[0].chain = P11_LEAF;
    CU_ASSERT_EQUAL_FATAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    CU_ASSERT_EQUAL(find(&rig, CKO_PRIVATE_KEY, "a", &n), a);
    CU_ASSERT_NOT_EQUAL(find(&rig, CKO_CERTIFICATE, "a", &n), 0);
    rig_stop(&rig);
}

static void
named_keys_are_looked_at_without_a_list(void)
{
    struct rig rig;
    unsigned long n;

    rig_start(&rig);
    (void)setenv("TEE_SECRETS_PKCS11_KEYS", "b,not-there", 1);
    rig_open(&rig);
    CU_ASSERT_EQUAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    CU_ASSERT_EQUAL(rig.d.asked, 2);
    CU_ASSERT_NOT_EQUAL(find(&rig, CKO_PRIVATE_KEY, NULL, &n), 0);
    CU_ASSERT_EQUAL(n, 1);
    rig_stop(&rig);
}

static void
a_failure_is_told_and_what_was_found_stays(void)
{
    struct rig rig;
    unsigned long n;

    rig_start(&rig);
    rig_open(&rig);
    CU_ASSERT_EQUAL(p11_catalog_refresh(rig.catalog, true), CKR_OK);
    rig.d.token = "t.other";
    CU_ASSERT_EQUAL(p11_catalog_refresh(rig.catalog, true), CKR_USER_NOT_LOGGED_IN);
    CU_ASSERT_NOT_EQUAL(find(&rig, CKO_PRIVATE_KEY, "a", &n), 0);
    server_double_stop(rig.d.server);
    CU_ASSERT_EQUAL(p11_catalog_refresh(rig.catalog, true), CKR_DEVICE_ERROR);
    p11_catalog_forget(rig.catalog);
    CU_ASSERT_EQUAL(find(&rig, CKO_PRIVATE_KEY, NULL, &n), 0);
    rig_stop(&rig);
}

static const struct test_case cases[] = {
    { "the mount is listed once in a while", the_mount_is_listed_once_in_a_while },
    { "a handle stays what it was through rotation and deletion",
      a_handle_stays_what_it_was_through_rotation_and_deletion },
    { "a chain that comes later leaves the key its handle",
      a_chain_that_comes_later_leaves_the_key_its_handle },
    { "named keys are looked at without a list", named_keys_are_looked_at_without_a_list },
    { "a failure is told, and what was found stays", a_failure_is_told_and_what_was_found_stays },
};
TEST_MAIN("PKCS #11: the catalog", cases)

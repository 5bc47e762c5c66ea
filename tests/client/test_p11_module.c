/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_module.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/p11_double.h"
#include "tests/test.h"

static ck_rv_t
mutex_call(void *mutex)
{
    (void)mutex;
    return CKR_OK;
}

static ck_rv_t
mutex_new(void **mutex)
{
    (void)mutex;
    return CKR_OK;
}

static void
it_begins_and_ends_once(void)
{
    const struct ck_function_list *calls = p11_calls();
    struct p11_double d;
    struct ck_info info;

    p11_double_start(&d);
    CU_ASSERT_EQUAL(calls->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
    CU_ASSERT_EQUAL(calls->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
    CU_ASSERT_EQUAL(calls->C_Initialize(NULL), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    CU_ASSERT_EQUAL(calls->C_GetInfo(&info), CKR_OK);
    CU_ASSERT_EQUAL(info.cryptoki_version.major, 2);
    CU_ASSERT_EQUAL(calls->C_Finalize(&info), CKR_ARGUMENTS_BAD);
    CU_ASSERT_EQUAL(calls->C_Finalize(NULL), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Initialize(NULL), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Finalize(NULL), CKR_OK);
    CU_ASSERT_EQUAL(d.asked, 0);
    p11_double_stop(&d);
}

static void
locks_are_the_systems(void)
{
    static const struct {
        struct ck_c_initialize_args args;
        ck_rv_t rv;
    } table[] = {
        { { NULL, NULL, NULL, NULL, 0, NULL }, CKR_OK },
        { { NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK, NULL }, CKR_OK },
        { { mutex_new, mutex_call, mutex_call, mutex_call, CKF_OS_LOCKING_OK, NULL }, CKR_OK },
        { { mutex_new, mutex_call, mutex_call, mutex_call, 0, NULL }, CKR_CANT_LOCK },
        { { mutex_new, NULL, NULL, NULL, CKF_OS_LOCKING_OK, NULL }, CKR_ARGUMENTS_BAD },
    };
    const struct ck_function_list *calls = p11_calls();
    struct p11_double d;

    p11_double_start(&d);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct ck_c_initialize_args args = table[i].args;

        CU_ASSERT_EQUAL(calls->C_Initialize(&args), table[i].rv);
        CU_ASSERT_EQUAL(calls->C_Finalize(NULL),
                        table[i].rv == CKR_OK ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED);
    }
    p11_double_stop(&d);
}

static void
what_the_token_cannot_do_it_says(void)
{
    const struct ck_function_list *calls = p11_calls();
    const void *const *all = (const void *const *)(const void *)&calls->C_Initialize;
    const size_t n =
        (sizeof(*calls) - offsetof(struct ck_function_list, C_Initialize)) / sizeof(*all);

    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_PTR_NOT_NULL(all[i]);
    }
    CU_ASSERT_EQUAL(calls->C_WrapKey(0, NULL, 0, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
    CU_ASSERT_EQUAL(calls->C_InitToken(0, NULL, 0, NULL), CKR_FUNCTION_NOT_SUPPORTED);
    CU_ASSERT_EQUAL(calls->C_DestroyObject(0, 0), CKR_ACTION_PROHIBITED);
    CU_ASSERT_EQUAL(calls->C_SeedRandom(0, NULL, 0), CKR_RANDOM_SEED_NOT_SUPPORTED);
}

static void
the_slot_tells_whether_to_log_in(void)
{
    const struct ck_function_list *calls = p11_calls();
    struct p11_double d;
    struct ck_token_info info;
    struct ck_slot_info slot;
    struct ck_mechanism_info mechanism;
    ck_mechanism_type_t types[2];
    ck_slot_id_t list[1];
    unsigned long n = 0;

    p11_double_start(&d);
    (void)p11_start();
    CU_ASSERT_EQUAL(calls->C_GetSlotList(1, NULL, &n), CKR_OK);
    CU_ASSERT_EQUAL(n, 1);
    n = 0;
    CU_ASSERT_EQUAL(calls->C_GetSlotList(0, list, &n), CKR_BUFFER_TOO_SMALL);
    CU_ASSERT_EQUAL(calls->C_GetSlotInfo(1, &slot), CKR_SLOT_ID_INVALID);
    CU_ASSERT_EQUAL(calls->C_GetSlotInfo(0, &slot), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_GetTokenInfo(0, &info), CKR_OK);
    CU_ASSERT_EQUAL(info.flags & CKF_LOGIN_REQUIRED, 0);
    CU_ASSERT_NOT_EQUAL(info.flags & CKF_PROTECTED_AUTHENTICATION_PATH, 0);
    CU_ASSERT_EQUAL(memcmp(info.label, "transit   ", 10), 0);
    n = 2;
    CU_ASSERT_EQUAL(calls->C_GetMechanismList(0, types, &n), CKR_BUFFER_TOO_SMALL);
    CU_ASSERT_TRUE(n > 10);
    CU_ASSERT_EQUAL(calls->C_GetMechanismInfo(0, CKM_ECDSA, &mechanism), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_GetMechanismInfo(0, CKM_AES_ECB, &mechanism), CKR_MECHANISM_INVALID);
    p11_stop();
    (void)unsetenv("TEE_SECRETS_TOKEN");
    (void)p11_start();
    CU_ASSERT_EQUAL(calls->C_GetTokenInfo(0, &info), CKR_OK);
    CU_ASSERT_NOT_EQUAL(info.flags & CKF_LOGIN_REQUIRED, 0);
    p11_stop();
    p11_double_stop(&d);
}

/** As a worker that gave up its environment: 0 when it finds the key again and signs. */
static int
child(ck_session_handle_t old)
{
    const struct ck_function_list *calls = p11_calls();
    struct ck_mechanism how = { CKM_ECDSA_SHA256, NULL, 0 };
    unsigned char data[3] = { 1, 2, 3 };
    unsigned char sig[64];
    unsigned long len = sizeof(sig);
    struct ck_session_info info;

    (void)clearenv();
    if (calls->C_GetSessionInfo(old, &info) != CKR_CRYPTOKI_NOT_INITIALIZED
        || calls->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED) {
        return 1;
    }
    const ck_session_handle_t session = p11_start();
    const ck_object_handle_t key = p11_find(session, CKO_PRIVATE_KEY, "k");

    if (key == 0 || calls->C_SignInit(session, &how, key) != CKR_OK
        || calls->C_Sign(session, data, sizeof(data), sig, &len) != CKR_OK) {
        return 2;
    }
    return calls->C_Finalize(NULL) == CKR_OK ? 0 : 3;
}

static void
a_forked_child_begins_anew_with_what_the_parent_was_told(void)
{
    struct p11_double d;
    int status = -1;

    p11_double_start(&d);
    p11_double_key(&d, "k", TSEC_PAIR_P256);
    const ck_session_handle_t session = p11_start();
    const ck_object_handle_t key = p11_find(session, CKO_PRIVATE_KEY, "k");
    const pid_t pid = fork();

    if (pid == 0) {
        _exit(child(session));
    }
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    CU_ASSERT_EQUAL(p11_find(session, CKO_PRIVATE_KEY, "k"), key);
    p11_stop();
    p11_double_stop(&d);
}

struct worker {
    pthread_t thread;
    ck_object_handle_t key;
    bool ok;
};

static void *
work(void *ctx)
{
    const struct ck_function_list *calls = p11_calls();
    struct worker *worker = ctx;
    struct ck_mechanism how = { CKM_ECDSA_SHA256, NULL, 0 };
    unsigned char data[3] = { 1, 2, 3 };
    ck_session_handle_t session;

    worker->ok = calls->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &session) == CKR_OK;
    for (int i = 0; worker->ok && i < 8; i++) {
        unsigned char sig[64];
        unsigned long len = sizeof(sig);

        worker->ok = calls->C_SignInit(session, &how, worker->key) == CKR_OK
                     && calls->C_Sign(session, data, sizeof(data), sig, &len) == CKR_OK;
    }
    worker->ok = worker->ok && calls->C_CloseSession(session) == CKR_OK;
    return NULL;
}

static void
threads_sign_at_once(void)
{
    struct worker workers[4];
    struct p11_double d;

    p11_double_start(&d);
    p11_double_key(&d, "k", TSEC_PAIR_P256);
    const ck_session_handle_t session = p11_start();
    const ck_object_handle_t key = p11_find(session, CKO_PRIVATE_KEY, "k");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(workers); i++) {
        workers[i].key = key;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(workers); i++) {
        CU_ASSERT_EQUAL(pthread_join(workers[i].thread, NULL), 0);
        CU_ASSERT_TRUE(workers[i].ok);
    }
    p11_stop();
    p11_double_stop(&d);
}

static const struct test_case cases[] = {
    { "it begins and ends once", it_begins_and_ends_once },
    { "locks are the system's", locks_are_the_systems },
    { "what the token cannot do, it says", what_the_token_cannot_do_it_says },
    { "the slot tells whether to log in", the_slot_tells_whether_to_log_in },
    { "a forked child begins anew with what the parent was told",
      a_forked_child_begins_anew_with_what_the_parent_was_told },
    { "threads sign at once", threads_sign_at_once },
};
TEST_MAIN("PKCS #11: the module", cases)

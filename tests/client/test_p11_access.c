/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_session.h"

#include <stdlib.h>

#include "tests/client/p11_double.h"
#include "tests/test.h"

static ck_rv_t
login(ck_session_handle_t session, ck_user_type_t user, const char *pin)
{
    return p11_calls()->C_Login(session, user, (unsigned char *)(uintptr_t)pin,
                                pin == NULL ? 0 : strlen(pin));
}

static ck_state_t
state_of(ck_session_handle_t session)
{
    struct ck_session_info info = { 0 };

    CU_ASSERT_EQUAL(p11_calls()->C_GetSessionInfo(session, &info), CKR_OK);
    return info.state;
}

static void
a_pin_is_a_token_and_opens_what_it_may_see(void)
{
    const struct ck_function_list *calls = p11_calls();
    struct p11_double d;

    p11_double_start(&d);
    p11_double_key(&d, "k", TSEC_PAIR_P256);
    (void)unsetenv("TEE_SECRETS_TOKEN");
    const ck_session_handle_t session = p11_start();

    CU_ASSERT_EQUAL(p11_find(session, CKO_PRIVATE_KEY, "k"), 0);
    CU_ASSERT_EQUAL(d.asked, 0);
    CU_ASSERT_EQUAL(login(session, CKU_USER, NULL), CKR_PIN_INCORRECT);
    CU_ASSERT_EQUAL(login(session, CKU_USER, "t.wrong"), CKR_PIN_INCORRECT);
    CU_ASSERT_EQUAL(login(session, CKU_USER, "two words"), CKR_PIN_INVALID);
    CU_ASSERT_EQUAL(login(session, CKU_SO, "t.good"), CKR_USER_TYPE_INVALID);
    CU_ASSERT_EQUAL(login(session, CKU_CONTEXT_SPECIFIC, "t.good"), CKR_OPERATION_NOT_INITIALIZED);
    CU_ASSERT_EQUAL(state_of(session), CKS_RW_PUBLIC_SESSION);
    CU_ASSERT_EQUAL(login(session, CKU_USER, "t.good"), CKR_OK);
    CU_ASSERT_EQUAL(login(session, CKU_USER, "t.good"), CKR_USER_ALREADY_LOGGED_IN);
    CU_ASSERT_EQUAL(state_of(session), CKS_RW_USER_FUNCTIONS);
    CU_ASSERT_NOT_EQUAL(p11_find(session, CKO_PRIVATE_KEY, "k"), 0);
    CU_ASSERT_EQUAL(calls->C_Logout(session), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Logout(session), CKR_USER_NOT_LOGGED_IN);
    CU_ASSERT_EQUAL(p11_find(session, CKO_PRIVATE_KEY, "k"), 0);
    p11_stop();
    p11_double_stop(&d);
}

static void
the_last_session_takes_the_log_in_along(void)
{
    const struct ck_function_list *calls = p11_calls();
    ck_session_handle_t second = 0;
    struct p11_double d;

    p11_double_start(&d);
    p11_double_key(&d, "k", TSEC_PAIR_P256);
    (void)unsetenv("TEE_SECRETS_TOKEN");
    const ck_session_handle_t first = p11_start();

    CU_ASSERT_EQUAL(calls->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &second), CKR_OK);
    CU_ASSERT_EQUAL(login(first, CKU_USER, "t.good"), CKR_OK);
    CU_ASSERT_EQUAL(state_of(second), CKS_RO_USER_FUNCTIONS);
    CU_ASSERT_EQUAL(calls->C_CloseSession(first), CKR_OK);
    CU_ASSERT_NOT_EQUAL(p11_find(second, CKO_PRIVATE_KEY, "k"), 0);
    CU_ASSERT_EQUAL(calls->C_CloseAllSessions(0), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &second), CKR_OK);
    CU_ASSERT_EQUAL(state_of(second), CKS_RO_PUBLIC_SESSION);
    CU_ASSERT_EQUAL(p11_find(second, CKO_PRIVATE_KEY, "k"), 0);
    p11_stop();
    p11_double_stop(&d);
}

static void
with_a_token_of_its_own_a_log_in_needs_no_pin(void)
{
    struct p11_double d;

    p11_double_start(&d);
    p11_double_key(&d, "k", TSEC_PAIR_P256);
    const ck_session_handle_t session = p11_start();

    CU_ASSERT_NOT_EQUAL(p11_find(session, CKO_PRIVATE_KEY, "k"), 0);
    CU_ASSERT_EQUAL(login(session, CKU_USER, NULL), CKR_OK);
    CU_ASSERT_EQUAL(p11_calls()->C_Logout(session), CKR_OK);
    CU_ASSERT_NOT_EQUAL(p11_find(session, CKO_PRIVATE_KEY, "k"), 0);
    CU_ASSERT_EQUAL(login(session, CKU_USER, "t.wrong"), CKR_PIN_INCORRECT);
    CU_ASSERT_NOT_EQUAL(p11_find(session, CKO_PRIVATE_KEY, "k"), 0);
    p11_stop();
    p11_double_stop(&d);
}

static void
sessions_are_counted_and_closed_by_their_handles(void)
{
    const struct ck_function_list *calls = p11_calls();
    struct ck_session_info info;
    struct ck_token_info token;
    ck_session_handle_t other = 0;
    struct p11_double d;

    p11_double_start(&d);
    const ck_session_handle_t session = p11_start();

    CU_ASSERT_EQUAL(calls->C_OpenSession(0, 0, NULL, NULL, &other),
                    CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    CU_ASSERT_EQUAL(calls->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &other),
                    CKR_SLOT_ID_INVALID);
    CU_ASSERT_EQUAL(calls->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, NULL),
                    CKR_ARGUMENTS_BAD);
    CU_ASSERT_EQUAL(calls->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &other), CKR_OK);
    CU_ASSERT_NOT_EQUAL(other, session);
    CU_ASSERT_EQUAL(calls->C_GetTokenInfo(0, &token), CKR_OK);
    CU_ASSERT_TRUE(token.session_count == 2 && token.rw_session_count == 1);
    CU_ASSERT_EQUAL(calls->C_CloseSession(other), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_CloseSession(other), CKR_SESSION_HANDLE_INVALID);
    CU_ASSERT_EQUAL(calls->C_GetSessionInfo(other, &info), CKR_SESSION_HANDLE_INVALID);
    CU_ASSERT_EQUAL(calls->C_FindObjectsFinal(other), CKR_SESSION_HANDLE_INVALID);
    CU_ASSERT_EQUAL(calls->C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
    p11_stop();
    p11_double_stop(&d);
}

static void
a_session_that_is_held_outlives_its_closing(void)
{
    TSEC_AUTO(p11_sessions_free) struct p11_sessions *sessions = NULL;
    ck_session_handle_t handle = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(p11_sessions_new(&sessions, NULL)));
    CU_ASSERT_EQUAL_FATAL(p11_session_open(sessions, false, &handle), CKR_OK);
    struct p11_session *held = p11_session_hold(sessions, handle);

    CU_ASSERT_PTR_NOT_NULL_FATAL(held);
    CU_ASSERT_EQUAL(p11_session_close(sessions, handle), CKR_OK);
    CU_ASSERT_PTR_NULL(p11_session_hold(sessions, handle));
    CU_ASSERT_EQUAL(held->handle, handle);
    p11_session_let_go(sessions, held);
    for (int i = 0; i < P11_SESSIONS_MAX; i++) {
        CU_ASSERT_EQUAL_FATAL(p11_session_open(sessions, false, &handle), CKR_OK);
    }
    CU_ASSERT_EQUAL(p11_session_open(sessions, false, &handle), CKR_SESSION_COUNT);
}

static const struct test_case cases[] = {
    { "a PIN is a token, and opens what it may see", a_pin_is_a_token_and_opens_what_it_may_see },
    { "the last session takes the log-in along", the_last_session_takes_the_log_in_along },
    { "with a token of its own a log-in needs no PIN",
      with_a_token_of_its_own_a_log_in_needs_no_pin },
    { "sessions are counted, and closed by their handles",
      sessions_are_counted_and_closed_by_their_handles },
    { "a session that is held outlives its closing", a_session_that_is_held_outlives_its_closing },
};
TEST_MAIN("PKCS #11: sessions and log-ins", cases)

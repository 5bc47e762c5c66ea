/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "client/pkcs11/p11_call.h"

static struct ck_function_list list = {
    .version = { CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR },
    .C_Initialize = p11_initialize,
    .C_Finalize = p11_finalize,
    .C_GetInfo = p11_get_info,
    .C_GetFunctionList = C_GetFunctionList,
    .C_GetSlotList = p11_get_slot_list,
    .C_GetSlotInfo = p11_get_slot_info,
    .C_GetTokenInfo = p11_get_token_info,
    .C_GetMechanismList = p11_get_mechanism_list,
    .C_GetMechanismInfo = p11_get_mechanism_info,
    .C_OpenSession = p11_open_session,
    .C_CloseSession = p11_close_session,
    .C_CloseAllSessions = p11_close_all_sessions,
    .C_GetSessionInfo = p11_get_session_info,
    .C_Login = p11_login,
    .C_Logout = p11_logout,
    .C_GetObjectSize = p11_get_object_size,
    .C_GetAttributeValue = p11_get_attribute_value,
    .C_FindObjectsInit = p11_find_objects_init,
    .C_FindObjects = p11_find_objects,
    .C_FindObjectsFinal = p11_find_objects_final,
    .C_EncryptInit = p11_encrypt_init,
    .C_Encrypt = p11_encrypt,
    .C_DecryptInit = p11_decrypt_init,
    .C_Decrypt = p11_decrypt,
    .C_SignInit = p11_sign_init,
    .C_Sign = p11_sign,
    .C_SignUpdate = p11_sign_update,
    .C_SignFinal = p11_sign_final,
    .C_VerifyInit = p11_verify_init,
    .C_Verify = p11_verify,
    .C_VerifyUpdate = p11_verify_update,
    .C_VerifyFinal = p11_verify_final,
    .C_GenerateKeyPair = p11_generate_key_pair,
    .C_GenerateRandom = p11_generate_random,
};

static void
fill(void)
{
    p11_refuse_rest(&list);
}

/* The only symbol that is seen from outside. */
__attribute__((visibility("default"))) ck_rv_t
C_GetFunctionList(struct ck_function_list **function_list)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (function_list == NULL || pthread_once(&once, fill) != 0) {
        return CKR_ARGUMENTS_BAD;
    }
    *function_list = &list;
    return CKR_OK;
}

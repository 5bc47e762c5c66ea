/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_call.h"

/* What the token cannot do: each says so and nothing else, whatever it is given.  Keys are made and
 * deleted by the server's own interface, data is not kept here, and nobody wraps, unwraps or
 * derives with keys that never leave. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static ck_rv_t
wait_for_slot_event(ck_flags_t flags, ck_slot_id_t *slot, void *reserved)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
init_token(ck_slot_id_t slot_id, unsigned char *pin, unsigned long pin_len, unsigned char *label)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
init_pin(ck_session_handle_t session, unsigned char *pin, unsigned long pin_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
set_pin(ck_session_handle_t session, unsigned char *old_pin, unsigned long old_len,
        unsigned char *new_pin, unsigned long new_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
get_operation_state(ck_session_handle_t session, unsigned char *operation_state,
                    unsigned long *operation_state_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
set_operation_state(ck_session_handle_t session, unsigned char *operation_state,
                    unsigned long operation_state_len, ck_object_handle_t encryption_key,
                    ck_object_handle_t authentiation_key)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
create_object(ck_session_handle_t session, struct ck_attribute *templ, unsigned long count,
              ck_object_handle_t *object)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
copy_object(ck_session_handle_t session, ck_object_handle_t object, struct ck_attribute *templ,
            unsigned long count, ck_object_handle_t *new_object)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
destroy_object(ck_session_handle_t session, ck_object_handle_t object)
{
    return CKR_ACTION_PROHIBITED;
}

static ck_rv_t
set_attribute_value(ck_session_handle_t session, ck_object_handle_t object,
                    struct ck_attribute *templ, unsigned long count)
{
    return CKR_ACTION_PROHIBITED;
}

static ck_rv_t
encrypt_update(ck_session_handle_t session, unsigned char *part, unsigned long part_len,
               unsigned char *encrypted_part, unsigned long *encrypted_part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
encrypt_final(ck_session_handle_t session, unsigned char *last_encrypted_part,
              unsigned long *last_encrypted_part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
decrypt_update(ck_session_handle_t session, unsigned char *encrypted_part,
               unsigned long encrypted_part_len, unsigned char *part, unsigned long *part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
decrypt_final(ck_session_handle_t session, unsigned char *last_part, unsigned long *last_part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
digest_init(ck_session_handle_t session, struct ck_mechanism *mechanism)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
digest(ck_session_handle_t session, unsigned char *data, unsigned long data_len,
       unsigned char *digest, unsigned long *digest_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
digest_update(ck_session_handle_t session, unsigned char *part, unsigned long part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
digest_key(ck_session_handle_t session, ck_object_handle_t key)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
digest_final(ck_session_handle_t session, unsigned char *digest, unsigned long *digest_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
sign_recover_init(ck_session_handle_t session, struct ck_mechanism *mechanism,
                  ck_object_handle_t key)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
sign_recover(ck_session_handle_t session, unsigned char *data, unsigned long data_len,
             unsigned char *signature, unsigned long *signature_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
verify_recover_init(ck_session_handle_t session, struct ck_mechanism *mechanism,
                    ck_object_handle_t key)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
verify_recover(ck_session_handle_t session, unsigned char *signature, unsigned long signature_len,
               unsigned char *data, unsigned long *data_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
digest_encrypt_update(ck_session_handle_t session, unsigned char *part, unsigned long part_len,
                      unsigned char *encrypted_part, unsigned long *encrypted_part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
decrypt_digest_update(ck_session_handle_t session, unsigned char *encrypted_part,
                      unsigned long encrypted_part_len, unsigned char *part,
                      unsigned long *part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
sign_encrypt_update(ck_session_handle_t session, unsigned char *part, unsigned long part_len,
                    unsigned char *encrypted_part, unsigned long *encrypted_part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
decrypt_verify_update(ck_session_handle_t session, unsigned char *encrypted_part,
                      unsigned long encrypted_part_len, unsigned char *part,
                      unsigned long *part_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
generate_key(ck_session_handle_t session, struct ck_mechanism *mechanism,
             struct ck_attribute *templ, unsigned long count, ck_object_handle_t *key)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
wrap_key(ck_session_handle_t session, struct ck_mechanism *mechanism,
         ck_object_handle_t wrapping_key, ck_object_handle_t key, unsigned char *wrapped_key,
         unsigned long *wrapped_key_len)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
unwrap_key(ck_session_handle_t session, struct ck_mechanism *mechanism,
           ck_object_handle_t unwrapping_key, unsigned char *wrapped_key,
           unsigned long wrapped_key_len, struct ck_attribute *templ, unsigned long attribute_count,
           ck_object_handle_t *key)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
derive_key(ck_session_handle_t session, struct ck_mechanism *mechanism, ck_object_handle_t base_key,
           struct ck_attribute *templ, unsigned long attribute_count, ck_object_handle_t *key)
{
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static ck_rv_t
seed_random(ck_session_handle_t session, unsigned char *seed, unsigned long seed_len)
{
    return CKR_RANDOM_SEED_NOT_SUPPORTED;
}

static ck_rv_t
get_function_status(ck_session_handle_t session)
{
    return CKR_FUNCTION_NOT_PARALLEL;
}

static ck_rv_t
cancel_function(ck_session_handle_t session)
{
    return CKR_FUNCTION_NOT_PARALLEL;
}

void
p11_refuse_rest(struct ck_function_list *list)
{
    list->C_WaitForSlotEvent = wait_for_slot_event;
    list->C_InitToken = init_token;
    list->C_InitPIN = init_pin;
    list->C_SetPIN = set_pin;
    list->C_GetOperationState = get_operation_state;
    list->C_SetOperationState = set_operation_state;
    list->C_CreateObject = create_object;
    list->C_CopyObject = copy_object;
    list->C_DestroyObject = destroy_object;
    list->C_SetAttributeValue = set_attribute_value;
    list->C_EncryptUpdate = encrypt_update;
    list->C_EncryptFinal = encrypt_final;
    list->C_DecryptUpdate = decrypt_update;
    list->C_DecryptFinal = decrypt_final;
    list->C_DigestInit = digest_init;
    list->C_Digest = digest;
    list->C_DigestUpdate = digest_update;
    list->C_DigestKey = digest_key;
    list->C_DigestFinal = digest_final;
    list->C_SignRecoverInit = sign_recover_init;
    list->C_SignRecover = sign_recover;
    list->C_VerifyRecoverInit = verify_recover_init;
    list->C_VerifyRecover = verify_recover;
    list->C_DigestEncryptUpdate = digest_encrypt_update;
    list->C_DecryptDigestUpdate = decrypt_digest_update;
    list->C_SignEncryptUpdate = sign_encrypt_update;
    list->C_DecryptVerifyUpdate = decrypt_verify_update;
    list->C_GenerateKey = generate_key;
    list->C_WrapKey = wrap_key;
    list->C_UnwrapKey = unwrap_key;
    list->C_DeriveKey = derive_key;
    list->C_SeedRandom = seed_random;
    list->C_GetFunctionStatus = get_function_status;
    list->C_CancelFunction = cancel_function;
}

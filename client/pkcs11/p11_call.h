/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_call.h
 * @brief The functions of PKCS #11 2.40 as this module has them, each under its name there.
 *
 * p11_entry.c makes a list of them; what the token cannot do is in p11_refused.c.
 */
#ifndef TSEC_CLIENT_P11_CALL_H
#define TSEC_CLIENT_P11_CALL_H

#include <p11-kit/pkcs11.h>

ck_rv_t p11_initialize(void *init_args);
ck_rv_t p11_finalize(void *reserved);
ck_rv_t p11_get_info(struct ck_info *info);

ck_rv_t p11_get_slot_list(unsigned char token_present, ck_slot_id_t *list, unsigned long *count);
ck_rv_t p11_get_slot_info(ck_slot_id_t slot, struct ck_slot_info *info);
ck_rv_t p11_get_token_info(ck_slot_id_t slot, struct ck_token_info *info);
ck_rv_t p11_get_mechanism_list(ck_slot_id_t slot, ck_mechanism_type_t *list, unsigned long *count);
ck_rv_t p11_get_mechanism_info(ck_slot_id_t slot, ck_mechanism_type_t type,
                               struct ck_mechanism_info *info);

ck_rv_t p11_open_session(ck_slot_id_t slot, ck_flags_t flags, void *application, ck_notify_t notify,
                         ck_session_handle_t *session);
ck_rv_t p11_close_session(ck_session_handle_t session);
ck_rv_t p11_close_all_sessions(ck_slot_id_t slot);
ck_rv_t p11_get_session_info(ck_session_handle_t session, struct ck_session_info *info);
ck_rv_t p11_login(ck_session_handle_t session, ck_user_type_t user, unsigned char *pin,
                  unsigned long pin_len);
ck_rv_t p11_logout(ck_session_handle_t session);

ck_rv_t p11_find_objects_init(ck_session_handle_t session, struct ck_attribute *templ,
                              unsigned long count);
ck_rv_t p11_find_objects(ck_session_handle_t session, ck_object_handle_t *objects,
                         unsigned long max, unsigned long *count);
ck_rv_t p11_find_objects_final(ck_session_handle_t session);
ck_rv_t p11_get_attribute_value(ck_session_handle_t session, ck_object_handle_t object,
                                struct ck_attribute *templ, unsigned long count);
ck_rv_t p11_get_object_size(ck_session_handle_t session, ck_object_handle_t object,
                            unsigned long *size);

ck_rv_t p11_sign_init(ck_session_handle_t session, struct ck_mechanism *mechanism,
                      ck_object_handle_t key);
ck_rv_t p11_sign(ck_session_handle_t session, unsigned char *data, unsigned long data_len,
                 unsigned char *signature, unsigned long *signature_len);
ck_rv_t p11_sign_update(ck_session_handle_t session, unsigned char *part, unsigned long part_len);
ck_rv_t p11_sign_final(ck_session_handle_t session, unsigned char *signature,
                       unsigned long *signature_len);
ck_rv_t p11_verify_init(ck_session_handle_t session, struct ck_mechanism *mechanism,
                        ck_object_handle_t key);
ck_rv_t p11_verify(ck_session_handle_t session, unsigned char *data, unsigned long data_len,
                   unsigned char *signature, unsigned long signature_len);
ck_rv_t p11_verify_update(ck_session_handle_t session, unsigned char *part, unsigned long part_len);
ck_rv_t p11_verify_final(ck_session_handle_t session, unsigned char *signature,
                         unsigned long signature_len);
ck_rv_t p11_encrypt_init(ck_session_handle_t session, struct ck_mechanism *mechanism,
                         ck_object_handle_t key);
ck_rv_t p11_encrypt(ck_session_handle_t session, unsigned char *data, unsigned long data_len,
                    unsigned char *sealed, unsigned long *sealed_len);
ck_rv_t p11_decrypt_init(ck_session_handle_t session, struct ck_mechanism *mechanism,
                         ck_object_handle_t key);
ck_rv_t p11_decrypt(ck_session_handle_t session, unsigned char *sealed, unsigned long sealed_len,
                    unsigned char *data, unsigned long *data_len);

ck_rv_t p11_generate_key_pair(ck_session_handle_t session, struct ck_mechanism *mechanism,
                              struct ck_attribute *public_templ, unsigned long public_count,
                              struct ck_attribute *private_templ, unsigned long private_count,
                              ck_object_handle_t *public_key, ck_object_handle_t *private_key);
ck_rv_t p11_generate_random(ck_session_handle_t session, unsigned char *out, unsigned long len);

/** Sets those members that stand for what the token cannot do. */
void p11_refuse_rest(struct ck_function_list *list);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/hex.h"
#include "client/pkcs11/p11_call.h"
#include "client/pkcs11/p11_module.h"
#include "client/pkcs11/p11_say.h"
#include "crypto/hash.h"

enum { SERIAL_BYTES = 8, VERSION_MINOR = 1 };

static const char maker[] = "tee-secrets";

/** Padded with blanks and without a NUL, as PKCS #11 has its texts. */
static void
pad(unsigned char *out, size_t len, const char *text)
{
    const size_t n = strlen(text);

    memset(out, ' ', len);
    memcpy(out, text, n < len ? n : len);
}

/** Threads use POSIX locks: a program that insists on its own cannot be served. */
static ck_rv_t
check_args(const struct ck_c_initialize_args *args)
{
    const int given = (args->create_mutex != NULL) + (args->destroy_mutex != NULL)
                      + (args->lock_mutex != NULL) + (args->unlock_mutex != NULL);

    if (given != 0 && given != 4) {
        return CKR_ARGUMENTS_BAD;
    }
    return given == 4 && (args->flags & CKF_OS_LOCKING_OK) == 0 ? CKR_CANT_LOCK : CKR_OK;
}

ck_rv_t
p11_initialize(void *init_args)
{
    const struct ck_c_initialize_args *args = init_args;
    const ck_rv_t rv = args == NULL ? CKR_OK : check_args(args);

    return rv == CKR_OK ? p11_module_begin(args == NULL ? NULL : args->reserved) : rv;
}

ck_rv_t
p11_finalize(void *reserved)
{
    return reserved != NULL ? CKR_ARGUMENTS_BAD : p11_module_end();
}

ck_rv_t
p11_get_info(struct ck_info *info)
{
    struct p11_module *module;
    const ck_rv_t rv = p11_module(&module);

    if (rv != CKR_OK || info == NULL) {
        return rv != CKR_OK ? rv : CKR_ARGUMENTS_BAD;
    }
    *info = (struct ck_info){
        .cryptoki_version = { CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR },
        .library_version = { 0, VERSION_MINOR },
    };
    pad(info->manufacturer_id, sizeof(info->manufacturer_id), maker);
    pad(info->library_description, sizeof(info->library_description), "tee-secrets transit keys");
    return CKR_OK;
}

ck_rv_t
p11_get_slot_list(unsigned char token_present, ck_slot_id_t *list, unsigned long *count)
{
    struct p11_module *module;
    const ck_rv_t rv = p11_module(&module);

    (void)token_present; /* there is always one */
    if (rv != CKR_OK || count == NULL) {
        return rv != CKR_OK ? rv : CKR_ARGUMENTS_BAD;
    }
    const unsigned long room = *count;

    *count = 1;
    if (list != NULL) {
        if (room < 1) {
            return CKR_BUFFER_TOO_SMALL;
        }
        list[0] = P11_SLOT;
    }
    return CKR_OK;
}

static ck_rv_t
at_slot(ck_slot_id_t slot, const void *info, struct p11_module **module)
{
    const ck_rv_t rv = p11_module(module);

    if (rv != CKR_OK) {
        return rv;
    }
    if (slot != P11_SLOT) {
        return CKR_SLOT_ID_INVALID;
    }
    return info == NULL ? CKR_ARGUMENTS_BAD : CKR_OK;
}

ck_rv_t
p11_get_slot_info(ck_slot_id_t slot, struct ck_slot_info *info)
{
    struct p11_module *module;
    const ck_rv_t rv = at_slot(slot, info, &module);

    if (rv == CKR_OK) {
        *info = (struct ck_slot_info){ .flags = CKF_TOKEN_PRESENT };
        pad(info->slot_description, sizeof(info->slot_description),
            p11_settings_server(module->settings)->address);
        pad(info->manufacturer_id, sizeof(info->manufacturer_id), maker);
    }
    return rv;
}

/** The same for the same mount of the same address, however often it is asked. */
static void
put_serial(const struct p11_module *module, unsigned char out[16])
{
    const struct tsec_span parts[] = {
        tsec_span_str(p11_settings_server(module->settings)->address),
        tsec_span_str(" "),
        tsec_span_str(p11_settings_mount(module->settings)),
    };
    uint8_t digest[TSEC_SHA256_LEN];
    char digits[2 * SERIAL_BYTES + 1];

    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), digest);
    tsec_hex_encode(tsec_span(digest, SERIAL_BYTES), digits);
    memcpy(out, digits, sizeof(digits) - 1);
}

static ck_flags_t
token_flags(const struct p11_module *module)
{
    const ck_flags_t always = CKF_RNG | CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED;

    return always
           | (p11_server_is_trusted(module->server) ? CKF_PROTECTED_AUTHENTICATION_PATH
                                                    : CKF_LOGIN_REQUIRED);
}

ck_rv_t
p11_get_token_info(ck_slot_id_t slot, struct ck_token_info *info)
{
    struct p11_module *module;
    const ck_rv_t rv = at_slot(slot, info, &module);

    if (rv != CKR_OK) {
        return rv;
    }
    *info = (struct ck_token_info){
        .flags = token_flags(module),
        .max_session_count = P11_SESSIONS_MAX,
        .max_rw_session_count = P11_SESSIONS_MAX,
        .max_pin_len = CLI_TOKEN_MAX,
        .min_pin_len = 1,
        .total_public_memory = CK_UNAVAILABLE_INFORMATION,
        .free_public_memory = CK_UNAVAILABLE_INFORMATION,
        .total_private_memory = CK_UNAVAILABLE_INFORMATION,
        .free_private_memory = CK_UNAVAILABLE_INFORMATION,
    };
    p11_sessions_count(module->sessions, &info->session_count, &info->rw_session_count);
    pad(info->label, sizeof(info->label), p11_settings_mount(module->settings));
    pad(info->manufacturer_id, sizeof(info->manufacturer_id), maker);
    pad(info->model, sizeof(info->model), "transit");
    pad(info->utc_time, sizeof(info->utc_time), "");
    put_serial(module, info->serial_number);
    return CKR_OK;
}

ck_rv_t
p11_get_mechanism_list(ck_slot_id_t slot, ck_mechanism_type_t *list, unsigned long *count)
{
    struct p11_module *module;
    const ck_rv_t rv = at_slot(slot, count, &module);

    if (rv != CKR_OK) {
        return rv;
    }
    const unsigned long room = *count;

    *count = p11_mechanisms();
    if (list == NULL) {
        return CKR_OK;
    }
    if (room < *count) {
        return CKR_BUFFER_TOO_SMALL;
    }
    for (size_t i = 0; i < p11_mechanisms(); i++) {
        list[i] = p11_mechanism_at(i)->type;
    }
    return CKR_OK;
}

ck_rv_t
p11_get_mechanism_info(ck_slot_id_t slot, ck_mechanism_type_t type, struct ck_mechanism_info *info)
{
    struct p11_module *module;
    const ck_rv_t rv = at_slot(slot, info, &module);
    const struct p11_mechanism *mechanism = p11_mechanism_find(type);

    if (rv != CKR_OK || mechanism == NULL) {
        return rv != CKR_OK ? rv : CKR_MECHANISM_INVALID;
    }
    *info = (struct ck_mechanism_info){
        .min_key_size = mechanism->min_bits,
        .max_key_size = mechanism->max_bits,
        .flags = mechanism->flags,
    };
    return CKR_OK;
}

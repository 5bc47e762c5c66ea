/* SPDX-License-Identifier: Apache-2.0 */
#include "pck_ext.h"

#include <string.h>

#include "tests/mint/mint_sgx.h"
#include "tests/test.h"

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(MINT_SGX_MAX)

static struct mint_sgx spec;
static struct pck_ext ext;

static void
make(struct tsec_buf *der)
{
    mint_sgx_genuine(&spec, false);
    mint_sgx_extension(&spec.platform, der);
}

static bool
is_taken(const struct tsec_buf *der)
{
    const tsec_rc rc = pck_ext_parse(tsec_buf_span(der), &ext, NULL);

    CU_ASSERT_TRUE(rc.code == TSEC_OK_CODE || rc.code == TSEC_E_INVALID);
    return !tsec_failed(rc);
}

static void
what_intel_certifies_is_read(void)
{
    BUF(der);

    mint_sgx_genuine(&spec, false);
    for (unsigned i = 0; i < 16; i++) {
        spec.platform.components[i] = (uint8_t)(i * 17);
    }
    spec.platform.pce_svn = 0xfffe;
    spec.platform.pce_id[1] = 1;
    mint_sgx_extension(&spec.platform, &der);
    CU_ASSERT_TRUE_FATAL(is_taken(&der));
    CU_ASSERT_EQUAL(memcmp(ext.components, spec.platform.components, 16), 0);
    CU_ASSERT_EQUAL(ext.pce_svn, 0xfffe);
    CU_ASSERT_EQUAL(ext.pce_id[1], 1);
    CU_ASSERT_EQUAL(memcmp(ext.fmspc, spec.platform.fmspc, 6), 0);
    CU_ASSERT_EQUAL(memcmp(ext.ppid, spec.platform.ppid, 16), 0);
    CU_ASSERT_EQUAL(ext.sgx_type, 1);
    CU_ASSERT_TRUE(ext.has_instance);
    CU_ASSERT_EQUAL(ext.instance[15], 0x77);
}

static void
instance_and_configuration_may_be_absent(void)
{
    BUF(der);

    mint_sgx_genuine(&spec, false);
    spec.platform.has_instance = false;
    spec.platform.has_configuration = false;
    mint_sgx_extension(&spec.platform, &der);
    CU_ASSERT_TRUE(is_taken(&der));
    CU_ASSERT_FALSE(ext.has_instance);
}

static void
it_is_refused_cut_off_anywhere_and_with_a_byte_more(void)
{
    BUF(der);

    make(&der);
    for (size_t len = 0; len < der.len; len++) {
        BUF(cut);

        tsec_buf_put(&cut, der.ptr, len);
        CU_ASSERT_FALSE(is_taken(&cut));
    }
    tsec_buf_put_byte(&der, 0);
    CU_ASSERT_FALSE(is_taken(&der));
}

/* Every byte of structure counts: a changed one either changes a value or is refused, and never
 * makes a part vanish. */
static void
a_changed_byte_is_refused_or_seen(void)
{
    struct pck_ext genuine;
    BUF(der);
    size_t unseen = 0;

    make(&der);
    CU_ASSERT_TRUE_FATAL(is_taken(&der));
    genuine = ext;
    for (size_t i = 0; i < der.len; i++) {
        der.ptr[i] ^= 0x40;
        unseen += is_taken(&der) && memcmp(&ext, &genuine, sizeof(ext)) == 0 ? 1 : 0;
        der.ptr[i] ^= 0x40;
    }
    /* the tag of the configuration, which nothing depends on */
    CU_ASSERT_TRUE(unseen <= 1);
}

/* Finds `from` and puts `to` there, of the same length. */
static void
swap(struct tsec_buf *der, const char *from, const char *to, size_t len)
{
    uint8_t *at = memmem(der->ptr, der->len, from, len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at, to, len);
}

static void
a_part_twice_missing_or_unknown_is_refused(void)
{
    static const struct {
        const char *from;
        const char *to;
    } rows[] = {
        { "\x01\x0d\x01\x03\x04\x02", "\x01\x0d\x01\x04\x04\x02" }, /* PCEID as another FMSPC */
        { "\x01\x0d\x01\x05\x0a\x01", "\x01\x0d\x01\x07\x0a\x01" }, /* no type */
        { "\x01\x0d\x01\x05\x0a\x01", "\x01\x0d\x01\x08\x0a\x01" }, /* a part 8 */
        { "\x01\x0d\x01\x02\x03\x02", "\x01\x0d\x01\x02\x04\x02" }, /* component 4 twice */
        { "\x01\x0d\x01\x02\x12\x04", "\x01\x0d\x01\x02\x13\x04" }, /* a part 19 of the TCB */
        { "\x01\x0d\x01\x02\x03\x02", "\x01\x0d\x01\x03\x03\x02" }, /* not under the TCB */
        { "\x01\x0d\x01\x05\x0a\x01\x01", "\x01\x0d\x01\x05\x0a\x01\x03" }, /* type 3 */
        { "\x01\x0d\x01\x05\x0a\x01", "\x01\x0d\x01\x05\x02\x01" },         /* no ENUMERATED */
        { "\x01\x0d\x01\x02\x03\x02", "\x01\x0d\x01\x02\x03\x04" }, /* component of octets */
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        BUF(der);

        make(&der);
        swap(&der, rows[i].from, rows[i].to, strlen(rows[i].from));
        CU_ASSERT_FALSE(is_taken(&der));
    }
}

static void
numbers_past_their_range_are_refused(void)
{
    BUF(der);

    /* component 16 with 256, which needs two bytes: as long as PCESVN's 0x0b00 */
    mint_sgx_genuine(&spec, false);
    spec.platform.pce_svn = 0x0b00;
    mint_sgx_extension(&spec.platform, &der);
    CU_ASSERT_TRUE(is_taken(&der));
    swap(&der, "\x01\x0d\x01\x02\x11\x02\x02", "\x01\x0d\x01\x02\x10\x02\x02", 7);
    CU_ASSERT_FALSE(is_taken(&der));
    /* negative */
    tsec_buf_reset(&der);
    make(&der);
    swap(&der, "\x01\x0d\x01\x02\x01\x02\x01\x05", "\x01\x0d\x01\x02\x01\x02\x01\x85", 8);
    CU_ASSERT_FALSE(is_taken(&der));
}

static void
a_certificate_must_have_it(void)
{
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *with = NULL;
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *without = NULL;
    BUF(a);
    BUF(b);

    mint_sgx_genuine(&spec, false);
    mint_sgx_cert(&spec, MINT_SGX_PCK, &a);
    mint_sgx_cert(&spec, MINT_SGX_CA, &b);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_cert_parse(tsec_buf_span(&a), &with, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_cert_parse(tsec_buf_span(&b), &without, NULL)));
    CU_ASSERT_FALSE(tsec_failed(pck_ext_read(with, &ext, NULL)));
    CU_ASSERT_EQUAL(ext.pce_svn, 11);
    CU_ASSERT_EQUAL(pck_ext_read(without, &ext, NULL).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "what Intel certifies is read", what_intel_certifies_is_read },
    { "instance and configuration may be absent", instance_and_configuration_may_be_absent },
    { "it is refused cut off anywhere, and with a byte more",
      it_is_refused_cut_off_anywhere_and_with_a_byte_more },
    { "a changed byte is refused or seen", a_changed_byte_is_refused_or_seen },
    { "a part twice, missing or unknown is refused", a_part_twice_missing_or_unknown_is_refused },
    { "numbers past their range are refused", numbers_past_their_range_are_refused },
    { "a certificate must have it", a_certificate_must_have_it },
};

TEST_MAIN("plugins/pck_ext", cases)

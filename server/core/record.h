/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/record.h
 * @brief How a noun becomes a row's payload and back: one table of fields per noun.
 *
 * A payload is a version byte and the fields in the table's order (pack.h); what is written has the
 * latest version, and a server that does not know it refuses it whole.  A decoded record is
 * one block of memory that holds the struct and all its strings; it is immutable, shared by
 * readers, and wiped when it goes.  To change one, copy the struct, point its members elsewhere,
 * and put that.
 */
#ifndef TSEC_CORE_RECORD_H
#define TSEC_CORE_RECORD_H

#include "base/strings.h"
#include "state/txn.h"

enum { RECORD_TAG_LEN = 32, RECORD_STR_MAX = 512 * 1024, RECORD_LIST_MAX = 65536 };

enum record_kind {
    RECORD_UNSET = 0,
    RECORD_STR,     /* const char *; NULL is stored as "" */
    RECORD_I64,     /* int64_t */
    RECORD_BOOL,    /* bool */
    RECORD_TAG,     /* uint8_t[RECORD_TAG_LEN] */
    RECORD_BYTES,   /* struct tsec_span */
    RECORD_STRINGS, /* struct tsec_strings */
    RECORD_MAP,     /* struct tsec_string_map */
};

struct record_field {
    enum record_kind kind;
    size_t offset;
    uint8_t since; /* the version that brought it; 0: every version has it */
};

#define RECORD_FIELD(type, member, kind)         \
    {                                            \
        (kind), offsetof(struct type, member), 0 \
    }
/** A field that rows of earlier versions do not have: there it comes out empty. */
#define RECORD_FIELD_SINCE(version, type, member, kind)  \
    {                                                    \
        (kind), offsetof(struct type, member), (version) \
    }

struct record_type {
    const char *name;
    uint8_t version;
    size_t size; /* of the struct */
    const struct record_field *fields;
    size_t fields_len;
};

TSEC_MUST_CHECK tsec_rc record_put(struct txn *txn, struct tsec_span key,
                                   const struct record_type *type, const void *record,
                                   struct tsec_err *err);
void record_pack(const struct record_type *type, const void *record, struct tsec_buf *out);
/** Also of an earlier version, when all that came since says so in the table.  Freed by
 *  record_free(). */
TSEC_MUST_CHECK tsec_rc record_decode(const struct record_type *type, struct tsec_span payload,
                                      void **out, struct tsec_err *err);
void record_free(void *record);

/** A row that says only that it is there. */
TSEC_MUST_CHECK tsec_rc record_put_mark(struct txn *txn, struct tsec_span key,
                                        struct tsec_err *err);

/** The names txn_list() visits, copied into the arena, so that rows may change while walking. */
TSEC_MUST_CHECK tsec_rc record_names(struct txn *txn, struct tsec_span prefix,
                                     struct tsec_span after, size_t limit, bool deep,
                                     struct tsec_strings *out, struct tsec_err *err);

#endif

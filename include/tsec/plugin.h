/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tsec/plugin.h
 * @brief The contract between the server and a plugin: result type, spans, sinks, descriptor.
 *
 * A plugin exports one symbol, tsec_plugin_v1().  It includes <tsec/...>, system headers, its own
 * third-party libraries, and lib/ (linked into it statically with hidden visibility); nothing of
 * server/.  It has no undefined symbol of the server: what it needs of it is lent by
 * `struct tsec_host`.
 *
 * Compatibility.  Every struct here that may grow starts with its own size, as the side that filled
 * it in was compiled.  Members are only ever appended, under a comment that names the revision that
 * ends there; a reader tests TSEC_HAS(p, member) before it touches anything newer than 1.0.  Any
 * other change increments TSEC_ABI_MAJOR, and the loader refuses the plugin.
 *
 * Ownership.  The caller owns every argument, for the length of the call.  Nothing allocated on one
 * side is freed on the other: results leave through a sink or into memory the caller provides.
 *
 * Threads.  open() and close() are called from one thread.  Every other operation may be called
 * from several threads at once, on one handle, unless its comment says otherwise.
 */
#ifndef TSEC_PLUGIN_H
#define TSEC_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define TSEC_ABI_MAGIC UINT32_C(0x54534543) /* "TSEC" */
#define TSEC_ABI_MAJOR UINT16_C(1)
#define TSEC_ABI_MINOR UINT16_C(1)

#define TSEC_MUST_CHECK __attribute__((warn_unused_result))

/** True when *p was built with `member`, and has set it. */
#define TSEC_HAS(p, member)                                                       \
    ((p)->struct_size >= offsetof(__typeof__(*(p)), member) + sizeof((p)->member) \
     && (p)->member != NULL)

enum tsec_code {
    TSEC_OK_CODE = 0,
#define TSEC_ERROR(name, slug, code, http, blame, title) TSEC_E_##name = (code),
#include <tsec/errors.def>
#undef TSEC_ERROR
};

/** What a call came to: 0, or a code of tsec/errors.def.  A struct, so that the compiler refuses
 *  `if (f())` and `return -1`. */
typedef struct {
    int32_t code;
} tsec_rc;

/** Where and why, for the log.  Never shown to a client; never holds key or secret bytes. */
struct tsec_err {
    int32_t code;
    uint32_t line;
    const char *file;
    char detail[192];
};

/** Borrowed bytes: never freed through this, never NUL-terminated by promise. */
struct tsec_span {
    const uint8_t *ptr;
    size_t len;
};

/** Takes a result out of a call.  May be called more than once, in order. */
struct tsec_sink {
    void *ctx;
    tsec_rc (*write)(void *ctx, struct tsec_span chunk);
};

enum tsec_log_level {
    TSEC_LOG_ERR = 3,   /* our fault, or our machine's: page someone */
    TSEC_LOG_WARN = 4,  /* a peer's fault: it is retried, look at it when it stays */
    TSEC_LOG_INFO = 6,  /* life cycle and requests */
    TSEC_LOG_DEBUG = 7, /* never values */
};

/** What the server lends a plugin, valid from open() to close(). */
struct tsec_host {
    uint32_t struct_size;
    void *ctx;
    /** One line, without a newline; never a key, a token or a secret. */
    void (*log)(void *ctx, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
    /** The plugin's setting of that name, or NULL; valid until close(). */
    const char *(*setting)(void *ctx, const char *key);
    /** Seconds since 1970-01-01 UTC as the server believes them. */
    int64_t (*now)(void *ctx);
    /* ---- 1.0 ends here ---- */
};

struct tsec_store_ops;  /* tsec/store.h */
struct tsec_attest_ops; /* tsec/attest.h */

enum tsec_plugin_kind {
    TSEC_PLUGIN_STORE = 1,
    TSEC_PLUGIN_ATTEST = 2,
};

struct tsec_plugin {
    uint32_t abi_magic;
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t struct_size;
    uint32_t kind;
    const char *name; /* the file's name without .so: "store-sqlite" */
    const char *version;
    const struct tsec_store_ops *store;
    const struct tsec_attest_ops *attest;
    /* ---- 1.0 ends here ---- */
};

/** The first members of every descriptor. */
#define TSEC_PLUGIN_HEADER(plugin_kind)                                                    \
    .abi_magic = TSEC_ABI_MAGIC, .abi_major = TSEC_ABI_MAJOR, .abi_minor = TSEC_ABI_MINOR, \
    .struct_size = (uint32_t)sizeof(struct tsec_plugin), .kind = (plugin_kind)

#define TSEC_PLUGIN_ENTRY      tsec_plugin_v1
#define TSEC_PLUGIN_ENTRY_NAME "tsec_plugin_v1"

typedef const struct tsec_plugin *(*tsec_plugin_entry_fn)(void);

#ifdef TSEC_PLUGIN_BUILD
__attribute__((visibility("default"))) const struct tsec_plugin *TSEC_PLUGIN_ENTRY(void);
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/evidence_flags.h
 * @brief What a command line asks about a piece of evidence, read from its flags and files.
 */
#ifndef TSEC_CLIENT_EVIDENCE_FLAGS_H
#define TSEC_CLIENT_EVIDENCE_FLAGS_H

#include "client/cli.h"
#include "client/evidence_collateral.h"
#include "client/evidence_input.h"
#include "client/evidence_judge.h"

extern const struct cli_flag evidence_verify_flags[];
extern const struct cli_flag evidence_show_flags[];

/** A question, and the memory it borrows from.  Begins zero-filled. */
struct evidence_case {
    struct evidence_ask ask;
    enum cli_format output;
    enum evidence_encoding encoding;
    bool encoding_given;
    struct evidence_verifier *verifier;
    struct evidence_collateral collateral;
    struct tsec_expr *allowed;
    const char **allowed_text;
    struct tsec_buf text; /* the evidence as it came */
    struct tsec_buf evidence;
    struct tsec_buf nonce;
    struct tsec_buf binding;
    struct tsec_buf public_key;
    struct tsec_buf jwks;
    struct evidence_statement statement;
    struct evidence_setting settings[2]; /* the last is empty */
    struct tsec_err undecodable;
};

void evidence_case_init(struct evidence_case *c);
void evidence_case_done(struct evidence_case *c);

/** -format, -evidence-format, -output, -format-in: what both commands have.  A failure of these is
 *  the caller's mistake, or of a file that cannot be read; evidence that is not what it should be
 *  is none. */
TSEC_MUST_CHECK tsec_rc evidence_flags_formats(const struct cli *cli, struct evidence_case *c,
                                               struct tsec_err *err);
/** Reads the evidence, an operand; c->ask.undecodable says what is wrong with it. */
TSEC_MUST_CHECK tsec_rc evidence_flags_evidence(const struct cli *cli, struct evidence_case *c,
                                                struct tsec_err *err);
/** Everything else of `evidence verify`: opens the verifier, and gives it the collateral. */
TSEC_MUST_CHECK tsec_rc evidence_flags_expectation(const struct cli *cli,
                                                   const struct tsec_plugin *const *plugins,
                                                   struct evidence_case *c, struct tsec_err *err);

#endif

/*
 * A script is read to its end before anything runs: does it split, does it parse where the
 * grammar is known, can it run the way it asks to? What was learnt is kept for the run; the
 * statements of a small script too, so that it is read once.
 */
#ifndef GW_MIGRATE_CHECK_H
#define GW_MIGRATE_CHECK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "migrate/folder.h"
#include "pg/session.h"
#include "sql/classify.h"

typedef struct gw_statement {
    const char *text;
    size_t len;
    unsigned line, col, number; /* number: from 1, over the whole script */
    gw_stmt_class kind;
    bool transaction_mode; /* SET TRANSACTION …: has to come before any query */
} gw_statement;

typedef struct gw_check_warning {
    const char *text;
    unsigned line;
} gw_check_warning;

/* A BEGIN … COMMIT of a file outside a transaction, with a statement whose effect does not go with its
 * rollback (gw_stmt_class.outlasts). */
typedef struct gw_lasting_block {
    unsigned begin; /* number of its BEGIN */
    unsigned line;  /* of the first such statement */
    const char *why;
} gw_lasting_block;

typedef struct gw_checked {
    const gw_migration *migration;
    const gw_script *script;
    bool revert;
    size_t statements; /* those that run: an absorbed BEGIN and COMMIT do not count */
    bool absorbed;     /* one outer BEGIN … COMMIT was taken off */
    const char *begin; /* that BEGIN's text (isolation level), or NULL */
    unsigned commit_line, commit_col; /* where that COMMIT stands; 0: ours, behind the file */
    bool has_copy;
    bool passes_over;  /* CREATE INDEX, TABLE, SEQUENCE IF NOT EXISTS: what has the name is looked at */
    bool plain; /* nothing but DDL that cannot change the session */
    bool transactional;
    bool may_lose; /* a statement may throw rows or values away (sql/effects.h) */
    bool may_fire; /* writes rows: a trigger or a rule may do so */
    bool arms;     /* makes a trigger, an event trigger or a rule */
    bool commands; /* has DDL: an event trigger may go off */
    const char *needs_session; /* NULL, or why a transaction pooler will not do; with its line */
    unsigned needs_session_line;
    gw_statement *kept;  /* all of them where the script is small, else NULL */
    /* No statement; COPY data without an end; a strong lock kept across later statements. */
    GW_VEC(gw_check_warning) warnings;
    gw_lasting_block *lasting;
    size_t lasting_count;
    /* The first such statement of a file in a transaction, or of a batch; NULL: all of it goes with that. */
    const gw_statement *lasts;
} gw_checked;

typedef struct gw_check_options {
    const gw_script_context *context;
    int server_version;  /* 150000 */
    /* Asked about what the built-in grammar refuses where the server's is newer; NULL: such a
     * statement may pass. Outside a transaction. */
    gw_session *server;
    /* Where names without a schema are looked for on it; NULL: as its own settings say. */
    const char *search_path;
    bool pooled;
    bool escape_strings; /* standard_conforming_strings is off for this role */
    /* It is to run, not replayed: a file without a statement (but where its tool runs one) and a
     * batch that may never end are errors. What was applied before they were is replayed. */
    bool pending;
    size_t keep_bytes;   /* keep statements of scripts up to this size */
} gw_check_options;

/* Errors are of kind INPUT, or REFUSED where it would change schema godwit, with file:line:col. */
bool gw_check_script(gw_arena *arena, const gw_migration *migration, const gw_script *script,
                     bool revert, const gw_check_options *options, gw_checked *out, gw_err *err);

/* How a file of that convention says that it runs outside a transaction. */
const char *gw_no_transaction_words(gw_format format);

/*
 * The statements of a checked script, one after another: kept ones, or read again from the file.
 * Absorbed transaction control is left out.
 */
typedef struct gw_statements gw_statements;
gw_statements *gw_statements_open(gw_arena *arena, const gw_checked *checked,
                                  const gw_script_context *context);
/* *out NULL at the end. Valid until the next call. `standard_strings` as the session has it now. */
bool gw_statements_next(gw_statements *statements, bool standard_strings, const gw_statement **out,
                        gw_err *err);

/* Where a statement stands, to go back to it. */
typedef struct gw_statement_mark {
    size_t section, at;
    uint64_t offset;
    unsigned line, col, number;
} gw_statement_mark;
/* Of the statement that the last call gave. */
gw_statement_mark gw_statements_mark(const gw_statements *statements);
/* The next statement is the marked one again, read from the file. */
bool gw_statements_back(gw_statements *statements, const gw_statement_mark *mark, gw_err *err);

/* After a COPY … FROM stdin: its data, chunk by chunk; *data NULL at the end. */
bool gw_statements_copy_data(gw_statements *statements, const char **data, size_t *len,
                             gw_err *err);

/* The line of the file that its data begins in; 0 before any was read. */
unsigned gw_statements_copy_line(const gw_statements *statements);
/* The server counts the lines of the data from 1: err's place becomes the file's line. */
void gw_copy_place(const gw_statement *statement, unsigned first_line, gw_err *err);

/* SET TRANSACTION …: it has to come before any query of the transaction. */
bool gw_is_transaction_mode(const char *text, size_t len);
/* Put the place of a server error (its position in the statement) into err: file:line:col. */
void gw_statement_place(const gw_statement *statement, const char *file, gw_err *err);

#endif

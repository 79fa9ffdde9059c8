/*
 * A dry run between its files: dry.c goes through the statements of a file, dry_own.c has Godwit's own that go
 * with them. Private to this folder.
 */
#ifndef GW_MIGRATE_DRY_H
#define GW_MIGRATE_DRY_H

#include "base/buf.h"
#include "base/digest.h"
#include "migrate/internal.h"
#include "migrate/plan.h"

/* One file. */
typedef struct gw_dry {
    gw_runner *r;
    gw_arena *arena;
    gw_buf *own;           /* a transaction of Godwit's own, said as one line; empty outside one */
    const gw_checked *checked;
    const gw_applied *row; /* of a run that came half-way; NULL: none */
    bool atomic;           /* in one transaction with the others */
    bool last;             /* its commit waits for the disk */
    bool pooled;           /* nothing is set in the session */
    bool limited;          /* outside a transaction: the session has a lock_timeout of its own */
    bool in_block;
    bool async_first;      /* that it does not is said when it begins */
    const char *opens_with;       /* of a batch: what asks for the keys of a range, behind the limits */
    const gw_param *opens_after;
    bool set;              /* the file has set something since its progress was said */
    bool acts;             /* outside a transaction: the file has changed its role */
    int64_t done, total;
    gw_digest *prefix;     /* of the statements that are done */
} gw_dry;

void gw_dry_say(const gw_dry *d, const char *text);

/* One of Godwit's own, in one line, with its values. */
void gw_dry_say_own(const gw_dry *d, const char *text, const gw_param *params, size_t count);
/* A transaction of Godwit's own about the file: all of it is one line. */
void gw_dry_say_begin(const gw_dry *d);
void gw_dry_say_commit(const gw_dry *d);

/* What up makes before the first file: Godwit's tables, of which there are those of version `tables`. */
void gw_dry_say_tables(const gw_dry *d, int tables);
/* sqlx's table, with the rows of what is applied; nothing where it is there. */
bool gw_dry_say_companion(const gw_dry *d, const gw_plan *plan, gw_err *err);

/* The file's row of the history, its event and sqlx's row (gw_tx_record). */
bool gw_dry_say_record(const gw_dry *d, int64_t duration_ms, gw_err *err);
/* The row of a file that is not one transaction, before it begins or goes on. */
void gw_dry_say_row(const gw_dry *d, const char *intent);
/* How far it is; `statement`: about to begin, NULL: none is. */
void gw_dry_say_progress(const gw_dry *d, const gw_statement *statement);
/* Of a batch, whose place is kept as text. */
void gw_dry_say_place(const gw_dry *d, const char *intent);

#endif

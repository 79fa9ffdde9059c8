/*
 * Indexes that CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY leave INVALID: which one it is,
 * whether somebody is still at it, whether it is what a statement makes. Private to this folder.
 */
#ifndef GW_MIGRATE_CONCURRENT_INDEX_H
#define GW_MIGRATE_CONCURRENT_INDEX_H

#include "migrate/internal.h"

typedef struct gw_found_index {
    int64_t id; /* oid */
    const char *schema, *name;
    bool valid;
    const char *on_table; /* quoted, with its schema */
    bool same_table;      /* as the statement's */
    const char *definition;
} gw_found_index;

typedef struct gw_found_indexes {
    gw_found_index *items;
    size_t len;
} gw_found_indexes;

/* Of DROP INDEX: the index. Of CREATE INDEX: that of its name, on whichever table it is; where the
 * statement names none, those of its table that are not in `before` (gw_index_list). */
bool gw_index_find(gw_runner *r, gw_arena *arena, const gw_stmt_class *c, const char *before,
                   gw_found_indexes *out, gw_err *err);

/* What REINDEX left INVALID; only id, schema and name are known. */
bool gw_index_find_leftovers(gw_runner *r, gw_arena *arena, const gw_stmt_class *c,
                             gw_found_indexes *out, gw_err *err);

/* All that are on the statement's table now. */
bool gw_index_list(gw_runner *r, gw_arena *arena, const gw_stmt_class *c, const char **out,
                   gw_err *err);

typedef enum gw_likeness {
    GW_LIKENESS_SAME,
    GW_LIKENESS_OTHER, /* it says another thing: table, uniqueness, method, keys, … */
    GW_LIKENESS_DOUBT, /* an expression, a predicate that reads otherwise, a newer grammar */
} gw_likeness;

/* Is it what the CREATE INDEX statement makes? Its name apart. */
gw_likeness gw_index_likeness(gw_arena *arena, const gw_statement *statement,
                              const gw_found_index *index);

/* The same; what is in doubt the server is asked about: DOUBT where it cannot say either (no temporary
 * tables for this role). */
gw_likeness gw_index_likeness_asked(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                                    const gw_found_index *index);

/* CREATE INDEX … IF NOT EXISTS passes over whatever has the name. false, kind STATE: it is there, and
 * is not what the statement makes, or nobody can tell. For files that run statement by statement. */
bool gw_index_is_meant(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                       const gw_checked *checked, gw_err *err);

/* The same inside a file's transaction, where folders of other tools have it that ran for years: an
 * INVALID index is refused, of another one a warning says what is passed over. */
bool gw_index_pass_over(gw_runner *r, const gw_statement *statement, const gw_checked *checked,
                        gw_err *err);

typedef enum gw_fate {
    GW_FATE_GONE,
    GW_FATE_VALID,
    GW_FATE_LEFT, /* INVALID, and nobody is at it */
    GW_FATE_HELD, /* INVALID, and another session is at it */
} gw_fate;

/* What becomes of an INVALID index. While another session is at it, that is waited for as long as
 * the run may wait, then kind BUSY; where `checked` is NULL: HELD at once. */
bool gw_index_fate(gw_runner *r, const gw_checked *checked, const gw_found_index *index,
                   gw_fate *out, gw_err *err);

/* Says so in the log when it is done. It waits as the session does; who is in the way is watched. Only
 * of what was LEFT. */
bool gw_index_drop(gw_runner *r, gw_arena *arena, const gw_found_index *index, gw_err *err);

/* Before CREATE INDEX CONCURRENTLY: an INVALID index of that name is waited for; what a build left
 * is dropped where it is what the statement makes, and refused where it is not or may not be. */
bool gw_index_clear_way(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                        const gw_checked *checked, gw_err *err);

/* The statement failed because the name is taken: by what. Best effort. */
void gw_index_say_taken(gw_runner *r, gw_arena *arena, const gw_statement *statement, gw_err *err);

#endif

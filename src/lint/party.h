/* What a party's files make, change and use, for the comparison. Of this folder only. */
#ifndef GW_LINT_PARTY_H
#define GW_LINT_PARTY_H

#include "lint/conflicts.h"
#include "lint/ignore.h"
#include "lint/names.h"

/* An object is dropped, renamed, given another type. */
typedef struct gw_party_change {
    gw_made_kind kind;
    const char *schema, *name;
    const char *column; /* NULL: the whole object */
    const char *verb;   /* "drops" */
    const gw_statement_seen *statement;
} gw_party_change;

typedef struct gw_party_use {
    gw_made_kind kind;
    const char *schema, *name; /* schema NULL: not said, and not known */
    const gw_statement_seen *statement;
} gw_party_use;

/* A column that is added to a table which stands already. */
typedef struct gw_party_column {
    const char *schema, *table;
    const gw_column *column;
    bool if_not_exists;
    const gw_statement_seen *statement;
} gw_party_column;

typedef struct gw_party {
    const char *name;
    gw_lint *lint;
    GW_VEC(gw_party_change) changes;
    GW_VEC(gw_party_use) uses;
    GW_VEC(gw_party_column) columns;
    gw_ignore_list ignores;
} gw_party;

gw_party *gw_party_follow(gw_arena *arena, const char *name, const gw_party_script *scripts,
                          size_t count);

/* `-- godwit: ignore conflict REASON` (or conflict_KIND) at the statement, or above all in its file. */
bool gw_party_ignores(const gw_party *party, const gw_statement_seen *s, const char *kind);

/* Is the statement one of its own, not of what stands below all? */
static inline bool gw_party_own(const gw_statement_seen *s)
{
    return s && !s->script->script.context;
}

/* The first use of an object (of a column of it) in a statement of its own, or NULL. */
const gw_statement_seen *gw_party_uses(const gw_party *party, const gw_party_change *change);

/* Text of a column's or constraint's definition as it stands in the statement. */
const char *gw_definition_text(gw_arena *arena, const gw_statement_seen *s, const gw_node *node);

#endif

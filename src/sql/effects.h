/*
 * What a statement does to tables, columns and types, as far as rows or values may go with it: its
 * text alone, not looked up anywhere. Also what has to be followed to know whom a later name
 * means: what is made, renamed, moved, and the search_path.
 *
 * A DO block is read as well: the statements in it as if each of them ran, the text of EXECUTE
 * where it is a constant. What functions do that a statement calls stands in their bodies: calls.h.
 */
#ifndef GW_SQL_EFFECTS_H
#define GW_SQL_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/vec.h"

typedef enum gw_effect_kind {
    GW_EFFECT_SETS_PATH, /* to: comma-separated; NULL: as it was */
    GW_EFFECT_MAKES_TABLE,
    GW_EFFECT_MAKES_TYPE, /* to: the labels of an enum as SQL, or NULL */
    GW_EFFECT_MAKES_COLUMN,
    GW_EFFECT_RENAMES_TABLE,
    GW_EFFECT_RENAMES_COLUMN,
    GW_EFFECT_RENAMES_TYPE,
    GW_EFFECT_RENAMES_SCHEMA,
    GW_EFFECT_MOVES_TABLE, /* to another schema */
    GW_EFFECT_MOVES_TYPE,
    GW_EFFECT_WRITES, /* puts values into a table */
    GW_EFFECT_DELETES_SOME, /* with a WHERE; to: the condition where it asks of the row alone */
    /* column: the trigger's or rule's name. */
    GW_EFFECT_MAKES_TRIGGER,  /* to, to_schema: its function */
    GW_EFFECT_MAKES_RULE,     /* to: its text; expression: it runs instead */
    GW_EFFECT_STOPS_TRIGGER,  /* dropped or disabled; column NULL: all of the table's; cascade: those of
                                 its foreign keys, too */
    GW_EFFECT_STARTS_TRIGGER, /* enabled */
    GW_EFFECT_MAKES_KEY, /* to, to_schema: what it refers to; sets, refers: the columns; cascade: on
                            delete; column: its name, where said */
    GW_EFFECT_STOPS_CONSTRAINT, /* column: its name */
    GW_EFFECT_COMMANDS,         /* to: the command's tag, as event triggers know it */
    GW_EFFECT_MAKES_WATCH,  /* an event trigger. column: its name; to, to_schema: its function; sets:
                               its tags */
    GW_EFFECT_STOPS_WATCH,  /* dropped or disabled */
    GW_EFFECT_STARTS_WATCH, /* enabled */
    /* From here on something may be lost. */
    GW_EFFECT_DROPS_TABLE, /* or a view, a sequence, a foreign table */
    GW_EFFECT_DROPS_COLUMN,
    GW_EFFECT_DROPS_ATTRIBUTE, /* of a composite type */
    GW_EFFECT_DROPS_TYPE,      /* or a domain */
    GW_EFFECT_DROPS_COLLATION,
    GW_EFFECT_DROPS_SCHEMA,
    GW_EFFECT_DROPS_EXTENSION,
    GW_EFFECT_DROPS_OWNED, /* name: the role; NULL: the current one */
    GW_EFFECT_DROPS_DATABASE,
    GW_EFFECT_CHANGES_TYPE, /* to: the type as it was written */
    GW_EFFECT_SETS_NOT_NULL,
    GW_EFFECT_DROPS_DEFAULT,
    GW_EFFECT_TRUNCATES,
    GW_EFFECT_DELETES,    /* all rows: no WHERE, or one that is always true */
    GW_EFFECT_OVERWRITES, /* a column in all rows, with what does not come of it */
    GW_EFFECT_UNKNOWN,    /* to: what it is that could not be read */
} gw_effect_kind;

/* What rows go through, as pg_trigger.tgtype has it. */
enum { GW_ON_INSERT = 4, GW_ON_DELETE = 8, GW_ON_UPDATE = 16, GW_ON_TRUNCATE = 32 };
/* What event triggers wait for: a command of DDL, one that drops, one that may write a table anew. */
enum { GW_ON_COMMAND = 256, GW_ON_DROP = 512, GW_ON_REWRITE = 1024 };

typedef struct gw_effect {
    gw_effect_kind kind;
    const char *schema, *name; /* schema NULL: by the search_path */
    const char *column, *to, *to_schema;
    const char *by;         /* "trigger a on s.t": not said by the file's text; NULL: it is */
    const char **sets;      /* the columns that an UPDATE sets, up to NULL; NULL: any */
    const char **refers;    /* of a foreign key: the columns referred to; NULL: not said */
    unsigned events;        /* of what writes rows or is a command, and of what waits for it */
    unsigned resets;        /* of a foreign key: the events that reset its columns */
    bool cascade;
    bool only; /* ONLY: not what inherits from it */
    bool temporary;
    bool expression;        /* USING says more than a cast of the column */
    size_t statement, file; /* for who reads them: see schema/foresight.h */
    unsigned line;
} gw_effect;

typedef struct gw_effects {
    gw_effect *items;
    size_t len, cap;
} gw_effects;

/* May something be lost? Quick, and sound: in doubt it may. */
bool gw_sql_may_lose(const char *text, size_t len);
/* May it write rows, or make a trigger or a rule? Quick; what that sets off stands in the database. */
bool gw_sql_may_fire(const char *text, size_t len);
bool gw_sql_may_arm(const char *text, size_t len);
/* May event triggers go off? */
bool gw_sql_may_command(const char *text, size_t len);
/* Does it matter for what is lost later (it makes, renames, moves), or lose something itself? */
bool gw_sql_has_effects(const char *text, size_t len);

/* Adds to *out, in the order of what happens. */
void gw_sql_effects(gw_arena *arena, const char *text, size_t len, gw_effects *out);
/* The same of a function's body, as of a DO block. what: "function f()", for what cannot be known. */
void gw_sql_body_effects(gw_arena *arena, const char *what, const char *language, const char *body,
                         gw_effects *out);
/* What CREATE RULE says that is done. */
void gw_sql_rule_effects(gw_arena *arena, const char *text, gw_effects *out);

#endif

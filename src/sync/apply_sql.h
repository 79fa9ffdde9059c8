/* The statements that apply an entity's batches, built once. Of this folder only.
 *
 * pg_temp.gw_row: a row as it goes into the destination, under its columns' types (of domains, the
 * type below); pg_temp.gw_bad: rows that go no further, with the reason; pg_temp.gw_gone: rows to
 * be deleted, numbered -1, -2, …; pg_temp.gw_there: numbers of either that the destination had when
 * they were judged, locked since. Statements with $1 and $2 work on the numbers between them. */
#ifndef GW_SYNC_APPLY_SQL_H
#define GW_SYNC_APPLY_SQL_H

#include "sync/stage.h"

/* A row's number in gw_row and gw_gone: no column of a destination is called so. */
#define GW_NUMBER "\"gw: number\""
#define GW_KEPT "\"gw: kept\""

/* A column that the mapping fills. */
typedef struct gw_apply_column {
    const char *name;
    bool later; /* in a second pass */
    bool clock; /* with another value each time */
} gw_apply_column;

typedef struct gw_apply_sql {
    const char *tables;
    const char *known;      /* ids that the id map has; NULL: there is none */
    const char *generated;  /* ids that the destination makes; NULL */
    const char *references; /* those that lead nowhere, and what a cast would cut; NULL */
    const char *dangling;   /* … to a row of the batch that goes no further; NULL */
    const char *convert;    /* $1, $2 */
    const char *defaults;   /* NULL */
    const char **rules;     /* $1, $2; references that the destination is asked for among them */
    size_t rule_count;
    const char *doubles;      /* two rows of one key */
    const char *present;      /* number, fingerprint there, fingerprint to be */
    const char *write;        /* $1, $2: rows written, rows to be written */
    const char *raced;        /* one was refused for a row of its key that came behind its judgement */
    const char *map;          /* $1 run; NULL */
    /* A first load: all of it at once, where nothing is wrong with any row. */
    const char *first;        /* rows written, fingerprints as bytes; NULL: rows are judged apart */
    const char *first_map;    /* $1 run; NULL */
    const char *first_later;  /* as later_note; NULL */
    /* Changes, all of a batch at once where nothing is wrong with any row: rows written, their
     * fingerprints as bytes, triggers; NULL: rows are judged apart. */
    const char *once_kept;    /* $1 numbers, $2 fingerprints that they have to have there */
    const char *once_new;     /* $1 numbers of the others */
    bool ids_known;           /* the id map may know some of them */
    const char *violations;   /* of rules, over d; NULL: there are none */
    bool rules_together;      /* some are of rows together */
    bool rules_apart;         /* … and no index sees to it that they hold between workers */
    const char *written;      /* number, fingerprint */
    const char *later_note;   /* those whose second pass is to come; NULL: there is none */
    const char *later_wrong;  /* their references that lead nowhere; NULL */
    const char *later_row;    /* $1, $2: their keys and what they are filled with; NULL */
    const char **later_lost;  /* $1, $2: those of them that lead nowhere, as the destination says */
    size_t later_lost_count;
    const char *later_changed; /* $1, $2: those that somebody changed in the destination since; NULL: not asked */
    const char *later_filled; /* what they are filled with now is known; NULL: there is no second pass */
    const char *later_new;    /* $1 numbers: what new rows have there is, too */
    const char *later_rest;   /* their other columns, for the rules; NULL: there are none */
    const char **later_rules; /* $1, $2 */
    size_t later_rule_count;
    bool later_all;           /* they judge what has nothing to fill, too */
    const char *later_write;  /* $1, $2; NULL */
    const char *later_none;   /* those that go no further, with nothing to be filled with; NULL */
    const char *later_clear;  /* $1, $2: what those of them refer to, that were written before */
    const char *rejects;      /* $1 entity, $2 action, $3 run */
    const char *gone;         /* $1 keys as JSON; NULL: their rows cannot be told from their keys */
    const char *gone_present; /* number, fingerprint */
    const char *gone_write;   /* $1, $2; NULL: nothing happens to them */
    const char *gone_map;     /* NULL */
    const char *let_go; /* $1 run: what of the second pass holds rows that wait for each other; NULL */
    const char **gone_by;     /* columns of the destination by which rows of gw_gone are found */
    size_t gone_by_count;
    /* What they are made of; the destination's row is t, the one to be written r. */
    const char *print_there, *print_row; /* fingerprints */
    const char *marked;                  /* t is marked as deleted */
    const char *same_key;                /* of t and r */
    gw_apply_column *columns;
    size_t column_count;
} gw_apply_sql;

typedef struct gw_id_map {
    bool here, whole; /* with its indexes, part of godwit.migration_mappings */
    const char *name; /* in schema godwit */
} gw_id_map;

bool gw_id_map_look(gw_session *session, gw_arena *arena, const char *entity, gw_id_map *out,
                    gw_err *err);

/* leaving: entities of which pg_temp.gw_leaving holds rows. */
bool gw_apply_sql_make(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                       const gw_source_names *leaving, gw_apply_sql *out, gw_err *err);

/* Keys of the entities that this one refers to, and that the session of this run deletes, into
 * pg_temp.gw_leaving, outside a transaction; those that have some: apply_leaving.c. run NULL: none. */
bool gw_apply_leaving(gw_session *destination, gw_arena *arena, const gw_entity_plan *plan,
                      const char *run, gw_source_names *out, gw_err *err);
/* " AND …": the row of this key (SQL of its text) is not among them; "" where none are. */
const char *gw_apply_stays(gw_arena *arena, const gw_source_names *leaving, const char *entity,
                           const char *key);

/* The rules' statements: apply_rules.c. Those of fields that stay NULL until the second pass are
 * the second pass's, but for "required". */
/* A field of the second pass is required by a rule: its message; NULL: it is not. */
const char *gw_apply_sql_required(const gw_mapping *mapping, const gw_map_field *field);
void gw_apply_sql_rules(gw_arena *arena, const gw_projection *projection, gw_apply_sql *out);

/* References to entities whose ids stay, where no foreign key holds them: apply_reference.c. Called
 * behind the rules. */
bool gw_apply_sql_references(gw_session *destination, gw_arena *arena,
                             const gw_projection *projection, const gw_source_names *leaving,
                             gw_apply_sql *out, gw_err *err);
/* Is this the row o that a value refers to, of a target with one key column? held: the server
 * itself sees to it that there is one. */
bool gw_reference_same(gw_session *destination, gw_arena *arena, const gw_entity_plan *plan,
                       const gw_map_field *field, const gw_mapping *target, const char *value,
                       const char **same, bool *held, gw_err *err);
/* Is this field, by its place in the mapping, such a one? */
bool gw_apply_sql_asks(gw_session *destination, gw_arena *arena, const gw_entity_plan *plan,
                       size_t number, bool *asks, gw_err *err);

#endif

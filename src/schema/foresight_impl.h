/* Shared by the files of foresight: what a run has renamed, made and dropped so far, and what waits for
 * the rows that it writes. */
#ifndef GW_SCHEMA_FORESIGHT_IMPL_H
#define GW_SCHEMA_FORESIGHT_IMPL_H

#include <jansson.h>

#include "schema/foresight.h"

typedef struct gw_thing_column {
    int64_t relation, number; /* number 0: made by the run */
    const char *name, *was;
    const char *type, *labels;
    const char *kept; /* oids of children that keep it where the parent loses it */
    bool not_null, has_default, generated;
    bool gone, changed;
} gw_thing_column;

/* A relation or a type of the database, or one that the run makes (oid 0). */
typedef struct gw_thing {
    const char *class; /* "r", "t" */
    int64_t oid;
    const char *schema, *name;         /* by now */
    const char *was_schema, *was_name; /* in the database */
    const char *kind;                  /* relkind, typtype; "" where the run makes it */
    const char *labels;                /* of an enum, as SQL */
    bool partition, parents;
    bool gone, moved, emptied, written;
    GW_VEC(gw_thing_column) columns;
} gw_thing;

typedef struct gw_schema_rename {
    const char *was, *now;
} gw_schema_rename;

/* What is set off by writing to a relation: loss_fires.sql, or made by the run. */
typedef struct gw_fire {
    int64_t relation;
    const gw_thing *thing; /* of the run's own; NULL: relation */
    const char *what, *name, *shown, *by;
    int64_t events;
    bool instead, off;
    bool silent; /* a foreign key whose triggers are disabled */
    const char *schema, *function, *text;
    int64_t other; /* what refers, what a view is of; 0: it has a body, or child */
    gw_thing *child; /* what refers, by a key that the run makes */
    bool fresh;      /* by a column that is new and empty */
    const char *other_name, *columns, *columns_set, *column, *referenced, *referenced_columns;
    size_t last; /* the statement that it went off for */
} gw_fire;

/* A foreign key that the run makes. */
typedef struct gw_key {
    gw_thing *child;
    const gw_thing *parent;
    const char *name, *by; /* name NULL: not said */
    bool off;
} gw_key;

/* An event trigger: loss_watches.sql, or made by the run. */
typedef struct gw_watch {
    const char *name, *by, *schema, *function;
    const char *tags_json;
    json_t *tags; /* NULL: every one */
    int64_t events;
    bool off;
    size_t last; /* the statement that it went off for */
} gw_watch;

typedef struct gw_foresight {
    gw_session *session;
    gw_arena *arena;
    gw_effects *effects; /* behind the run's own: what they set off */
    const gw_foresight_bodies *bodies;
    GW_VEC(gw_fire) fires;
    GW_VEC(gw_key) keys;
    GW_VEC(gw_watch) watches;
    json_t *stopped; /* constraints that the run drops */
    json_t *known; /* names that were read */
    GW_VEC(gw_thing *) things;
    GW_VEC(gw_schema_rename) schemas;
    const char **start_path, **path; /* NULL-terminated */
} gw_foresight;

/* What the effects name, read from the database. In a transaction. */
bool gw_names_read(gw_foresight *f, const char *search_path, gw_err *err);
/* One more name; nothing where it was read before. */
bool gw_names_more(gw_foresight *f, const char *name, gw_err *err);
gw_thing *gw_names_by_oid(gw_foresight *f, int64_t oid);
/* A file begins: the search_path is the session's again. */
void gw_names_begin_file(gw_foresight *f);

/* NULL: neither the database nor the run has it. */
gw_thing *gw_names_find(gw_foresight *f, const char *class, const char *schema, const char *name);
gw_thing_column *gw_names_column(gw_thing *thing, const char *name);
/* A type as it was written: "app.mood_new", "varchar(10)". */
gw_thing *gw_names_type(gw_foresight *f, const char *written);
/* The search_path by now, as SQL. */
const char *gw_names_path_sql(const gw_foresight *f);
/* The name that a schema has in the database; NULL: it is none of the database's. */
const char *gw_names_schema(const gw_foresight *f, const char *now);

/* What is made, renamed, moved. */
void gw_names_follow(gw_foresight *f, const gw_effect *effect);

/* Foreign keys made and dropped (foresight_keys.c). */
void gw_keys_follow(gw_foresight *f, const gw_effect *effect);
/* "foreign key a to s.t" */
const char *gw_fire_shown(gw_arena *arena, const gw_fire *fire);

/* Event triggers (foresight_watches.c). */
bool gw_watches_read(gw_foresight *f, gw_err *err);
void gw_watches_follow(gw_foresight *f, const gw_effect *effect);
bool gw_watches_go_off(gw_foresight *f, size_t at, size_t top, gw_err *err);
/* Appends what a function or a rule does. */
bool gw_fires_run(gw_foresight *f, const char *schema, const char *function, const char *text,
                  const char *by, size_t top, gw_err *err);

/* names: JSON, those of views that may be written through. */
bool gw_fires_read(gw_foresight *f, const char *names, gw_err *err);
void gw_fires_follow(gw_foresight *f, const gw_effect *effect);
/* Appends to the effects what effect `at` sets off; top: the run's own that all of it began with. */
bool gw_fires_go_off(gw_foresight *f, size_t at, size_t top, gw_err *err);
/* Does something else happen instead? */
bool gw_fires_instead(gw_foresight *f, const gw_effect *effect);

#endif

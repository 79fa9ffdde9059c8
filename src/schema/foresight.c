#include "schema/foresight.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "pg/query.h"
#include "schema/foresight_impl.h"
#include "schema/misfit.h"
#include "sql/quote.h"
#include "sql_schema.h"

typedef struct found {
    size_t effect, number; /* which of the run's own it comes of; the how manieth */
    int64_t oid, sub;
    gw_loss loss;
} found;

typedef struct seer {
    gw_foresight f;
    const gw_effect_file *files;
    GW_VEC(found) found;
    json_t *starts, *kept; /* for loss_drops.sql */
} seer;

bool gw_foresight_needed(const gw_effects *effects, bool watched)
{
    for (size_t i = 0; i < effects->len; i++) {
        const gw_effect *effect = &effects->items[i];
        if (effect->kind == GW_EFFECT_COMMANDS ? watched
                                               : effect->kind >= GW_EFFECT_DROPS_TABLE || effect->events)
            return true;
    }
    return false;
}

/* ---- what is found
 * ------------------------------------------------------------------------------- */

static const char *shown_column(gw_arena *arena, const char *table, const char *column)
{
    return gw_printf(arena, "%s.%s", table, gw_display_name(arena, NULL, column));
}

static gw_loss *add(seer *s, size_t effect, gw_loss_kind kind, const char *object)
{
    const gw_effect *e = &s->f.effects->items[effect];
    found *one = gw_vec_push(s->f.arena, &s->found);
    one->effect = e->statement;
    one->number = s->found.len;
    one->loss = (gw_loss){.kind = kind,
                          .object = object,
                          .rows = -1,
                          .file = s->files[e->file].path,
                          .version = s->files[e->file].version,
                          .line = e->line,
                          .by = e->by,
                          .accepted = s->files[e->file].accepted};
    return &one->loss;
}

/* Of a table of the database, or of a column of it. `only`: without what inherits from it. */
static gw_loss *add_counted(seer *s, size_t effect, gw_loss_kind kind, const char *schema,
                            const char *table, const char *column, bool only, const char *condition)
{
    gw_arena *arena = s->f.arena;
    const char *shown = gw_display_name(arena, schema, table);
    gw_loss *loss = add(s, effect, kind, column ? shown_column(arena, shown, column) : shown);
    loss->table = gw_quote_name(arena, schema, table);
    loss->column = column;
    loss->count_sql =
        gw_printf(arena, "SELECT pg_catalog.count(*) AS n FROM %s%s%s%s", only ? "ONLY " : "",
                  loss->table, condition ? " WHERE " : "", condition ? condition : "");
    return loss;
}

static bool partitioned(const gw_thing *thing)
{
    return *thing->kind == 'p';
}

/* A table with rows in the database: not a view, not what the run makes itself. */
static gw_thing *table_of(seer *s, const gw_effect *effect)
{
    gw_thing *thing = gw_names_find(&s->f, "r", effect->schema, effect->name);
    return thing && thing->oid && strchr("rp", *thing->kind) && !thing->emptied ? thing : NULL;
}

static gw_thing_column *column_of(gw_thing *thing, const gw_effect *effect)
{
    gw_thing_column *column = gw_names_column(thing, effect->column);
    return column && column->number && !column->generated ? column : NULL;
}

static const char *is_not_null(seer *s, const gw_thing_column *column)
{
    return gw_printf(s->f.arena, "%s IS DISTINCT FROM NULL",
                     gw_quote_ident(s->f.arena, column->was));
}

static gw_loss *add_column(seer *s, size_t effect, gw_loss_kind kind, const gw_thing *thing,
                           const gw_thing_column *column, const char *condition)
{
    bool only = s->f.effects->items[effect].only && !partitioned(thing);
    if (column->kept && kind == GW_LOSS_COLUMN)
        condition = gw_printf(s->f.arena, "%s AND tableoid NOT IN (%s)", condition, column->kept);
    return add_counted(s, effect, kind, thing->was_schema, thing->was_name, column->was, only,
                       condition);
}

/* ---- what is dropped
 * ------------------------------------------------------------------------------ */

static void start(seer *s, size_t effect, const char *class, int64_t oid, int64_t sub,
                  const char *name)
{
    json_t *one = json_object();
    json_object_set_new(one, "number", json_integer((json_int_t)effect));
    json_object_set_new(one, "class", json_string(class));
    json_object_set_new(one, "oid", json_integer(oid));
    json_object_set_new(one, "sub", json_integer(sub));
    json_object_set_new(one, "name", gw_json_text(name));
    json_object_set_new(one, "cascade", json_boolean(s->f.effects->items[effect].cascade));
    json_array_append_new(s->starts, one);
}

/* What was moved or altered out of the way does not go with what it was a part of. */
static void keep(seer *s, int64_t oid, int64_t sub)
{
    json_t *one = json_object();
    json_object_set_new(one, "oid", json_integer(oid));
    json_object_set_new(one, "sub", json_integer(sub));
    json_array_append_new(s->kept, one);
}

static void drops_thing(seer *s, size_t at, const char *class)
{
    const gw_effect *effect = &s->f.effects->items[at];
    gw_thing *thing = gw_names_find(&s->f, class, effect->schema, effect->name);
    if (!thing)
        return;
    thing->gone = true;
    if (thing->oid)
        start(s, at, *class == 'r' ? "relation" : "type", thing->oid, 0, NULL);
}

static void drops_column(seer *s, size_t at)
{
    gw_thing *thing = table_of(s, &s->f.effects->items[at]);
    gw_thing_column *column = gw_names_column(thing, s->f.effects->items[at].column);
    if (!column)
        return;
    column->gone = true;
    if (!column->number)
        return;
    start(s, at, "relation", thing->oid, column->number, NULL);
    keep(s, thing->oid, column->number);
}

static void drops_schema(seer *s, size_t at)
{
    const char *now = s->f.effects->items[at].name;
    const char *was = now ? gw_names_schema(&s->f, now) : NULL;
    if (was)
        start(s, at, "schema", 0, 0, was);
    for (size_t i = 0; now && i < s->f.things.len; i++) {
        gw_thing *thing = s->f.things.items[i];
        if (thing->gone || strcmp(thing->schema, now) != 0)
            continue;
        thing->gone = true;
        if (thing->oid && thing->moved)
            start(s, at, *thing->class == 'r' ? "relation" : "type", thing->oid, 0, NULL);
    }
}

typedef struct gone {
    int64_t number, oid, sub;
    const char *what, *schema, *name, *kind, *column;
} gone;

static void add_gone(seer *s, const gone *g)
{
    size_t at = (size_t)g->number;
    const gw_effect *effect = &s->f.effects->items[at];
    gw_thing *thing = gw_names_by_oid(&s->f, g->oid);
    bool whole = *g->kind == 'p';
    if (thing && thing->emptied)
        return;
    if (strcmp(g->what, "table") == 0) {
        add_counted(s, at, GW_LOSS_TABLE, g->schema, g->name, NULL, !whole, NULL);
        return;
    }
    const char *column = gw_quote_ident(s->f.arena, g->column);
    if (strcmp(g->what, "default") == 0) {
        add(s, at, GW_LOSS_DEFAULT,
            shown_column(s->f.arena, gw_display_name(s->f.arena, g->schema, g->name), g->column));
        return;
    }
    for (size_t i = 0; thing && i < thing->columns.len; i++)
        if (thing->columns.items[i].number == g->sub && effect->kind == GW_EFFECT_DROPS_COLUMN) {
            const gw_thing_column *c = &thing->columns.items[i];
            add_column(s, at, GW_LOSS_COLUMN, thing, c, is_not_null(s, c));
            return;
        }
    add_counted(s, at, GW_LOSS_COLUMN, g->schema, g->name, g->column, !whole,
                gw_printf(s->f.arena, "%s IS DISTINCT FROM NULL", column));
}

static bool ask_dropped(seer *s, gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(gone, number)},
        {"oid", GW_COL_INT, true, offsetof(gone, oid)},
        {"sub", GW_COL_INT, true, offsetof(gone, sub)},
        {"what", GW_COL_TEXT, true, offsetof(gone, what)},
        {"schema", GW_COL_TEXT, true, offsetof(gone, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gone, name)},
        {"kind", GW_COL_TEXT, true, offsetof(gone, kind)},
        {"column_name", GW_COL_TEXT, false, offsetof(gone, column)},
    };
    if (!json_array_size(s->starts))
        return true;
    gw_arena *arena = s->f.arena;
    for (size_t i = 0; i < s->f.things.len; i++)
        if (s->f.things.items[i]->moved && s->f.things.items[i]->oid)
            keep(s, s->f.things.items[i]->oid, 0);
    gw_param params[] = {gw_p_text(gw_json_dump(arena, s->starts)),
                         gw_p_text(gw_json_dump(arena, s->kept))};
    gw_result result;
    gone *rows;
    if (!gw_query(s->f.session, arena, &gw_sql_loss_drops, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof *rows, (void **)&rows,
                 err))
        return false;
    for (size_t i = 0; i < result.rows; i++)
        add_gone(s, &rows[i]);
    return true;
}

/* ---- what changes
 * --------------------------------------------------------------------------------- */

/* The type as format_type has it; NULL where the server does not know it. */
static const char *server_type(seer *s, const char *written, gw_err *err)
{
    typedef struct {
        const char *name;
    } row;
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, 0}};
    gw_arena *arena = s->f.arena;
    gw_session *session = s->f.session;
    gw_err problem = {0};
    gw_result result;
    row name = {NULL};
    if (!gw_exec(session,
                 gw_printf(arena, "SAVEPOINT godwit_type; SET LOCAL search_path = %s",
                           gw_names_path_sql(&s->f)),
                 err))
        return NULL;
    bool ok =
        gw_query_text(session, arena, "schema/foresight",
                      gw_printf(arena, "SELECT NULL::%s", written), NULL, 0, &result, &problem);
    gw_err_clear(&problem);
    if (!gw_exec(session, "ROLLBACK TO SAVEPOINT godwit_type", err) || !ok)
        return NULL;
    gw_param params[] = {gw_p_int((int64_t)PQftype(result.pg, 0)),
                         gw_p_int((int64_t)PQfmod(result.pg, 0))};
    if (!gw_query(session, arena, &gw_sql_loss_type, params, 2, &result, err) ||
        !gw_row(arena, &result, cols, 1, &name, err))
        return NULL;
    return name.name;
}

/* No rule says what fits: the cast itself does, there and (where x is no text) back again. */
static void try_cast(seer *s, gw_loss *loss, const gw_thing_column *column, const char *y)
{
    gw_arena *arena = s->f.arena;
    const char *c = gw_quote_ident(arena, column->was), *x = column->type;
    bool text = strcmp(x, "text") == 0 || strncmp(x, "character", 9) == 0;
    loss->else_sql = loss->count_sql;
    loss->unsure = !text;
    const char *where =
        text ? gw_printf(arena, " AND CAST(%s AS %s) IS NULL", c, y)
             : gw_printf(arena,
                         " AND CAST(CAST(CAST(%s AS %s) AS %s) AS text) IS DISTINCT FROM "
                         "CAST(%s AS text)",
                         c, y, x, c);
    loss->count_sql = gw_printf(arena, "%s%s", loss->count_sql, where);
}

static bool changes_type(seer *s, size_t at, gw_err *err)
{
    const gw_effect *effect = &s->f.effects->items[at];
    gw_thing *thing = table_of(s, effect);
    gw_thing_column *column = column_of(thing, effect);
    if (!column || !effect->to)
        return true;
    gw_arena *arena = s->f.arena;
    const char *x = column->type, *y = NULL, *c = gw_quote_ident(arena, column->was);
    const gw_thing *type = gw_names_type(&s->f, effect->to);
    const char *labels = type ? type->labels : NULL;
    column->changed = true;
    keep(s, thing->oid, column->number);
    if (!type || type->oid) {
        y = server_type(s, effect->to, err);
        if (!y && err->kind != GW_OK)
            return false;
    }
    if (!effect->expression && y && gw_type_widens(x, y))
        return true;
    if (!effect->expression && labels && column->labels && !gw_labels_lack(labels, column->labels))
        return true;
    int version = gw_session_version(s->f.session);
    const char *condition = effect->expression ? NULL
                            : y || labels ? gw_type_misfit(arena, x, y ? y : "", c, labels, version)
                                          : NULL;
    gw_loss *loss = add_column(s, at, labels && column->labels ? GW_LOSS_ENUM : GW_LOSS_TYPE, thing,
                               column, condition ? condition : is_not_null(s, column));
    loss->to = y ? y : effect->to;
    loss->unsure = !condition;
    if (!condition && y && !effect->expression)
        try_cast(s, loss, column, y);
    return true;
}

static void sets_not_null(seer *s, size_t at)
{
    const gw_effect *effect = &s->f.effects->items[at];
    gw_thing *thing = table_of(s, effect);
    gw_thing_column *column = column_of(thing, effect);
    if (!column || column->not_null)
        return;
    column->not_null = true;
    add_column(s, at, GW_LOSS_NOT_NULL, thing, column,
               gw_printf(s->f.arena, "%s IS NULL", gw_quote_ident(s->f.arena, column->was)))
        ->unsure = thing->written;
}

static void drops_default(seer *s, size_t at)
{
    gw_thing *thing = table_of(s, &s->f.effects->items[at]);
    gw_thing_column *column = column_of(thing, &s->f.effects->items[at]);
    if (!column || !column->has_default)
        return;
    column->has_default = false;
    const char *table = gw_display_name(s->f.arena, thing->was_schema, thing->was_name);
    add(s, at, GW_LOSS_DEFAULT, shown_column(s->f.arena, table, column->was));
}

static void overwrites(seer *s, size_t at)
{
    gw_thing *thing = table_of(s, &s->f.effects->items[at]);
    gw_thing_column *column = column_of(thing, &s->f.effects->items[at]);
    const gw_effect effect = s->f.effects->items[at];
    if (column)
        add_column(s, at, GW_LOSS_OVERWRITTEN, thing, column,
                   effect.to ? effect.to : is_not_null(s, column))
            ->unsure = effect.by && effect.expression;
}

/* What the file's text does not say: which rows is known of foreign keys only. */
static void deletes_beside(seer *s, size_t at)
{
    const gw_effect effect = s->f.effects->items[at];
    gw_thing *thing = effect.by ? table_of(s, &effect) : NULL;
    if (!thing)
        return;
    gw_loss *loss = add_counted(s, at, GW_LOSS_DELETED, thing->was_schema, thing->was_name, NULL,
                                false, effect.to);
    loss->some = true;
    loss->unsure = !effect.to || effect.expression;
    if (!loss->unsure)
        loss->else_sql =
            gw_printf(s->f.arena, "SELECT pg_catalog.count(*) AS n FROM %s", loss->table);
    for (size_t i = 0; i + 1 < s->found.len; i++) {
        const gw_loss *said = &s->found.items[i].loss;
        if (said->by == loss->by && said->file == loss->file && said->count_sql &&
            strcmp(said->count_sql, loss->count_sql) == 0) {
            s->found.len--;
            return;
        }
    }
}

static void empties(seer *s, size_t at)
{
    const gw_effect *effect = &s->f.effects->items[at];
    gw_thing *thing = table_of(s, effect);
    if (!thing)
        return;
    add_counted(s, at, effect->kind == GW_EFFECT_DELETES ? GW_LOSS_DELETED : GW_LOSS_TRUNCATED,
                thing->was_schema, thing->was_name, NULL, effect->only && !partitioned(thing),
                NULL);
    thing->emptied = !effect->only || !thing->parents;
}

typedef struct emptied {
    int64_t oid;
    const char *schema, *name, *kind;
} emptied;

/* By the run's own keys: TRUNCATE … CASCADE of what refers, and so on. */
static void empties_by_keys(seer *s, const gw_thing *parent)
{
    for (size_t i = 0; i < s->f.keys.len; i++) {
        const gw_key *key = &s->f.keys.items[i];
        if (key->off || key->parent != parent || key->child->gone || key->child->emptied)
            continue;
        *gw_vec_push(s->f.arena, s->f.effects) = (gw_effect){.kind = GW_EFFECT_TRUNCATES,
                                                             .schema = key->child->schema,
                                                             .name = key->child->name,
                                                             .by = key->by,
                                                             .cascade = true,
                                                             .events = GW_ON_TRUNCATE};
    }
}

static bool empties_others(seer *s, size_t at, gw_err *err)
{
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, offsetof(emptied, oid)},
        {"schema", GW_COL_TEXT, true, offsetof(emptied, schema)},
        {"name", GW_COL_TEXT, true, offsetof(emptied, name)},
        {"kind", GW_COL_TEXT, true, offsetof(emptied, kind)},
    };
    const gw_effect *effect = &s->f.effects->items[at];
    gw_thing *thing = gw_names_find(&s->f, "r", effect->schema, effect->name);
    if (!effect->cascade || !thing || thing->emptied)
        return true;
    gw_arena *arena = s->f.arena;
    empties_by_keys(s, thing);
    if (!table_of(s, &s->f.effects->items[at])) {
        thing->emptied = true;
        return true;
    }
    gw_param params[] = {gw_p_text(gw_printf(arena, "[%lld]", (long long)thing->oid)),
                         gw_p_text(gw_json_dump(arena, s->f.stopped))};
    gw_result result;
    emptied *rows;
    if (!gw_query(s->f.session, arena, &gw_sql_loss_truncates, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, 4, sizeof *rows, (void **)&rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        gw_thing *other = gw_names_by_oid(&s->f, rows[i].oid);
        if (rows[i].oid == thing->oid || (other && other->emptied))
            continue;
        add_counted(s, at, GW_LOSS_TRUNCATED, rows[i].schema, rows[i].name, NULL,
                    *rows[i].kind != 'p', NULL);
        if (!gw_names_more(&s->f, rows[i].name, err))
            return false;
        other = gw_names_by_oid(&s->f, rows[i].oid);
        if (!other || other->gone)
            continue;
        empties_by_keys(s, other);
        other->emptied = true;
        /* its triggers go off as those of the table that is named */
        *gw_vec_push(arena, s->f.effects) = (gw_effect){.kind = GW_EFFECT_WRITES,
                                                        .schema = other->schema,
                                                        .name = other->name,
                                                        .events = GW_ON_TRUNCATE};
    }
    return true;
}

/* A column whose composite type loses an attribute loses that part of its values. */
static bool drops_attribute(seer *s, size_t at, gw_err *err)
{
    typedef struct {
        const char *schema, *name, *column;
    } row;
    static const gw_col cols[] = {
        {"schema", GW_COL_TEXT, true, offsetof(row, schema)},
        {"name", GW_COL_TEXT, true, offsetof(row, name)},
        {"column_name", GW_COL_TEXT, true, offsetof(row, column)},
    };
    const gw_effect *effect = &s->f.effects->items[at];
    gw_thing *type = gw_names_find(&s->f, "t", effect->schema, effect->name);
    gw_arena *arena = s->f.arena;
    gw_result result;
    row *rows;
    if (!type || !type->oid || !effect->column)
        return true;
    gw_param param = gw_p_int(type->oid);
    if (!gw_query(s->f.session, arena, &gw_sql_loss_attributes, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof *rows, (void **)&rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        gw_loss *loss = add_counted(
            s, at, GW_LOSS_COLUMN, rows[i].schema, rows[i].name, rows[i].column, false,
            gw_printf(arena, "(%s).%s IS DISTINCT FROM NULL", gw_quote_ident(arena, rows[i].column),
                      gw_quote_ident(arena, effect->column)));
        loss->object = shown_column(arena, loss->object, effect->column);
    }
    return true;
}

typedef struct whole_database {
    bool rows, database;
} whole_database;

static bool of_database(seer *s, size_t at, gw_err *err)
{
    static const gw_col cols[] = {
        {"rows", GW_COL_BOOL, true, offsetof(whole_database, rows)},
        {"database", GW_COL_BOOL, true, offsetof(whole_database, database)},
    };
    const gw_effect *effect = &s->f.effects->items[at];
    gw_arena *arena = s->f.arena;
    gw_param param = gw_p_text(effect->name);
    gw_result result;
    whole_database row;
    if (!gw_query(s->f.session, arena, &gw_sql_loss_any_rows, &param, 1, &result, err) ||
        !gw_row(arena, &result, cols, 2, &row, err))
        return false;
    if (effect->kind == GW_EFFECT_DROPS_DATABASE && row.database)
        add(s, at, GW_LOSS_DATABASE, gw_display_name(arena, NULL, effect->name));
    if (effect->kind == GW_EFFECT_UNKNOWN && row.rows)
        add(s, at, GW_LOSS_UNKNOWN,
            gw_printf(arena, "%s (%s:%u)", effect->to, s->files[effect->file].path, effect->line));
    return true;
}

/* ---- all of it
 * ------------------------------------------------------------------------------------ */

static bool see(seer *s, size_t at, gw_err *err)
{
    const gw_effect *effect = &s->f.effects->items[at];
    switch (effect->kind) {
    case GW_EFFECT_DROPS_TABLE:
        drops_thing(s, at, "r");
        return true;
    case GW_EFFECT_DROPS_TYPE:
        drops_thing(s, at, "t");
        return true;
    case GW_EFFECT_DROPS_COLUMN:
        drops_column(s, at);
        return true;
    case GW_EFFECT_DROPS_SCHEMA:
        drops_schema(s, at);
        return true;
    case GW_EFFECT_DROPS_EXTENSION:
        start(s, at, "extension", 0, 0, effect->name);
        return true;
    case GW_EFFECT_DROPS_COLLATION:
        start(s, at, "collation", 0, 0, effect->name);
        return true;
    case GW_EFFECT_DROPS_OWNED:
        start(s, at, "owned", 0, 0, effect->name);
        return true;
    case GW_EFFECT_DROPS_ATTRIBUTE:
        return drops_attribute(s, at, err);
    case GW_EFFECT_CHANGES_TYPE:
        return changes_type(s, at, err);
    case GW_EFFECT_SETS_NOT_NULL:
        sets_not_null(s, at);
        return true;
    case GW_EFFECT_DROPS_DEFAULT:
        drops_default(s, at);
        return true;
    case GW_EFFECT_OVERWRITES:
        overwrites(s, at);
        return true;
    case GW_EFFECT_TRUNCATES:
    case GW_EFFECT_DELETES:
        if (effect->kind == GW_EFFECT_TRUNCATES && !empties_others(s, at, err))
            return false;
        empties(s, at);
        return true;
    case GW_EFFECT_DROPS_DATABASE:
    case GW_EFFECT_UNKNOWN:
        return of_database(s, at, err);
    case GW_EFFECT_DELETES_SOME:
        deletes_beside(s, at);
        return true;
    case GW_EFFECT_MAKES_TRIGGER:
    case GW_EFFECT_MAKES_RULE:
    case GW_EFFECT_STOPS_TRIGGER:
    case GW_EFFECT_STARTS_TRIGGER:
        gw_fires_follow(&s->f, effect);
        return true;
    case GW_EFFECT_MAKES_KEY:
    case GW_EFFECT_STOPS_CONSTRAINT:
        gw_keys_follow(&s->f, effect);
        return true;
    case GW_EFFECT_MAKES_WATCH:
    case GW_EFFECT_STOPS_WATCH:
    case GW_EFFECT_STARTS_WATCH:
        gw_watches_follow(&s->f, effect);
        return true;
    default:
        gw_names_follow(&s->f, effect);
        return true;
    }
}

/* And what it sets off, which may set off more. */
static bool see_on(seer *s, size_t at, gw_err *err)
{
    const gw_effect cause = s->f.effects->items[at];
    size_t from = s->f.effects->len;
    const gw_thing *thing = gw_names_find(&s->f, "r", cause.schema, cause.name);
    bool fires = cause.events && s->f.fires.len && thing &&
                 !(thing->emptied && cause.events == GW_ON_DELETE);
    if (!(fires && gw_fires_instead(&s->f, &cause)) && !see(s, at, err))
        return false;
    if (fires && !gw_fires_go_off(&s->f, at, cause.statement, err))
        return false;
    if (cause.kind == GW_EFFECT_COMMANDS && !gw_watches_go_off(&s->f, at, cause.statement, err))
        return false;
    size_t to = s->f.effects->len;
    for (size_t i = from; i < to; i++) {
        gw_effect *effect = &s->f.effects->items[i];
        effect->file = cause.file;
        effect->line = cause.line;
        effect->statement = cause.statement;
        if (!gw_names_more(&s->f, effect->name, err) || !see_on(s, i, err))
            return false;
    }
    return true;
}

static int in_order(const void *a, const void *b)
{
    const found *l = a, *r = b;
    if (l->effect != r->effect)
        return l->effect < r->effect ? -1 : 1;
    return l->number < r->number ? -1 : 1;
}

static bool look(seer *s, const char *search_path, gw_err *err)
{
    size_t file = SIZE_MAX;
    if (!gw_names_read(&s->f, search_path, err))
        return false;
    for (size_t i = 0, own = s->f.effects->len; i < own; i++) {
        if (s->f.effects->items[i].file != file)
            gw_names_begin_file(&s->f);
        file = s->f.effects->items[i].file;
        s->f.effects->items[i].statement = i;
        if (!see_on(s, i, err))
            return false;
    }
    return ask_dropped(s, err);
}

bool gw_foresee(gw_session *session, gw_arena *arena, const char *search_path,
                const gw_effect_file *files, const gw_effects *effects,
                const gw_foresight_bodies *bodies, gw_losses *out, gw_err *err)
{
    gw_effects all = {0};
    seer s = {.f = {.session = session, .arena = arena, .effects = &all, .bodies = bodies},
              .files = files};
    for (size_t i = 0; i < effects->len; i++)
        *gw_vec_push(arena, &all) = effects->items[i];
    s.starts = gw_json_own(arena, json_array());
    s.kept = gw_json_own(arena, json_array());
    s.f.stopped = gw_json_own(arena, json_array());
    if (!gw_session_begin(session, "repeatable read read only", err))
        return false;
    bool ok = look(&s, search_path, err);
    gw_session_rollback(session);
    if (!ok)
        return gw_err_context(err, "looking for what would be lost");
    if (s.found.len)
        qsort(s.found.items, s.found.len, sizeof *s.found.items, in_order);
    for (size_t i = 0; i < s.found.len; i++)
        *gw_vec_push(arena, out) = s.found.items[i].loss;
    return true;
}

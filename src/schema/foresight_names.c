#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "pg/query.h"
#include "schema/foresight_impl.h"
#include "sql/lex.h"
#include "sql/quote.h"
#include "sql_schema.h"

/* ---- reading ------------------------------------------------------------------------------------
 */

/* "app.mood_new" → app, mood_new. Arrays and modifiers are left out. */
static void split_type(gw_arena *arena, const char *written, const char **schema, const char **name)
{
    gw_lexer lexer = gw_lexer_start(written, strlen(written));
    gw_token t = gw_lexer_next(&lexer);
    *schema = NULL;
    *name = gw_token_name(arena, &t);
    t = gw_lexer_next(&lexer);
    if (gw_token_symbol(&t, ".")) {
        t = gw_lexer_next(&lexer);
        *schema = *name;
        *name = gw_token_name(arena, &t);
    }
}

static void note_name(gw_foresight *f, json_t *names, const char *name)
{
    if (!name || json_object_get(f->known, name))
        return;
    json_object_set_new(f->known, name, json_true());
    json_array_append_new(names, gw_json_text(name));
}

static json_t *names_of(gw_foresight *f)
{
    json_t *names = gw_json_own(f->arena, json_array());
    for (size_t i = 0; i < f->effects->len; i++) {
        const gw_effect *effect = &f->effects->items[i];
        const char *schema, *type = NULL;
        if (effect->kind == GW_EFFECT_CHANGES_TYPE && effect->to)
            split_type(f->arena, effect->to, &schema, &type);
        note_name(f, names, effect->name);
        note_name(f, names, type);
        if (effect->kind == GW_EFFECT_MAKES_KEY)
            note_name(f, names, effect->to);
    }
    return names;
}

static bool read_path(gw_foresight *f, gw_err *err)
{
    typedef struct {
        const char *name;
    } row;
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, 0}};
    gw_result result;
    row *rows;
    if (!gw_query(f->session, f->arena, &gw_sql_loss_path, NULL, 0, &result, err) ||
        !gw_rows(f->arena, &result, cols, 1, sizeof *rows, (void **)&rows, err))
        return false;
    f->start_path = gw_alloc_array(f->arena, result.rows + 1, sizeof *f->start_path);
    for (size_t i = 0; i < result.rows; i++)
        f->start_path[i] = rows[i].name;
    f->start_path[result.rows] = NULL;
    f->path = f->start_path;
    return true;
}

static bool read_things(gw_foresight *f, const char *list, gw_err *err)
{
    static const gw_col cols[] = {
        {"class", GW_COL_TEXT, true, offsetof(gw_thing, class)},
        {"oid", GW_COL_INT, true, offsetof(gw_thing, oid)},
        {"schema", GW_COL_TEXT, true, offsetof(gw_thing, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gw_thing, name)},
        {"kind", GW_COL_TEXT, true, offsetof(gw_thing, kind)},
        {"labels", GW_COL_TEXT, false, offsetof(gw_thing, labels)},
        {"partition", GW_COL_BOOL, true, offsetof(gw_thing, partition)},
        {"parents", GW_COL_BOOL, true, offsetof(gw_thing, parents)},
    };
    gw_param names = gw_p_text(list);
    gw_result result;
    gw_thing *rows;
    if (!gw_query(f->session, f->arena, &gw_sql_loss_things, &names, 1, &result, err) ||
        !gw_rows(f->arena, &result, cols, sizeof cols / sizeof *cols, sizeof *rows, (void **)&rows,
                 err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const gw_thing *read = &rows[i]; /* the columns above, and nothing else */
        gw_thing *thing = gw_alloc(f->arena, sizeof *thing);
        *thing = (gw_thing){.class = read->class,
                            .oid = read->oid,
                            .schema = read->schema,
                            .name = read->name,
                            .was_schema = read->schema,
                            .was_name = read->name,
                            .kind = read->kind,
                            .labels = read->labels,
                            .partition = read->partition,
                            .parents = read->parents};
        *gw_vec_push(f->arena, &f->things) = thing;
    }
    return true;
}

static bool read_columns(gw_foresight *f, size_t from, gw_err *err)
{
    static const gw_col cols[] = {
        {"relation", GW_COL_INT, true, offsetof(gw_thing_column, relation)},
        {"number", GW_COL_INT, true, offsetof(gw_thing_column, number)},
        {"name", GW_COL_TEXT, true, offsetof(gw_thing_column, name)},
        {"type", GW_COL_TEXT, true, offsetof(gw_thing_column, type)},
        {"labels", GW_COL_TEXT, false, offsetof(gw_thing_column, labels)},
        {"not_null", GW_COL_BOOL, true, offsetof(gw_thing_column, not_null)},
        {"has_default", GW_COL_BOOL, true, offsetof(gw_thing_column, has_default)},
        {"generated", GW_COL_BOOL, true, offsetof(gw_thing_column, generated)},
        {"kept", GW_COL_TEXT, false, offsetof(gw_thing_column, kept)},
    };
    json_t *oids = gw_json_own(f->arena, json_array());
    gw_result result;
    gw_thing_column *rows;
    for (size_t i = from; i < f->things.len; i++)
        if (strchr("rp", *f->things.items[i]->kind) && *f->things.items[i]->class == 'r')
            json_array_append_new(oids, json_integer(f->things.items[i]->oid));
    if (!json_array_size(oids))
        return true;
    gw_param param = gw_p_text(gw_json_dump(f->arena, oids));
    if (!gw_query(f->session, f->arena, &gw_sql_loss_columns, &param, 1, &result, err) ||
        !gw_rows(f->arena, &result, cols, sizeof cols / sizeof *cols, sizeof *rows, (void **)&rows,
                 err))
        return false;
    gw_thing *thing = NULL; /* rows of one table stand together */
    for (size_t i = 0; i < result.rows; i++) {
        for (size_t t = from; (!thing || thing->oid != rows[i].relation) && t < f->things.len; t++)
            if (f->things.items[t]->oid == rows[i].relation)
                thing = f->things.items[t];
        rows[i].was = rows[i].name;
        rows[i].gone = rows[i].changed = false;
        *gw_vec_push(f->arena, &thing->columns) = rows[i];
    }
    return true;
}

bool gw_names_read(gw_foresight *f, const char *search_path, gw_err *err)
{
    if (search_path &&
        !gw_exec(f->session, gw_printf(f->arena, "SET LOCAL search_path = %s", search_path), err))
        return false;
    f->known = gw_json_own(f->arena, json_object());
    const char *names = gw_json_dump(f->arena, names_of(f));
    return read_path(f, err) && gw_exec(f->session, "SET LOCAL search_path = pg_catalog", err) &&
           read_things(f, names, err) && read_columns(f, 0, err) && gw_fires_read(f, names, err) &&
           gw_watches_read(f, err);
}

bool gw_names_more(gw_foresight *f, const char *name, gw_err *err)
{
    size_t from = f->things.len;
    json_t *names = gw_json_own(f->arena, json_array());
    note_name(f, names, name);
    return !json_array_size(names) ||
           (read_things(f, gw_json_dump(f->arena, names), err) && read_columns(f, from, err));
}

/* ---- looking up
 * ---------------------------------------------------------------------------------- */

void gw_names_begin_file(gw_foresight *f)
{
    f->path = f->start_path;
}

static gw_thing *exactly(gw_foresight *f, const char *class, const char *schema, const char *name)
{
    for (size_t i = f->things.len; i-- > 0;) {
        gw_thing *t = f->things.items[i];
        if (!t->gone && *t->class == *class && strcmp(t->name, name) == 0 &&
            strcmp(t->schema, schema) == 0)
            return t;
    }
    return NULL;
}

gw_thing *gw_names_find(gw_foresight *f, const char *class, const char *schema, const char *name)
{
    if (!name)
        return NULL;
    if (schema)
        return exactly(f, class, schema, name);
    gw_thing *found = exactly(f, class, "pg_temp", name);
    for (size_t i = 0; !found && f->path[i]; i++)
        found = exactly(f, class, f->path[i], name);
    return found;
}

gw_thing *gw_names_by_oid(gw_foresight *f, int64_t oid)
{
    for (size_t i = 0; i < f->things.len; i++)
        if (f->things.items[i]->oid == oid && *f->things.items[i]->class == 'r')
            return f->things.items[i];
    return NULL;
}

gw_thing_column *gw_names_column(gw_thing *thing, const char *name)
{
    for (size_t i = 0; thing && name && i < thing->columns.len; i++)
        if (!thing->columns.items[i].gone && strcmp(thing->columns.items[i].name, name) == 0)
            return &thing->columns.items[i];
    return NULL;
}

gw_thing *gw_names_type(gw_foresight *f, const char *written)
{
    const char *schema, *name;
    split_type(f->arena, written, &schema, &name);
    return strchr(written, '[') ? NULL : gw_names_find(f, "t", schema, name);
}

const char *gw_names_path_sql(const gw_foresight *f)
{
    gw_buf sql = GW_BUF(f->arena);
    for (size_t i = 0; f->path[i]; i++) {
        gw_buf_add(&sql, sql.len ? ", " : "");
        gw_buf_add_ident(&sql, f->path[i]);
    }
    return sql.len ? gw_buf_str(&sql) : "''";
}

const char *gw_names_schema(const gw_foresight *f, const char *now)
{
    const char *was = now;
    for (size_t i = 0; i < f->schemas.len; i++) {
        if (strcmp(f->schemas.items[i].now, now) == 0)
            return f->schemas.items[i].was;
        if (strcmp(f->schemas.items[i].was, now) == 0)
            was = NULL;
    }
    return was;
}

/* ---- following ----------------------------------------------------------------------------------
 */

static const char *creation_schema(const gw_foresight *f)
{
    for (size_t i = 0; f->path[i]; i++)
        if (strcmp(f->path[i], "pg_catalog") != 0 && strncmp(f->path[i], "pg_temp", 7) != 0)
            return f->path[i];
    return "public";
}

/* IF NOT EXISTS, OR REPLACE: what is there stays what it is. */
static void make(gw_foresight *f, const char *class, const gw_effect *effect)
{
    const char *schema = effect->temporary ? "pg_temp"
                         : effect->schema  ? effect->schema
                                           : creation_schema(f);
    if (!effect->name || exactly(f, class, schema, effect->name))
        return;
    gw_thing *thing = gw_alloc(f->arena, sizeof *thing);
    *thing = (gw_thing){.class = class,
                        .schema = schema,
                        .name = effect->name,
                        .kind = "",
                        .labels = *class == 't' ? effect->to : NULL};
    *gw_vec_push(f->arena, &f->things) = thing;
}

static void make_column(gw_foresight *f, const gw_effect *effect)
{
    gw_thing *thing = gw_names_find(f, "r", effect->schema, effect->name);
    if (thing && effect->column && !gw_names_column(thing, effect->column))
        *gw_vec_push(f->arena, &thing->columns) =
            (gw_thing_column){.name = effect->column,
                              .was = effect->column,
                              .type = "",
                              .has_default = effect->expression};
}

static void rename_schema(gw_foresight *f, const char *from, const char *to)
{
    const char *was = gw_names_schema(f, from);
    for (size_t i = 0; i < f->things.len; i++)
        if (strcmp(f->things.items[i]->schema, from) == 0)
            f->things.items[i]->schema = to;
    for (size_t i = 0; i < f->schemas.len; i++)
        if (strcmp(f->schemas.items[i].now, from) == 0) {
            f->schemas.items[i].now = to;
            return;
        }
    if (was)
        *gw_vec_push(f->arena, &f->schemas) = (gw_schema_rename){was, to};
}

static void set_path(gw_foresight *f, const char *list)
{
    if (!list) {
        f->path = f->start_path;
        return;
    }
    GW_VEC(const char *) path = {0};
    *gw_vec_push(f->arena, &path) = "pg_catalog";
    while (*list) {
        list += strspn(list, ", ");
        size_t len = strcspn(list, ",");
        const char *name = gw_strndup(f->arena, list, len);
        gw_lexer lexer = gw_lexer_start(name, len);
        gw_token t = gw_lexer_next(&lexer);
        if (t.kind == GW_TOKEN_QUOTED) /* set_config('search_path', '"a b"') */
            name = gw_token_name(f->arena, &t);
        if (strcmp(name, "$user") == 0)
            name = gw_session_role(f->session);
        if (*name)
            *gw_vec_push(f->arena, &path) = name;
        list += len;
    }
    *gw_vec_push(f->arena, &path) = NULL;
    f->path = path.items;
}

void gw_names_follow(gw_foresight *f, const gw_effect *effect)
{
    bool of_type = effect->kind == GW_EFFECT_RENAMES_TYPE || effect->kind == GW_EFFECT_MOVES_TYPE;
    gw_thing *thing = gw_names_find(f, of_type ? "t" : "r", effect->schema, effect->name);
    gw_thing_column *column;
    switch (effect->kind) {
    case GW_EFFECT_SETS_PATH:
        set_path(f, effect->to);
        break;
    case GW_EFFECT_MAKES_TABLE:
    case GW_EFFECT_MAKES_TYPE:
        make(f, effect->kind == GW_EFFECT_MAKES_TYPE ? "t" : "r", effect);
        break;
    case GW_EFFECT_MAKES_COLUMN:
        make_column(f, effect);
        break;
    case GW_EFFECT_RENAMES_TABLE:
    case GW_EFFECT_RENAMES_TYPE:
        if (thing && effect->to)
            thing->name = effect->to;
        break;
    case GW_EFFECT_MOVES_TABLE:
    case GW_EFFECT_MOVES_TYPE:
        if (thing && effect->to) {
            thing->schema = effect->to;
            thing->moved = true;
        }
        break;
    case GW_EFFECT_RENAMES_COLUMN:
        column = gw_names_column(thing, effect->column);
        if (column && effect->to)
            column->name = effect->to;
        break;
    case GW_EFFECT_RENAMES_SCHEMA:
        if (effect->name && effect->to)
            rename_schema(f, effect->name, effect->to);
        break;
    case GW_EFFECT_WRITES:
        if (thing)
            thing->written = true;
        break;
    default:
        break;
    }
}

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pg/pipeline.h"
#include "schema/internal.h"
#include "schema/kind.h"
#include "schema/map.h"
#include "sql/quote.h"
#include "sql_schema.h"

enum { TRIES = 5 };

typedef struct reading {
    gw_session *session;
    gw_arena *arena;
    const gw_schema_options *options;
    gw_schema *schema;
    gw_object_map *owners; /* what a catalog row is a part of: see internal() */
    gw_err *err;
} reading;

/* A row of pg_depend. */
typedef struct depend {
    int64_t classid, oid, subid, ref_classid, ref_oid, ref_subid;
    const char *type;
} depend;

static const gw_col depend_cols[] = {
    {"classid", GW_COL_INT, true, offsetof(depend, classid)},
    {"objid", GW_COL_INT, true, offsetof(depend, oid)},
    {"objsubid", GW_COL_INT, true, offsetof(depend, subid)},
    {"refclassid", GW_COL_INT, true, offsetof(depend, ref_classid)},
    {"refobjid", GW_COL_INT, true, offsetof(depend, ref_oid)},
    {"refobjsubid", GW_COL_INT, true, offsetof(depend, ref_subid)},
    {"deptype", GW_COL_TEXT, true, offsetof(depend, type)},
};

/* A text tied to an object: a comment, a privilege, a label, or what cannot be rendered. */
typedef struct note {
    int64_t classid, oid, subid;
    const char *text;
} note;

static const gw_col note_cols[] = {
    {"classid", GW_COL_INT, true, offsetof(note, classid)},
    {"objid", GW_COL_INT, true, offsetof(note, oid)},
    {"objsubid", GW_COL_INT, true, offsetof(note, subid)},
    {"text", GW_COL_TEXT, true, offsetof(note, text)},
};

static const gw_col unrendered_cols[] = {
    {"text", GW_COL_TEXT, true, offsetof(gw_unrendered, what)},
    {"digest", GW_COL_TEXT, false, offsetof(gw_unrendered, digest)},
    {"extension", GW_COL_TEXT, false, offsetof(gw_unrendered, extension)},
    {"quiet", GW_COL_BOOL, true, offsetof(gw_unrendered, quiet)},
    {"schema", GW_COL_TEXT, false, offsetof(gw_unrendered, schema)}, /* of UNRENDERED only */
};

/* What is read besides the kinds, in this order. */
static const gw_sql *const extras[] = {&gw_sql_depends, &gw_sql_comments, &gw_sql_privileges,
                                       &gw_sql_security_labels, &gw_sql_unrendered,
                                       &gw_sql_extension_parts, &gw_sql_subscription_hidden};
enum { DEPENDS, COMMENTS, PRIVILEGES, LABELS, UNRENDERED, PARTS, HIDDEN, EXTRAS };

/* ---- one kind's rows ------------------------------------------------------------------------- */

/* Columns of a result that belong to every kind; -1 where absent. */
typedef struct common {
    int oid, schema, name, args, subid, parent, owner;
} common;

static const char *field(const PGresult *pg, size_t row, int column)
{
    if (column < 0 || PQgetisnull(pg, (int)row, column))
        return NULL;
    return PQgetvalue(pg, (int)row, column);
}

static bool bind(const gw_kind *kind, const PGresult *pg, common *c, int *columns, gw_err *err)
{
    *c = (common){PQfnumber(pg, "oid"),   PQfnumber(pg, "schema"), PQfnumber(pg, "name"),
                  PQfnumber(pg, "args"),  PQfnumber(pg, "subid"),  PQfnumber(pg, "parent"),
                  PQfnumber(pg, "owner")};
    int known = (c->oid >= 0) + (c->schema >= 0) + (c->name >= 0) + (c->args >= 0) +
                (c->subid >= 0) + (c->parent >= 0) + (c->owner >= 0);
    size_t count = 0;
    for (; kind->attrs[count].name; count++) {
        columns[count] = PQfnumber(pg, kind->attrs[count].name);
        if (columns[count] < 0)
            return gw_err_set(err, GW_ERR_INTERNAL, "statement %s: column \"%s\" is missing",
                              kind->sql->name, kind->attrs[count].name);
    }
    if (c->oid < 0 || c->name < 0 || PQnfields(pg) != known + (int)count)
        return gw_err_set(err, GW_ERR_INTERNAL,
                          "statement %s: its columns are not those of kind \"%s\"",
                          kind->sql->name, kind->name);
    return true;
}

static bool wanted(const reading *r, const gw_object *object)
{
    if (!r->options || !r->options->schemas)
        return true;
    const char *schema = strcmp(object->kind->name, "schema") == 0 ? object->name : object->schema;
    if (!schema)
        return false;
    for (const char *const *s = r->options->schemas; *s; s++)
        if (strcmp(*s, schema) == 0)
            return true;
    return false;
}

static const char *attribute(const reading *r, const PGresult *pg, size_t row, int column)
{
    const char *text = field(pg, row, column);
    if (!text || !r->options || !r->options->unix_lines || !strchr(text, '\r'))
        return text;
    char *copy = gw_strdup(r->arena, text), *to = copy;
    for (const char *from = copy; *from; from++)
        if (from[0] != '\r' || from[1] != '\n')
            *to++ = *from;
    *to = 0;
    return copy;
}

/* pg_get_indexdef and its like say NULL, and not an error, of what was dropped since the snapshot. */
static bool all_defined(const gw_kind *kind, const gw_result *result, gw_err *err)
{
    int column = PQfnumber(result->pg, "definition");
    for (size_t row = 0; column >= 0 && row < result->rows; row++)
        if (PQgetisnull(result->pg, (int)row, column)) {
            gw_err_set(err, GW_ERR_RETRYABLE, "an object of kind \"%s\" was dropped while it was read", kind->name);
            memcpy(err->sqlstate, "XX000", sizeof "XX000"); /* as those that say so themselves */
            return false;
        }
    return true;
}

static bool add_rows(reading *r, const gw_kind *kind, const gw_result *result)
{
    common c;
    int columns[GW_ATTRS_MAX];
    const PGresult *pg = result->pg;
    if (!bind(kind, pg, &c, columns, r->err) || !all_defined(kind, result, r->err))
        return false;
    size_t attrs = 0;
    while (kind->attrs[attrs].name)
        attrs++;
    for (size_t row = 0; row < result->rows; row++) {
        gw_object *object = gw_alloc(r->arena, sizeof *object);
        object->kind = kind;
        object->classid = kind->classid;
        object->server_version = r->schema->server_version;
        object->oid = (uint32_t)strtoul(PQgetvalue(pg, (int)row, c.oid), NULL, 10);
        const char *subid = field(pg, row, c.subid);
        object->subid = subid ? (int32_t)strtol(subid, NULL, 10) : 0;
        object->schema = field(pg, row, c.schema);
        object->name = field(pg, row, c.name);
        object->args = field(pg, row, c.args);
        object->owner = field(pg, row, c.owner);
        const char *parent = field(pg, row, c.parent);
        if (parent) {
            object->parent = gw_object_map_oid(r->schema->by_oid, kind->parent_classid,
                                               (uint32_t)strtoul(parent, NULL, 10), 0);
            if (!object->parent)
                continue; /* of a table that is not wanted, or an extension's */
        }
        object->values = gw_alloc_array(r->arena, attrs ? attrs : 1, sizeof *object->values);
        for (size_t a = 0; a < attrs; a++) {
            const char *text = attribute(r, pg, row, columns[a]);
            bool deparsed = kind->attrs[a].flags & GW_ATTR_DEPARSED;
            object->values[a] = deparsed ? gw_stable_text(r->arena, text) : text;
            if (object->values[a] != text) {
                object->reworded = true;
                object->words = text;
            }
        }
        if (!wanted(r, object))
            continue;
        gw_object_name(r->arena, object);
        *gw_vec_push(r->arena, &r->schema->objects) = object;
        gw_object_map_put_oid(r->schema->by_oid, object->classid, object->oid, object->subid,
                              object);
        gw_object_map_put_key(r->schema->by_key, kind->name, object->key, object);
        if (object->parent)
            *gw_vec_push(r->arena, &object->parent->children) = (gw_need){object, 'a'};
    }
    return true;
}

/* ---- what belongs to what ------------------------------------------------------------------- */

/* The object that a catalog row is, or is a part of: a view's rule is the view, a table's row type
 * the table, an identity column's sequence the column, a member its extension. */
static gw_object *resolve(const reading *r, uint32_t classid, uint32_t oid, int32_t subid)
{
    for (int depth = 0; depth < 8; depth++) {
        gw_object *object = gw_object_map_oid(r->schema->by_oid, classid, oid, subid);
        if (!object && subid)
            object = gw_object_map_oid(r->schema->by_oid, classid, oid, 0);
        if (object)
            return object;
        const gw_object *part_of = gw_object_map_oid(r->owners, classid, oid, 0);
        if (!part_of)
            return NULL;
        classid = part_of->classid;
        oid = part_of->oid;
        subid = part_of->subid;
    }
    return NULL;
}

static uint32_t u32(int64_t value)
{
    return (uint32_t)value;
}

static void add_need(reading *r, gw_object *from, gw_object *to, char type)
{
    for (size_t i = 0; i < from->needs.len; i++)
        if (from->needs.items[i].object == to) {
            /* an automatic dependency wins: it says that a drop takes it along */
            if (type != 'n')
                from->needs.items[i].type = type;
            return;
        }
    *gw_vec_push(r->arena, &from->needs) = (gw_need){to, type};
}

static bool link_all(reading *r, const gw_result *result)
{
    depend *rows;
    if (!gw_rows(r->arena, result, depend_cols, 7, sizeof *rows, (void **)&rows, r->err))
        return false;
    for (size_t i = 0; i < result->rows; i++)
        if (*rows[i].type == 'i' || *rows[i].type == 'e') {
            gw_object *owner = gw_alloc(r->arena, sizeof *owner);
            owner->classid = u32(rows[i].ref_classid);
            owner->oid = u32(rows[i].ref_oid);
            owner->subid = (int32_t)rows[i].ref_subid;
            gw_object_map_put_oid(r->owners, u32(rows[i].classid), u32(rows[i].oid), 0, owner);
        }
    for (size_t i = 0; i < result->rows; i++) {
        gw_object *from = resolve(r, u32(rows[i].classid), u32(rows[i].oid),
                                  (int32_t)rows[i].subid);
        gw_object *to = resolve(r, u32(rows[i].ref_classid), u32(rows[i].ref_oid),
                                (int32_t)rows[i].ref_subid);
        if (from && to && from != to && to->parent != from)
            add_need(r, from, to, *rows[i].type);
    }
    return true;
}

/* Functions that take the type which needs them go with it. */
static void tie_loops(const gw_object *type)
{
    for (size_t i = 0; i < type->needs.len; i++) {
        gw_object *function = type->needs.items[i].object;
        for (size_t n = 0; n < function->needs.len; n++)
            if (function->needs.items[n].object == type)
                function->needs.items[n].type = 'a';
    }
}

static void link_parents_and_back(reading *r)
{
    for (size_t i = 0; i < r->schema->objects.len; i++) {
        gw_object *object = r->schema->objects.items[i];
        object->index = i;
        if (object->parent)
            add_need(r, object, object->parent, 'a');
        if (object->schema && strcmp(object->kind->name, "schema") != 0) {
            gw_object *schema = gw_object_map_key(
                r->schema->by_key, "schema", gw_display_name(r->arena, NULL, object->schema));
            if (schema)
                add_need(r, object, schema, 'n');
        }
    }
    for (size_t i = 0; i < r->schema->objects.len; i++)
        if (r->schema->objects.items[i]->kind->flags & GW_KIND_SHELL)
            tie_loops(r->schema->objects.items[i]);
    for (size_t i = 0; i < r->schema->objects.len; i++) {
        gw_object *object = r->schema->objects.items[i];
        for (size_t n = 0; n < object->needs.len; n++)
            *gw_vec_push(r->arena, &object->needs.items[n].object->needed_by) =
                (gw_need){object, object->needs.items[n].type};
    }
}

static bool add_unrendered(reading *r, const gw_result *result, bool with_schema)
{
    const gw_schema_options *o = r->options;
    gw_unrendered *rows;
    if (!gw_rows(r->arena, result, unrendered_cols, with_schema ? 5 : 4, sizeof *rows,
                 (void **)&rows, r->err))
        return false;
    for (size_t i = 0; i < result->rows; i++) {
        if (!with_schema)
            rows[i].schema = NULL;
        if (!o || !o->leave_out_unrendered || !o->leave_out_unrendered(o->self, rows[i].schema))
            *gw_vec_push(r->arena, &r->schema->unrendered) = rows[i];
    }
    return true;
}

static bool add_notes(reading *r, const gw_result *result, int what)
{
    if (what >= UNRENDERED)
        return add_unrendered(r, result, what == UNRENDERED);
    note *rows;
    if (!gw_rows(r->arena, result, note_cols, 4, sizeof *rows, (void **)&rows, r->err))
        return false;
    for (size_t i = 0; i < result->rows; i++) {
        gw_object *object = gw_object_map_oid(r->schema->by_oid, u32(rows[i].classid),
                                              u32(rows[i].oid), (int32_t)rows[i].subid);
        if (!object)
            continue;
        if (what == COMMENTS)
            object->comment = rows[i].text;
        else if (what == PRIVILEGES)
            *gw_vec_push(r->arena, &object->privileges) = rows[i].text;
        else
            *gw_vec_push(r->arena, &object->labels) = rows[i].text;
    }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* The i-th kind to be read: what has no parent first, for a view's columns and indexes are of kinds
 * that stand before it. NULL: the extras begin. */
static const gw_kind *kind_to_read(size_t i)
{
    for (int with_parent = 0; with_parent < 2; with_parent++)
        for (size_t k = 0; k < gw_kind_count; k++)
            if ((gw_kinds[k]->parent_classid != 0) == with_parent && i-- == 0)
                return gw_kinds[k];
    return NULL;
}

/* What only some roles may read of subscriptions, they are asked for. */
static const gw_sql *statement(const reading *r, size_t i)
{
    const gw_kind *kind = kind_to_read(i);
    const gw_sql *sql = kind ? kind->sql : extras[i - gw_kind_count];
    bool superuser = gw_session_superuser(r->session);
    return sql == &gw_sql_subscription_hidden && superuser ? &gw_sql_subscription_secrets : sql;
}

/* The objects in the order of their kinds. */
static void regroup(reading *r)
{
    gw_schema *schema = r->schema;
    gw_object **old = schema->objects.items;
    size_t count = schema->objects.len;
    schema->objects.items = NULL;
    schema->objects.len = schema->objects.cap = 0;
    for (size_t k = 0; k < gw_kind_count; k++)
        for (size_t i = 0; i < count; i++)
            if (old[i]->kind == gw_kinds[k])
                *gw_vec_push(r->arena, &schema->objects) = old[i];
}

static bool receive(reading *r)
{
    bool ok = true;
    for (size_t i = 0; i < gw_kind_count + EXTRAS; i++) {
        const gw_kind *kind = kind_to_read(i);
        const gw_sql *sql = statement(r, i);
        gw_result result;
        bool skipped = false;
        if (!ok)
            break;
        if (!gw_pipeline_next(r->session, r->arena, sql->name, &result, &skipped, r->err))
            return false;
        if (skipped)
            continue;
        if (kind)
            ok = add_rows(r, kind, &result);
        else if (i == gw_kind_count + DEPENDS)
            ok = link_all(r, &result);
        else
            ok = add_notes(r, &result, (int)(i - gw_kind_count));
    }
    regroup(r);
    return ok;
}

static bool read_once(reading *r)
{
    if (!gw_session_begin(r->session, "repeatable read read only", r->err))
        return false;
    if (!gw_pipeline_start(r->session, r->err)) {
        gw_session_rollback(r->session);
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < gw_kind_count + EXTRAS && ok; i++) {
        ok = gw_pipeline_add(r->session, statement(r, i)->text, NULL, 0, r->err);
    }
    ok = ok && gw_pipeline_sync(r->session, r->err) && receive(r);
    gw_err second = {0};
    if (!gw_pipeline_end(r->session, ok ? r->err : &second))
        ok = false;
    gw_err_clear(&second);
    gw_session_rollback(r->session);
    return ok;
}

/* An object was dropped or changed between the snapshot and the deparsing of it. */
static bool passing(const gw_err *err)
{
    static const char *const states[] = {"XX000", "42P01"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(err->sqlstate, states[i]) == 0)
            return true;
    return false;
}

bool gw_schema_read(gw_session *session, gw_arena *arena, const gw_schema_options *options,
                    gw_schema **out, gw_err *err)
{
    for (int attempt = 1;; attempt++) {
        gw_err problem = {0};
        reading r = {.session = session, .arena = arena, .options = options, .err = &problem};
        r.schema = gw_schema_new(arena, gw_session_version(session));
        r.schema->database = gw_strdup(arena, gw_session_database(session));
        r.owners = gw_object_map_new(arena, 1024);
        if (read_once(&r)) {
            link_parents_and_back(&r);
            if (options && options->leave_out)
                gw_schema_leave_out(r.schema, options);
            *out = r.schema;
            return true;
        }
        bool again = passing(&problem);
        if (again && attempt == TRIES) {
            gw_err_set(err, GW_ERR_RETRYABLE, "the schema changes while it is being read");
            gw_err_detail(err, "%d times: %s", TRIES, problem.message);
            gw_err_hint(err, "run the command again when the other DDL is done");
        } else if (!again) {
            gw_err_move(err, &problem);
            gw_err_context(err, "while reading the schema");
        }
        gw_err_clear(&problem);
        if (!again || attempt == TRIES)
            return false;
    }
}

#include "sync/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sql/quote.h"
#include "sync/checker.h"

const char *gw_conversion_word(gw_conversion conversion)
{
    static const char *const words[] = {"same", "assign", "cast", "text"};
    return words[conversion];
}

/* ---- findings --------------------------------------------------------------------------- */

void gw_find(gw_checker *c, bool error, unsigned line, unsigned col, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gw_finding *f = gw_vec_push(c->arena, &c->out->findings);
    *f = (gw_finding){.error = error,
                      .entity = c->mapping->entity.text,
                      .file = c->mapping->file,
                      .line = line,
                      .col = col,
                      .message = gw_vprintf(c->arena, format, args)};
    va_end(args);
    c->out->errors += error;
    if (error && c->entity)
        c->entity->ok = false;
}

void gw_finding_hint(gw_checker *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    c->out->findings.items[c->out->findings.len - 1].hint = gw_vprintf(c->arena, format, args);
    va_end(args);
}

static int by_place(const void *a, const void *b)
{
    const gw_finding *x = a, *y = b;
    int file = strcmp(x->file, y->file);
    if (file)
        return file;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->col != y->col)
        return x->col < y->col ? -1 : 1;
    return strcmp(x->message, y->message);
}

const char *gw_column_meant(gw_checker *c, const gw_source_relation *relation, const char *name)
{
    const char **names = gw_alloc_array(c->arena, relation->column_count + 1, sizeof *names);
    for (size_t i = 0; i < relation->column_count; i++)
        names[i] = relation->columns[i].name;
    for (size_t i = 0; names[i]; i++)
        if (strcasecmp(names[i], name) == 0)
            return names[i];
    return gw_did_you_mean(name, names);
}

const char *gw_source_from(gw_checker *c)
{
    const gw_mapping *m = c->mapping;
    if (m->source.query.text)
        return gw_printf(c->arena, "(%s\n) s", m->source.query.text);
    return gw_printf(c->arena, "%s s", gw_mapping_table_sql(c->arena, &m->source.table));
}

/* ---- asking a server ---------------------------------------------------------------------- */

/* What the server says of the statement, and not of the connection. */
static gw_tried tried(gw_session *session, bool ok, gw_err *problem, gw_err *err)
{
    if (ok)
        return GW_TRIED_OK;
    if (problem->sqlstate[0] && !gw_session_lost(session) && problem->kind != GW_ERR_CANCELED &&
        problem->kind != GW_ERR_INTERRUPTED)
        return GW_TRIED_WRONG;
    gw_err_move(err, problem);
    return GW_TRIED_FAILED;
}

gw_tried gw_try_describe(gw_checker *c, gw_session *session, const char *text,
                         gw_source_relation *out, gw_err *problem, gw_err *err)
{
    if (!gw_session_begin(session, "repeatable read read only", err))
        return GW_TRIED_FAILED;
    bool ok = gw_pg_describe_query(session, c->arena, text, out, problem);
    gw_session_rollback(session);
    return tried(session, ok, problem, err);
}

gw_tried gw_try_query(gw_checker *c, gw_session *session, const char *text, gw_result *out,
                      gw_err *problem, gw_err *err)
{
    if (!gw_session_begin(session, "repeatable read read only", err))
        return GW_TRIED_FAILED;
    bool ok = gw_pg_user_names(session, true, problem) &&
              gw_query_text(session, c->arena, "a check of a mapping", text, NULL, 0, out, problem);
    gw_session_rollback(session);
    return tried(session, ok, problem, err);
}

/* ---- the two sides -------------------------------------------------------------------------- */

static void no_table(gw_checker *c, gw_session *session, const char *side,
                     const gw_mapping_table *table)
{
    gw_source_table_name *tables = NULL;
    size_t count = 0;
    gw_err ignored = {0};
    gw_find(c, true, table->line, table->col, "there is no table %s in the %s",
            gw_mapping_table_shown(c->arena, table), side);
    if (!gw_pg_tables(session, c->arena, &tables, &count, &ignored))
        gw_err_clear(&ignored);
    const char **names = gw_alloc_array(c->arena, count + 1, sizeof *names);
    const char *whole = gw_printf(c->arena, "%s.%s", table->schema, table->name), *meant = NULL;
    for (size_t i = 0; i < count; i++) {
        names[i] = gw_printf(c->arena, "%s.%s", tables[i].schema, tables[i].name);
        if (!meant && strcasecmp(tables[i].name, table->name) == 0)
            meant = names[i];
    }
    if (!meant)
        meant = gw_did_you_mean(whole, names);
    if (meant)
        gw_finding_hint(c, "did you mean %s?", meant);
}

static bool describe_source(gw_checker *c, gw_err *err)
{
    const gw_mapping *m = c->mapping;
    gw_source_relation *out = &c->entity->source;
    gw_err problem = {0};
    if (m->source.query.text) {
        gw_tried how = gw_try_describe(c, c->source->session,
                                       gw_printf(c->arena, "SELECT * FROM %s", gw_source_from(c)),
                                       out, &problem, err);
        size_t lead = strlen("SELECT * FROM (") + 1;
        unsigned line, col;
        c->source_there = how == GW_TRIED_OK;
        gw_mapping_place(m, &m->source.query, problem.position > lead ? problem.position - lead : 0,
                         &line, &col);
        if (how == GW_TRIED_WRONG)
            gw_find(c, true, line, col, "the query of the source: %s", problem.message);
        gw_err_clear(&problem);
        return how != GW_TRIED_FAILED;
    }
    const gw_mapping_table *table = &m->source.table;
    if (!gw_pg_describe(c->source->session, c->arena, table->schema, table->name, out,
                        &c->source_there, err))
        return false;
    if (!c->source_there) {
        no_table(c, c->source->session, "source", table);
        return true;
    }
    if (!out->may_use || !out->may_select) {
        bool some = false;
        for (size_t i = 0; i < out->column_count; i++)
            some = some || out->columns[i].may_select;
        if (out->may_use && some)
            return true; /* rights on columns: each is looked at by itself */
        const char *role = gw_quote_ident(c->arena, c->out->source.role);
        gw_find(c, true, table->line, table->col, "the role %s may not read %s in the source",
                c->out->source.role, gw_mapping_table_shown(c->arena, table));
        gw_finding_hint(c, "GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s TO %s",
                        gw_quote_ident(c->arena, table->schema), role,
                        gw_mapping_table_sql(c->arena, table), role);
    }
    if (out->row_security)
        gw_find(c, false, table->line, table->col,
                "row security applies to the role %s: rows that it does not see count as deleted",
                c->out->source.role);
    return true;
}

static void check_rights(gw_checker *c)
{
    const gw_mapping *m = c->mapping;
    const gw_source_relation *d = &c->entity->destination;
    const gw_mapping_table *table = &m->destination.table;
    gw_buf missing = GW_BUF(c->arena);
    const struct {
        bool has;
        const char *name;
    } rights[] = {{d->may_select, "SELECT"},
                  {d->may_insert, "INSERT"},
                  {d->may_update, "UPDATE"},
                  {d->may_delete || m->deletes != GW_DELETES_DELETE, "DELETE"}};
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
        if (!rights[i].has)
            gw_buf_addf(&missing, "%s%s", missing.len ? ", " : "", rights[i].name);
    if (d->may_use && !missing.len)
        return;
    const char *role = gw_quote_ident(c->arena, c->out->destination.role);
    gw_find(c, true, table->line, table->col, "the role %s may not write %s in the destination",
            c->out->destination.role, gw_mapping_table_shown(c->arena, table));
    if (!d->may_use)
        gw_finding_hint(c, "GRANT USAGE ON SCHEMA %s TO %s",
                        gw_quote_ident(c->arena, table->schema), role);
    else
        gw_finding_hint(c, "GRANT %s ON %s TO %s", gw_buf_str(&missing),
                        gw_mapping_table_sql(c->arena, table), role);
}

static bool describe_destination(gw_checker *c, gw_err *err)
{
    const gw_mapping_table *table = &c->mapping->destination.table;
    gw_source_relation *out = &c->entity->destination;
    if (!gw_pg_describe(c->destination, c->arena, table->schema, table->name, out,
                        &c->destination_there, err))
        return false;
    if (!c->destination_there) {
        no_table(c, c->destination, "destination", table);
        return true;
    }
    if (*out->kind != 'r' && *out->kind != 'p') {
        gw_find(c, true, table->line, table->col, "%s in the destination is %s, not a table",
                gw_mapping_table_shown(c->arena, table),
                *out->kind == 'f' ? "a foreign table" : "a view");
        c->destination_there = false;
        return true;
    }
    check_rights(c);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

bool gw_sides_differ(const gw_source_identity *source, const gw_source_identity *destination,
                     gw_err *err)
{
    if (source->database_oid != destination->database_oid ||
        strcmp(source->system_identifier, destination->system_identifier) != 0)
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "the source is the destination: both are the database %s of one "
               "server", destination->database);
    if (source->standby)
        gw_err_detail(err, "the source is a replica of it");
    return gw_err_hint(err, "`sync: { source: … }` names the database that rows come from, the "
                            "environment's url the one that they go to");
}

static bool check_one(gw_checker *c, gw_err *err)
{
    c->entity->ok = true;
    c->entity->fields =
        gw_alloc_array(c->arena, c->mapping->fields.len, sizeof *c->entity->fields);
    for (size_t i = 0; i < c->mapping->fields.len; i++)
        c->entity->fields[i].field = &c->mapping->fields.items[i];
    return describe_source(c, err) && describe_destination(c, err) && gw_check_keys(c, err) &&
           gw_check_deletes(c, err) && gw_check_fields(c, err) && gw_check_rules(c, err) &&
           gw_check_functions(c, err);
}

bool gw_mappings_check(gw_source *source, gw_session *destination, gw_arena *arena,
                       const gw_mapping_list *mappings, const gw_mapping_list *others,
                       gw_check *out, gw_err *err)
{
    gw_checker c = {.arena = arena,
                    .source = source,
                    .destination = destination,
                    .mappings = mappings,
                    .others = others,
                    .out = out,
                    .compiler = gw_script_compiler_new(arena, NULL, NULL)};
    *out = (gw_check){0};
    if (!source->engine->identify(source, arena, &out->source, err) ||
        !gw_pg_identify(destination, arena, &out->destination, err) ||
        !gw_sides_differ(&out->source, &out->destination, err))
        return false;
    out->entities = gw_alloc_array(arena, mappings->len, sizeof *out->entities);
    out->entity_count = mappings->len;
    for (size_t i = 0; i < mappings->len; i++) {
        c.entity = &out->entities[i];
        c.mapping = c.entity->mapping = &mappings->items[i];
        if (!check_one(&c, err))
            return gw_err_context(err, "while checking the mapping of %s", c.mapping->entity.text);
    }
    gw_script_compiler_end(c.compiler);
    if (!gw_check_order(&c, err))
        return false;
    if (out->findings.len)
        qsort(out->findings.items, out->findings.len, sizeof *out->findings.items, by_place);
    return true;
}

bool gw_plans_order(gw_session *destination, gw_arena *arena, const gw_mapping_list *mappings,
                    const gw_entity_plan *plans, gw_check *out, gw_err *err)
{
    gw_checker c = {
        .arena = arena, .destination = destination, .mappings = mappings, .out = out};
    *out = (gw_check){.entity_count = mappings->len};
    out->entities = gw_alloc_array(arena, mappings->len, sizeof *out->entities);
    for (size_t i = 0; i < mappings->len; i++) {
        gw_entity_plan *entity = &out->entities[i];
        *entity = plans[i];
        entity->needs = entity->refers = (gw_source_names){0};
        for (size_t k = 0; k < mappings->items[i].fields.len; k++)
            entity->fields[k].second_pass = false;
    }
    return gw_check_order(&c, err);
}

/* "already exists": what is there, and how to go on. */
#include "migrate/taken.h"

#include <string.h>

#include "base/buf.h"
#include "sql/lex.h"
#include "sql/quote.h"
#include "sql_migrate.h"

static bool find(gw_runner *r, gw_arena *arena, const char *name, const char *schema,
                 const char *beside, gw_relations_there *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"kind", GW_COL_TEXT, true, offsetof(gw_relation_there, kind)},
        {"schema", GW_COL_TEXT, true, offsetof(gw_relation_there, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gw_relation_there, name)},
        {"owner", GW_COL_TEXT, true, offsetof(gw_relation_there, owner)},
        {"definition", GW_COL_TEXT, false, offsetof(gw_relation_there, definition)},
    };
    /* A tenant's names are its own: another one's table of that name has nothing to do with it. */
    const char *tenant = r->search_path && !schema && !beside ? r->tenant : NULL;
    gw_param params[] = {gw_p_text(name), gw_p_text(schema), gw_p_text(beside), gw_p_text(tenant)};
    gw_result result;
    void *items = NULL;
    if (!gw_query(r->work, arena, &gw_sql_relation_named, params, 4, &result, err) ||
        !gw_rows(arena, &result, cols, 5, sizeof *out->items, &items, err))
        return false;
    *out = (gw_relations_there){items, result.rows};
    return true;
}

bool gw_relations_beside(gw_runner *r, gw_arena *arena, const gw_stmt_class *c,
                         gw_relations_there *out, gw_err *err)
{
    const char *table = c->table ? gw_quote_name(arena, c->table_schema, c->table) : NULL;
    *out = (gw_relations_there){0};
    return !table || find(r, arena, c->name, NULL, table, out, err);
}

/* Does the statement make something by itself? Of what a function or a block does nobody knows. */
static const char *verb_of(const char *text)
{
    gw_lexer lexer = gw_lexer_start(text, strlen(text));
    gw_token t = gw_lexer_next(&lexer);
    return gw_token_is(&t, "create") ? "CREATE" : gw_token_is(&t, "alter") ? "ALTER" : NULL;
}

/* The word that makes it pass over what is there; NULL: PostgreSQL has none. */
static const char *lenient(const char *sqlstate, const gw_stmt_class *c)
{
    const char *object = c->object ? c->object : "";
    if (strcmp(sqlstate, "42710") == 0)
        return NULL;
    if (strcmp(sqlstate, "42723") == 0 || strcmp(object, "VIEW") == 0)
        return "CREATE OR REPLACE";
    return "IF NOT EXISTS";
}

/* false: nothing of that name is there, now that the file was rolled back. */
static bool say_what_is_there(gw_runner *r, gw_arena *arena, const gw_stmt_class *c, gw_err *err)
{
    gw_err ignored = {0};
    gw_relations_there there = {0};
    const char *schema = c->kind == GW_STMT_CREATE_INDEX ? c->table_schema : c->schema;
    bool asked = !gw_session_lost(r->work) &&
                 find(r, arena, c->name, schema, NULL, &there, &ignored);
    gw_err_clear(&ignored);
    if (there.len && !err->detail) {
        const gw_relation_there *one = &there.items[0];
        gw_err_detail(err, "%s is %s, owned by %s%s%s",
                      gw_display_name(arena, one->schema, one->name), one->kind, one->owner,
                      one->definition ? ": " : "", one->definition ? one->definition : "");
    }
    return !asked || there.len > 0;
}

static void say_how_to_go_on(const gw_runner *r, gw_arena *arena, const gw_checked *checked,
                             const char *word, gw_err *err)
{
    const gw_migration *m = checked->migration;
    const char *or_word = word ? gw_printf(arena, "%s, ", word) : "";
    if (checked->revert || m->kind == GW_REPEATABLE || !checked->transactional) {
        gw_err_hint(err, "where it is what this file means: %sor take the statement out; else drop it "
                         "or choose another name", or_word);
        return;
    }
    const char *label = gw_runner_label(r);
    gw_buf of = GW_BUF(arena);
    if (*m->service) {
        gw_buf_add(&of, " --service ");
        gw_buf_add_word(&of, m->service);
    }
    if (*label) {
        gw_buf_add(&of, " --tenant ");
        gw_buf_add_word(&of, label);
    }
    gw_err_hint(err,
                "was it made by hand? Where all of this file is there: godwit baseline %s%s marks it "
                "as applied%s, and all before it; else %sdrop it, or choose another name",
                m->version, gw_buf_str(&of), *label ? " for this tenant alone" : "", or_word);
}

void gw_explain_taken(gw_runner *r, gw_arena *arena, const gw_checked *checked, gw_err *err)
{
    static const char *const states[] = {"42P07", "42710", "42701", "42723", "42P06"};
    bool taken = false;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        taken |= strcmp(err->sqlstate, states[i]) == 0;
    if (!taken || err->hint || !err->statement)
        return;
    gw_stmt_class c = gw_sql_classify(arena, err->statement, strlen(err->statement));
    if (c.slot) {
        gw_err_hint(err, "was it made by hand, or by a run that was cut off? Where it is the one that is "
                         "meant, take the statement out; else: SELECT pg_drop_replication_slot(%s)",
                    gw_quote_literal(arena, c.slot));
        return;
    }
    if (!verb_of(err->statement))
        return;
    bool relation = strcmp(err->sqlstate, "42P07") == 0 && c.name;
    if (relation && !say_what_is_there(r, arena, &c, err)) {
        gw_err_hint(err, "nothing of that name is in the database: this file makes it twice");
        return;
    }
    say_how_to_go_on(r, arena, checked, lenient(err->sqlstate, &c), err);
}

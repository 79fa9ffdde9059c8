/*
 * An index that is there already: is it the one that a statement makes? What the texts leave open
 * (an expression, a predicate: the server writes them in its own way) the server answers: the index is
 * made on an empty table of the same columns and compared in the catalog.
 */
#include <string.h>

#include "migrate/concurrent_index.h"
#include "migrate/taken.h"
#include "sql/lex.h"
#include "sql/quote.h"
#include "sql_migrate.h"

#define TRIAL "pg_temp.\"godwit trial\""

/* CREATE [UNIQUE] INDEX … ON [ONLY] TABLE rest: the rest; NULL where that is not what it is. */
static const char *behind_table(const gw_statement *statement, bool *unique)
{
    gw_lexer lexer = gw_lexer_start(statement->text, statement->len);
    gw_token t = gw_lexer_next(&lexer);
    *unique = false;
    for (; t.kind != GW_TOKEN_END && !gw_token_is(&t, "on"); t = gw_lexer_next(&lexer))
        *unique |= gw_token_is(&t, "unique");
    t = gw_lexer_next(&lexer);
    if (gw_token_is(&t, "only"))
        t = gw_lexer_next(&lexer);
    for (;;) {
        if (t.kind != GW_TOKEN_WORD && t.kind != GW_TOKEN_QUOTED)
            return NULL;
        const char *rest = lexer.at;
        t = gw_lexer_next(&lexer);
        if (t.kind != GW_TOKEN_SYMBOL || *t.text != '.')
            return rest;
        t = gw_lexer_next(&lexer);
    }
}

/* An index, and the statement that it may be of. */
typedef struct pair {
    const gw_statement *statement;
    const gw_found_index *index;
    bool same;
} pair;

static bool ask(gw_runner *r, gw_arena *arena, void *self, gw_err *err)
{
    static const gw_col cols[] = {{"same", GW_COL_BOOL, true, 0}};
    pair *of = self;
    const gw_statement *statement = of->statement;
    const gw_stmt_class *c = &statement->kind;
    gw_param id = gw_p_int(of->index->id);
    gw_result result;
    bool unique;
    const char *rest = behind_table(statement, &unique);
    if (!rest || !c->table)
        return gw_err_set(err, GW_ERR_STATE, "the statement cannot be read");
    int len = (int)(statement->text + statement->len - rest);
    return gw_exec(r->work,
                   gw_printf(arena, "CREATE TEMPORARY TABLE \"godwit trial\" (LIKE %s)",
                             gw_quote_name(arena, c->table_schema, c->table)), err) &&
           gw_exec(r->work,
                   gw_printf(arena, "CREATE %sINDEX \"godwit trial index\" ON " TRIAL " %.*s",
                             unique ? "UNIQUE " : "", len, rest), err) &&
           gw_query(r->work, arena, &gw_sql_index_same, &id, 1, &result, err) &&
           gw_row(arena, &result, cols, 1, &of->same, err);
}

bool gw_tried_aside(gw_runner *r, gw_arena *arena, gw_aside_fn *fn, void *self)
{
    gw_err ignored = {0};
    bool inside = gw_session_in_transaction(r->work);
    bool ok = gw_exec(r->work, inside ? "SAVEPOINT godwit_trial" : "BEGIN", &ignored) &&
              fn(r, arena, self, &ignored);
    gw_err_clear(&ignored);
    if (!inside)
        gw_session_rollback(r->work);
    else if (gw_exec(r->work, "ROLLBACK TO SAVEPOINT godwit_trial", &ignored))
        gw_exec(r->work, "RELEASE SAVEPOINT godwit_trial", &ignored);
    gw_err_clear(&ignored);
    return ok;
}

gw_likeness gw_index_likeness_asked(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                                    const gw_found_index *index)
{
    gw_likeness likeness = gw_index_likeness(arena, statement, index);
    pair of = {statement, index, false};
    if (likeness != GW_LIKENESS_DOUBT)
        return likeness;
    bool ok = gw_tried_aside(r, arena, ask, &of);
    return !ok ? GW_LIKENESS_DOUBT : of.same ? GW_LIKENESS_SAME : GW_LIKENESS_OTHER;
}

/* ---- IF NOT EXISTS ---------------------------------------------------------------------------- */

static bool refuse(gw_arena *arena, const gw_statement *statement, const gw_checked *checked,
                   const gw_found_index *index, gw_likeness likeness, gw_err *err)
{
    const char *shown = gw_display_name(arena, index->schema, index->name);
    const char *name = gw_quote_name(arena, index->schema, index->name);
    const char *definition = index->definition ? index->definition : name;
    if (!index->valid)
        gw_err_set(err, GW_ERR_STATE, "index %s is there already, and it is INVALID", shown);
    else if (!index->same_table)
        gw_err_set(err, GW_ERR_STATE, "index %s is there already, on another table: %s", shown,
                   index->on_table);
    else if (likeness == GW_LIKENESS_OTHER)
        gw_err_set(err, GW_ERR_STATE, "index %s is there already, and is not what this statement makes",
                   shown);
    else
        gw_err_set(err, GW_ERR_STATE,
                   "index %s is there already, and whether it is what this statement makes cannot "
                   "be told", shown);
    gw_err_detail(err, "there is: %s\nthe statement: %.*s", definition, (int)statement->len,
                  statement->text);
    gw_statement_place(statement, checked->script->path, err);
    return gw_err_hint(err,
                       "IF NOT EXISTS would pass over it in silence: drop it (DROP INDEX CONCURRENTLY "
                       "%s), or write the statement as the index is, or give it another name",
                       name);
}

static bool refuse_relation(gw_arena *arena, const gw_statement *statement,
                            const gw_checked *checked, const gw_relation_there *there, gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE, "%s is no index but %s", gw_display_name(arena, there->schema, there->name),
               there->kind);
    gw_statement_place(statement, checked->script->path, err);
    return gw_err_hint(err, "IF NOT EXISTS would pass over it in silence: give the index another name");
}

/* false: it is not what is meant, or nobody can tell. *invalid: because it is INVALID. */
static bool is_meant(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                     const gw_checked *checked, bool *invalid, gw_err *err)
{
    const gw_stmt_class *c = &statement->kind;
    gw_found_indexes found;
    gw_relations_there others = {0};
    *invalid = false;
    if (c->kind != GW_STMT_CREATE_INDEX || !c->if_exists || !c->name)
        return true;
    if (!gw_index_find(r, arena, c, NULL, &found, err))
        return false;
    if (found.len) {
        const gw_found_index *index = &found.items[0];
        gw_likeness likeness = gw_index_likeness_asked(r, arena, statement, index);
        *invalid = !index->valid;
        return (index->valid && likeness == GW_LIKENESS_SAME) ||
               refuse(arena, statement, checked, index, likeness, err);
    }
    if (!gw_relations_beside(r, arena, c, &others, err))
        return false;
    return !others.len || refuse_relation(arena, statement, checked, &others.items[0], err);
}

bool gw_index_is_meant(gw_runner *r, gw_arena *arena, const gw_statement *statement,
                       const gw_checked *checked, gw_err *err)
{
    bool invalid;
    return is_meant(r, arena, statement, checked, &invalid, err);
}

bool gw_index_pass_over(gw_runner *r, const gw_statement *statement, const gw_checked *checked,
                        gw_err *err)
{
    gw_err problem = {0};
    gw_arena *scratch = gw_arena_new();
    bool invalid, ok = is_meant(r, scratch, statement, checked, &invalid, &problem);
    if (!ok && !invalid && problem.kind == GW_ERR_STATE) {
        gw_see(r, GW_PROGRESS_WARNING, checked, statement->line, 0,
               gw_printf(scratch, "%s; IF NOT EXISTS passes over it%s%s", problem.message,
                         problem.detail ? "\n" : "", problem.detail ? problem.detail : ""));
        gw_err_clear(&problem);
        ok = true;
    }
    if (!ok)
        gw_err_move(err, &problem);
    gw_arena_free(scratch);
    return ok;
}

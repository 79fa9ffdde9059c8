/*
 * IF NOT EXISTS passes over whatever has the name. The server knows types better than any reader of
 * texts: what the statement says is made beside it, as a temporary table of the same columns or a
 * temporary sequence, and compared in the catalog.
 */
#include "migrate/object_there.h"

#include <string.h>

#include "migrate/taken.h"
#include "sql/lex.h"
#include "sql/quote.h"
#include "sql_migrate.h"

/* One difference; the first two are the same in all of them. */
typedef struct difference {
    const char *code, *schema;
    const char *part, *there, *wanted;
} difference;

/* CREATE [UNLOGGED] TABLE|SEQUENCE IF NOT EXISTS name: the lexer stands behind it. */
static bool read_head(gw_lexer *lexer, bool *sequence)
{
    static const char *const exists[] = {"if", "not", "exists", NULL};
    gw_token t = gw_lexer_next(lexer);
    if (!gw_token_is(&t, "create"))
        return false;
    t = gw_lexer_next(lexer);
    if (gw_token_is(&t, "unlogged"))
        t = gw_lexer_next(lexer);
    *sequence = gw_token_is(&t, "sequence");
    if (!*sequence && !gw_token_is(&t, "table"))
        return false;
    for (size_t i = 0; exists[i]; i++) {
        t = gw_lexer_next(lexer);
        if (!gw_token_is(&t, exists[i]))
            return false;
    }
    gw_lexer_next(lexer);
    for (gw_lexer ahead = *lexer; t = gw_lexer_next(&ahead), gw_token_symbol(&t, "."); *lexer = ahead)
        gw_lexer_next(&ahead);
    return true;
}

bool gw_object_may_be_there(const gw_statement *statement)
{
    gw_lexer lexer = gw_lexer_start(statement->text, statement->len);
    bool sequence;
    if (!statement->kind.if_exists || !statement->kind.name || !read_head(&lexer, &sequence))
        return false;
    gw_token t = gw_lexer_next(&lexer);
    return sequence || gw_token_symbol(&t, "("); /* not OF, PARTITION OF, AS */
}

bool gw_passes_over(const gw_statement *statement)
{
    return statement->kind.if_exists && (statement->kind.kind == GW_STMT_CREATE_INDEX ||
                                         gw_object_may_be_there(statement));
}

bool gw_nothing_to_pass_over(gw_runner *r, const gw_checked *checked)
{
    struct {
        bool taken;
    } row = {true};
    static const gw_col cols[] = {{"taken", GW_COL_BOOL, true, 0}};
    gw_err ignored = {0};
    gw_arena *scratch = gw_arena_new();
    const char **names = gw_alloc_array(scratch, checked->statements + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < checked->statements; i++)
        if (gw_passes_over(&checked->kept[i]) && checked->kept[i].kind.name)
            names[count++] = checked->kept[i].kind.name;
    gw_param param = gw_p_text(gw_quote_array(scratch, names, count));
    gw_result result;
    bool ok = gw_query(r->work, scratch, &gw_sql_names_taken, &param, 1, &result, &ignored) &&
              gw_row(scratch, &result, cols, 1, &row, &ignored);
    gw_err_clear(&ignored);
    gw_arena_free(scratch);
    return ok && !row.taken;
}

/* ---- what the statement says ----------------------------------------------------------------- */

/* The end of an element of the list: the token is the comma or the parenthesis behind it. */
static gw_token skip_element(gw_lexer *lexer, gw_token t)
{
    size_t depth = 0;
    for (; t.kind != GW_TOKEN_END; t = gw_lexer_next(lexer)) {
        if (!depth && (gw_token_symbol(&t, ",") || gw_token_symbol(&t, ")")))
            break;
        depth += gw_token_symbol(&t, "(") || gw_token_symbol(&t, "[");
        depth -= gw_token_symbol(&t, ")") || gw_token_symbol(&t, "]");
    }
    return t;
}

static bool is_constraint(const gw_lexer *lexer, const gw_token *t)
{
    static const char *const words[] = {"constraint", "primary", "unique", "check", "foreign", NULL};
    gw_lexer ahead = *lexer;
    gw_token next = gw_lexer_next(&ahead);
    return gw_token_is_any(t, words) ||
           (gw_token_is(t, "exclude") && (gw_token_is(&next, "using") || gw_token_symbol(&next, "(")));
}

/* A column: its name and type alone. *t: the token behind the element. */
static void add_column(gw_buf *out, gw_lexer *lexer, gw_token *t)
{
    static const char *const ends[] = {"collate", "constraint", "not",    "null",        "default",
                                       "check",   "generated",  "unique", "primary",     "references",
                                       "storage", "compression", "deferrable", "initially", NULL};
    const char *from = t->text, *to = t->text + t->len;
    size_t depth = 0;
    for (*t = gw_lexer_next(lexer); t->kind != GW_TOKEN_END; *t = gw_lexer_next(lexer)) {
        if (!depth && (gw_token_symbol(t, ",") || gw_token_symbol(t, ")") || gw_token_is_any(t, ends)))
            break;
        depth += gw_token_symbol(t, "(") || gw_token_symbol(t, "[");
        depth -= gw_token_symbol(t, ")") || gw_token_symbol(t, "]");
        to = t->text + t->len;
    }
    gw_buf_addf(out, "%s%.*s", out->len ? ", " : "", (int)(to - from), from);
    *t = skip_element(lexer, *t);
}

/* The columns of the list, LIKE and INHERITS: the lexer stands behind the parenthesis. */
static const char *table_like(gw_arena *arena, gw_lexer *lexer)
{
    gw_buf columns = GW_BUF(arena);
    gw_token t;
    do {
        t = gw_lexer_next(lexer);
        if (gw_token_symbol(&t, ")"))
            break;
        const char *from = t.text;
        if (gw_token_is(&t, "like")) {
            t = skip_element(lexer, t);
            gw_buf_addf(&columns, "%s%.*s", columns.len ? ", " : "", (int)(t.text - from), from);
        } else if (is_constraint(lexer, &t)) {
            t = skip_element(lexer, t);
        } else {
            add_column(&columns, lexer, &t);
        }
    } while (gw_token_symbol(&t, ","));
    const char *heirs = "";
    t = gw_lexer_next(lexer);
    if (gw_token_is(&t, "inherits")) {
        const char *from = t.text;
        gw_lexer_next(lexer);
        t = skip_element(lexer, gw_lexer_next(lexer));
        while (gw_token_symbol(&t, ","))
            t = skip_element(lexer, gw_lexer_next(lexer));
        heirs = gw_strndup(arena, from, (size_t)(t.text + t.len - from));
    }
    return gw_printf(arena, "CREATE TEMPORARY TABLE \"godwit trial\" (%s) %s", gw_buf_str(&columns),
                     heirs);
}

/* Its options, without whose it is: that has no part in what it gives. */
static const char *sequence_like(gw_arena *arena, gw_lexer *lexer)
{
    gw_buf out = GW_BUF(arena);
    gw_buf_add(&out, "CREATE TEMPORARY SEQUENCE \"godwit trial\"");
    gw_token t = gw_lexer_next(lexer);
    while (t.kind != GW_TOKEN_END && !gw_token_symbol(&t, ";")) {
        if (gw_token_is(&t, "owned")) {
            gw_lexer_next(lexer);
            gw_lexer_next(lexer);
            for (t = gw_lexer_next(lexer); gw_token_symbol(&t, "."); t = gw_lexer_next(lexer))
                gw_lexer_next(lexer);
            continue;
        }
        gw_buf_addf(&out, " %.*s", (int)t.len, t.text);
        t = gw_lexer_next(lexer);
    }
    return gw_buf_str(&out);
}

/* ---- compared -------------------------------------------------------------------------------- */

typedef struct likeness {
    const gw_statement *statement;
    bool sequence;
    const difference *items;
    size_t count;
} likeness;

static bool compare(gw_runner *r, gw_arena *arena, void *self, gw_err *err)
{
    static const gw_col cols[] = {
        {"code", GW_COL_TEXT, true, offsetof(difference, code)},
        {"schema", GW_COL_TEXT, true, offsetof(difference, schema)},
        {"part", GW_COL_TEXT, false, offsetof(difference, part)},
        {"there", GW_COL_TEXT, false, offsetof(difference, there)},
        {"wanted", GW_COL_TEXT, false, offsetof(difference, wanted)},
    };
    likeness *of = self;
    const gw_statement *s = of->statement;
    gw_lexer lexer = gw_lexer_start(s->text, s->len);
    if (!read_head(&lexer, &of->sequence))
        return false;
    if (!of->sequence)
        gw_lexer_next(&lexer);
    const char *sql = of->sequence ? sequence_like(arena, &lexer) : table_like(arena, &lexer);
    gw_param params[] = {gw_p_text(s->kind.name), gw_p_text(s->kind.schema)};
    gw_result result;
    void *items = NULL;
    if (!gw_exec(r->work, sql, err) ||
        !gw_query(r->work, arena, &gw_sql_passed_over, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof *of->items, &items, err))
        return false;
    of->items = items;
    of->count = result.rows;
    return true;
}

static const char *say_differences(gw_arena *arena, const likeness *of)
{
    enum { MOST = 8 };
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < of->count && i < MOST; i++) {
        const difference *d = &of->items[i];
        const char *part = of->sequence ? d->part : gw_display_name(arena, NULL, d->part);
        if (!d->there)
            gw_buf_addf(&text, "\n%s %s: is not there", part, d->wanted);
        else if (!d->wanted)
            gw_buf_addf(&text, "\n%s %s: is not in the statement", part, d->there);
        else
            gw_buf_addf(&text, "\n%s: there %s, in the statement %s", part, d->there, d->wanted);
    }
    if (of->count > MOST)
        gw_buf_addf(&text, "\nand %zu more", of->count - MOST);
    return gw_buf_str(&text);
}

static void warn(gw_runner *r, gw_arena *arena, const gw_checked *checked, const likeness *of)
{
    const gw_statement *s = of->statement;
    const difference *first = &of->items[0];
    bool is_sequence = *first->code == 'S', is_table = strchr("rpf", *first->code) != NULL;
    bool other = of->sequence ? !is_sequence : !is_table;
    const char *name = gw_display_name(arena, first->schema, s->kind.name);
    const char *what = of->sequence ? "sequence" : "table";
    if (!other && !first->part)
        return;
    gw_see(r, GW_PROGRESS_WARNING, checked, s->line, 0,
           other ? gw_printf(arena, "%s is there already, and is no %s; IF NOT EXISTS passes over it",
                             name, what)
                 : gw_printf(arena,
                             "%s %s is there already, and is not what this statement makes; IF NOT "
                             "EXISTS passes over it%s",
                             what, name, say_differences(arena, of)));
}

void gw_object_passed_over(gw_runner *r, const gw_statement *statement, const gw_checked *checked)
{
    if (!gw_object_may_be_there(statement))
        return;
    gw_arena *scratch = gw_arena_new();
    likeness of = {.statement = statement};
    if (gw_tried_aside(r, scratch, compare, &of) && of.count)
        warn(r, scratch, checked, &of);
    gw_arena_free(scratch);
}

#include "lint/party.h"

#include <string.h>

#include "base/buf.h"

typedef struct following {
    gw_party *party;
    gw_lint *l;
    const gw_statement_seen *s;
    const gw_node *made; /* the name that the statement makes: no use */
} following;

static const char *schema_of(gw_lint *l, const char *schema, const char *name)
{
    if (schema)
        return schema;
    const gw_relation *r = gw_model_relation(l->model, NULL, name);
    return r ? r->object.schema : gw_model_creation_schema(l->model);
}

static void change(following *f, gw_made_kind kind, const char *schema, const char *name,
                   const char *column, const char *verb)
{
    if (!name)
        return;
    *gw_vec_push(f->l->arena, &f->party->changes) =
        (gw_party_change){.kind = kind,
                          .schema = schema_of(f->l, schema, name),
                          .name = name,
                          .column = column,
                          .verb = verb,
                          .statement = f->s};
}

static void use(following *f, gw_made_kind kind, const char *schema, const char *name)
{
    if (name)
        *gw_vec_push(f->l->arena, &f->party->uses) =
            (gw_party_use){kind, schema, name, f->s};
}

/* ---- changes --------------------------------------------------------------------------- */

static void see_drop(following *f)
{
    static const struct {
        const char *what;
        gw_made_kind kind;
    } kinds[] = {{"OBJECT_TABLE", GW_OBJECT_RELATION},    {"OBJECT_VIEW", GW_OBJECT_RELATION},
                 {"OBJECT_MATVIEW", GW_OBJECT_RELATION},  {"OBJECT_SEQUENCE", GW_OBJECT_RELATION},
                 {"OBJECT_INDEX", GW_OBJECT_RELATION},    {"OBJECT_TYPE", GW_OBJECT_TYPE},
                 {"OBJECT_DOMAIN", GW_OBJECT_TYPE},       {"OBJECT_FUNCTION", GW_OBJECT_FUNCTION},
                 {"OBJECT_PROCEDURE", GW_OBJECT_FUNCTION}, {"OBJECT_EXTENSION", GW_OBJECT_EXTENSION},
                 {"OBJECT_SCHEMA", GW_OBJECT_SCHEMA}};
    const gw_node *t = f->s->tree;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (const gw_node *o = gw_node_at(gw_node_get(t, "objects"), 0);
             o && gw_node_says(t, "removeType", kinds[k].what); o = o->next) {
            const char *schema = NULL, *name = gw_node_string(o);
            const gw_node *list = gw_node_is(o, "List")       ? gw_node_get(o, "items")
                                  : gw_node_is(o, "TypeName") ? gw_node_get(o, "names")
                                  : gw_node_get(o, "objname") ? gw_node_get(o, "objname")
                                                              : o;
            if (!name)
                gw_node_names(list, &schema, &name);
            change(f, kinds[k].kind, schema, name, NULL, "drops");
        }
}

static void see_rename(following *f)
{
    const gw_node *t = f->s->tree, *range = gw_node_get(t, "relation");
    const char *what = gw_node_text(t, "renameType");
    const char *schema = gw_node_text(range, "schemaname"), *name = gw_node_text(range, "relname");
    if (what && strcmp(what, "OBJECT_TYPE") == 0) {
        gw_node_names(gw_node_get(gw_node_get(t, "object"), "items"), &schema, &name);
        change(f, GW_OBJECT_TYPE, schema, name, NULL, "renames");
    } else if (what && range && strcmp(what, "OBJECT_COLUMN") == 0) {
        change(f, GW_OBJECT_RELATION, schema, name, gw_node_text(t, "subname"), "renames");
    } else if (what && range && strcmp(what, "OBJECT_TABCONSTRAINT") != 0) {
        change(f, GW_OBJECT_RELATION, schema, name, NULL, "renames");
    }
}

static void see_alter(following *f)
{
    static const char *const verbs[][2] = {{"AT_DropColumn", "drops"},
                                           {"AT_AlterColumnType", "gives another type to"},
                                           {"AT_SetNotNull", "forbids NULL in"}};
    for (size_t i = 0; i < f->s->commands.len; i++) {
        const gw_command_seen *c = &f->s->commands.items[i];
        for (size_t v = 0; v < 3 && c->subtype && c->table; v++)
            if (strcmp(c->subtype, verbs[v][0]) == 0)
                change(f, GW_OBJECT_RELATION, c->schema, c->table, c->name, verbs[v][1]);
    }
}

/* ---- uses ------------------------------------------------------------------------------ */

static bool see_use(void *self, const gw_node *node)
{
    following *f = self;
    const char *schema, *name;
    if (gw_node_is(node, "RangeVar") && node != f->made) {
        name = gw_node_text(node, "relname");
        use(f, GW_OBJECT_RELATION, schema_of(f->l, gw_node_text(node, "schemaname"), name), name);
    } else if (gw_node_is(node, "TypeName")) {
        gw_node_names(gw_node_get(node, "names"), &schema, &name);
        use(f, GW_OBJECT_TYPE, schema, name);
    } else if (gw_node_is(node, "FuncCall")) {
        gw_call_name(node, &schema, &name);
        use(f, GW_OBJECT_FUNCTION, schema, name);
    } else if (gw_node_is(node, "CreateTrigStmt")) {
        gw_node_names(gw_node_get(node, "funcname"), &schema, &name);
        use(f, GW_OBJECT_FUNCTION, schema, name);
    }
    return true;
}

static void see_columns(following *f)
{
    for (size_t i = 0; i < f->s->columns.len; i++) {
        const gw_column_made *c = &f->s->columns.items[i];
        if (c->new_table)
            continue;
        bool guarded = false;
        for (size_t k = 0; k < f->s->commands.len; k++)
            if (f->s->commands.items[k].def == c->column.node)
                guarded = gw_node_true(f->s->commands.items[k].node, "missing_ok");
        *gw_vec_push(f->l->arena, &f->party->columns) =
            (gw_party_column){schema_of(f->l, c->schema, c->table), c->table, &c->column, guarded,
                              f->s};
    }
}

static void see_statement(void *self, gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *t = s->tree;
    following f = {self, l, s, NULL};
    if (!t || !gw_party_own(s))
        return;
    if (gw_node_is(t, "CreateStmt"))
        f.made = gw_node_get(t, "relation");
    else if (gw_node_is(t, "ViewStmt"))
        f.made = gw_node_get(t, "view");
    else if (gw_node_is(t, "CreateTableAsStmt"))
        f.made = gw_node_get(gw_node_get(t, "into"), "rel");
    if (gw_node_is(t, "DropStmt"))
        see_drop(&f);
    else if (gw_node_is(t, "RenameStmt"))
        see_rename(&f);
    else
        see_alter(&f);
    see_columns(&f);
    gw_node_walk(t, see_use, &f);
}

gw_party *gw_party_follow(gw_arena *arena, const char *name, const gw_party_script *scripts,
                          size_t count)
{
    static const gw_lint_options none = {0};
    gw_party *party = gw_alloc(arena, sizeof *party);
    gw_linter *linter = gw_linter_new(arena, &none);
    party->name = name;
    for (size_t i = 0; i < count; i++) {
        if (scripts[i].party && strcmp(scripts[i].party, name) != 0)
            continue;
        gw_lint_script script = scripts[i].script;
        script.context = !scripts[i].party;
        script.migration = i; /* the order of running, over all parties */
        gw_linter_add(linter, &script);
    }
    party->lint = gw_linter_follow(linter, see_statement, party);
    for (size_t i = 0; i < party->lint->scripts.len; i++)
        gw_ignores_read(party->lint, party->lint->scripts.items[i], &party->ignores);
    return party;
}

/* ---- questions ------------------------------------------------------------------------- */

/* Code in a string is no tree: there the name as a word is all there is to go by. */
static bool is_code(const gw_statement_seen *s)
{
    return gw_node_is(s->tree, "CreateFunctionStmt") || gw_node_is(s->tree, "DoStmt");
}

static bool says(const gw_party *party, const gw_statement_seen *s, const char *word)
{
    return !word || gw_text_has_word(gw_strndup(party->lint->arena, s->text, s->len), word);
}

const gw_statement_seen *gw_party_uses(const gw_party *party, const gw_party_change *change)
{
    for (size_t i = 0; i < party->uses.len; i++) {
        const gw_party_use *u = &party->uses.items[i];
        bool same = u->kind == change->kind && strcmp(u->name, change->name) == 0 &&
                    (!u->schema || strcmp(u->schema, change->schema) == 0);
        if (same && says(party, u->statement, change->column))
            return u->statement;
    }
    for (size_t i = 0; i < party->lint->statements.len; i++) {
        const gw_statement_seen *s = party->lint->statements.items[i];
        if (gw_party_own(s) && s->tree && is_code(s) && change->kind == GW_OBJECT_RELATION &&
            says(party, s, change->name) && says(party, s, change->column))
            return s;
    }
    return NULL;
}

bool gw_party_ignores(const gw_party *party, const gw_statement_seen *s, const char *kind)
{
    static const char any[] = "conflict";
    for (size_t i = 0; i < party->ignores.len; i++) {
        const gw_ignore *ignore = &party->ignores.items[i];
        if (ignore->script != s->script || !ignore->reason ||
            (ignore->statement && ignore->statement != s) ||
            strncmp(ignore->rule, any, sizeof any - 1) != 0)
            continue;
        const char *named = ignore->rule + sizeof any - 1;
        if (!*named || (*named == '_' && strcmp(named + 1, kind) == 0))
            return true;
    }
    return false;
}

const char *gw_definition_text(gw_arena *arena, const gw_statement_seen *s, const gw_node *node)
{
    if (!node || node->location < 0 || (size_t)node->location >= s->len)
        return "";
    const char *begin = s->text + node->location, *end = s->text + s->len, *p = begin;
    int depth = 0;
    for (char quote = 0; p < end; p++) {
        if (quote)
            quote = *p == quote ? 0 : quote;
        else if (*p == '\'' || *p == '"')
            quote = *p;
        else if (*p == '(' || *p == '[')
            depth++;
        else if ((*p == ')' || *p == ']') && depth-- == 0)
            break;
        else if ((*p == ',' && depth == 0) || *p == ';' || (*p == '-' && p + 1 < end && p[1] == '-'))
            break;
    }
    gw_buf text = GW_BUF(arena);
    for (const char *c = begin; c < p; c++) {
        bool space = strchr(" \t\r\n", *c) != NULL;
        if (!space)
            gw_buf_addc(&text, *c);
        else if (text.len && text.data[text.len - 1] != ' ')
            gw_buf_addc(&text, ' ');
    }
    while (text.len && text.data[text.len - 1] == ' ')
        text.data[--text.len] = '\0';
    return gw_buf_str(&text);
}

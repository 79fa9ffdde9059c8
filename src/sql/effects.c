#include "sql/effects.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sql/effects_impl.h"
#include "sql/lex.h"
#include "sql/quote.h"

/* ---- a quick look ------------------------------------------------------------------------------
 */

/* Does the word stand in the text, whatever as? */
static bool mentions(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++)
        if (tolower((unsigned char)text[i]) == *word && strncasecmp(text + i, word, n) == 0)
            return true;
    return false;
}

static bool mentions_any(const char *text, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (mentions(text, len, *words))
            return true;
    return false;
}

/* An index, a trigger, a function hold nothing; a view or a sequence may take a default along. */
static bool drop_may_lose(gw_lexer *lexer, const char *text, size_t len)
{
    static const char *const hold[] = {"table",     "schema",   "type",      "domain", "owned",
                                       "extension", "database", "collation", NULL};
    gw_token what = gw_lexer_next(lexer);
    return gw_token_is_any(&what, hold) || mentions(text, len, "cascade");
}

bool gw_sql_may_lose(const char *text, size_t len)
{
    static const char *const always[] = {"drop", "truncate", "delete", "update", NULL};
    static const char *const carries[] = {"with", "explain", "prepare", "execute", "insert", NULL};
    static const char *const in_alter[] = {"drop", "type", "not", NULL};
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token first = gw_lexer_next(&lexer);
    if (first.kind != GW_TOKEN_WORD)
        return false;
    if (gw_token_is(&first, "drop"))
        return drop_may_lose(&lexer, text, len);
    if (gw_token_is(&first, "update"))
        return !mentions(text, len, "where");
    if (gw_token_is_any(&first, always))
        return true;
    if (gw_token_is(&first, "do"))
        return mentions_any(text, len, always) || mentions(text, len, "alter");
    if (gw_token_is_any(&first, carries))
        return mentions(text, len, "delete") || mentions(text, len, "update");
    if (!gw_token_is(&first, "alter"))
        return false;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer))
        if (gw_token_is_any(&t, in_alter))
            return true;
    return false;
}

bool gw_sql_has_effects(const char *text, size_t len)
{
    static const char *const words[] = {"set", "reset", "insert", "update", "merge", "copy", NULL};
    gw_lexer lexer = gw_lexer_start(text, len);
    gw_token first = gw_lexer_next(&lexer);
    if (first.kind != GW_TOKEN_WORD)
        return false;
    if (gw_token_is(&first, "select"))
        return mentions(text, len, "search_path") || mentions(text, len, "into");
    return gw_token_is_any(&first, words) || gw_sql_may_command(text, len) || gw_sql_may_lose(text, len) ||
           (gw_sql_may_fire(text, len) && mentions(text, len, "insert"));
}

/* ---- names -------------------------------------------------------------------------------------
 */

gw_effect *gw_effect_add(gw_reading_effects *r, gw_effect_kind kind, const char *schema,
                         const char *name)
{
    gw_effect *effect = gw_vec_push(r->arena, r->out);
    effect->kind = kind;
    effect->schema = schema;
    effect->name = name;
    return effect;
}

gw_effect *gw_effect_of_range(gw_reading_effects *r, gw_effect_kind kind, const gw_node *range)
{
    gw_effect *effect =
        gw_effect_add(r, kind, gw_node_text(range, "schemaname"), gw_node_text(range, "relname"));
    effect->only = !gw_node_true(range, "inh");
    effect->temporary = gw_node_says(range, "relpersistence", "t");
    return effect;
}

static gw_effect *of_names(gw_reading_effects *r, gw_effect_kind kind, const gw_node *list)
{
    const char *schema, *name;
    gw_node_names(list, &schema, &name);
    return gw_effect_add(r, kind, schema, name);
}

/* What an object of DROP, RENAME or SET SCHEMA is called: a list of names, or a TypeName. */
static const gw_node *names_of(const gw_node *object)
{
    const gw_node *names = gw_node_get(object, "names");
    if (!names)
        names = gw_node_get(object, "items");
    return names;
}

static bool cascades(const gw_node *node)
{
    return gw_node_says(node, "behavior", "DROP_CASCADE");
}

/* ---- DROP --------------------------------------------------------------------------------------
 */

static void see_drop(gw_reading_effects *r, const gw_node *drop)
{
    static const struct {
        const char *type;
        gw_effect_kind kind;
        bool plain; /* a String and no list */
    } kinds[] = {
        {"OBJECT_TABLE", GW_EFFECT_DROPS_TABLE, false},
        {"OBJECT_FOREIGN_TABLE", GW_EFFECT_DROPS_TABLE, false},
        {"OBJECT_VIEW", GW_EFFECT_DROPS_TABLE, false},
        {"OBJECT_MATVIEW", GW_EFFECT_DROPS_TABLE, false},
        {"OBJECT_SEQUENCE", GW_EFFECT_DROPS_TABLE, false},
        {"OBJECT_TYPE", GW_EFFECT_DROPS_TYPE, false},
        {"OBJECT_DOMAIN", GW_EFFECT_DROPS_TYPE, false},
        {"OBJECT_COLLATION", GW_EFFECT_DROPS_COLLATION, false},
        {"OBJECT_SCHEMA", GW_EFFECT_DROPS_SCHEMA, true},
        {"OBJECT_EXTENSION", GW_EFFECT_DROPS_EXTENSION, true},
    };
    const char *type = gw_node_text(drop, "removeType");
    const gw_node *objects = gw_node_get(drop, "objects");
    for (size_t k = 0; type && k < sizeof kinds / sizeof *kinds; k++) {
        if (strcmp(kinds[k].type, type) != 0)
            continue;
        for (const gw_node *o = objects ? objects->child : NULL; o; o = o->next) {
            gw_effect *effect = kinds[k].plain
                                    ? gw_effect_add(r, kinds[k].kind, NULL, gw_node_string(o))
                                    : of_names(r, kinds[k].kind, names_of(o));
            effect->cascade = cascades(drop);
        }
    }
}

static void see_drop_owned(gw_reading_effects *r, const gw_node *drop)
{
    const gw_node *roles = gw_node_get(drop, "roles");
    for (const gw_node *o = roles ? roles->child : NULL; o; o = o->next) {
        gw_effect *effect =
            gw_effect_add(r, GW_EFFECT_DROPS_OWNED, NULL, gw_node_text(o, "rolename"));
        effect->cascade = cascades(drop);
    }
}

/* ---- ALTER -------------------------------------------------------------------------------------
 */

/* Nothing but casts around the column itself: what does not fit is known from its values. */
static bool only_casts(const gw_node *expression, const char *column)
{
    while (gw_node_is(expression, "TypeCast"))
        expression = gw_node_get(expression, "arg");
    const gw_node *fields = gw_node_get(expression, "fields");
    const char *name = gw_node_string(gw_node_at(fields, gw_node_count(fields) - 1));
    return gw_node_is(expression, "ColumnRef") && name && strcmp(name, column) == 0;
}

/* From the type's first byte to COLLATE, USING, the next action or the end. */
static const char *type_text(gw_reading_effects *r, int location)
{
    if (location < 0 || (size_t)location >= r->len)
        return NULL;
    const char *start = r->text + location;
    gw_lexer lexer = gw_lexer_start(start, r->len - (size_t)location);
    const char *end = start;
    int depth = 0;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        bool symbol = t.kind == GW_TOKEN_SYMBOL && t.len == 1;
        if (depth == 0 && (gw_token_is(&t, "using") || gw_token_is(&t, "collate") ||
                           (symbol && (*t.text == ',' || *t.text == ';'))))
            break;
        depth += symbol && *t.text == '(' ? 1 : symbol && *t.text == ')' ? -1 : 0;
        end = t.text + t.len;
    }
    return gw_strndup(r->arena, start, (size_t)(end - start));
}

static void see_type_change(gw_reading_effects *r, gw_effect *effect, const gw_node *command)
{
    const gw_node *def = gw_node_get(command, "def");
    const gw_node *using_it = gw_node_get(def, "raw_default");
    const gw_node *type = gw_node_get(def, "typeName");
    effect->to = type_text(r, type ? type->location : -1);
    effect->expression = using_it && !only_casts(using_it, effect->column);
}

/* Rows that are there get one with the column. */
static bool has_value(const gw_node *def)
{
    const gw_node *constraints = gw_node_get(def, "constraints");
    for (const gw_node *c = constraints ? constraints->child : NULL; c; c = c->next)
        if (gw_node_says(c, "contype", "CONSTR_DEFAULT") ||
            gw_node_says(c, "contype", "CONSTR_GENERATED"))
            return true;
    return false;
}

static void see_alter_table(gw_reading_effects *r, const gw_node *alter)
{
    static const struct {
        const char *subtype;
        gw_effect_kind kind;
    } kinds[] = {
        {"AT_AddColumn", GW_EFFECT_MAKES_COLUMN},
        {"AT_DropColumn", GW_EFFECT_DROPS_COLUMN},
        {"AT_AlterColumnType", GW_EFFECT_CHANGES_TYPE},
        {"AT_SetNotNull", GW_EFFECT_SETS_NOT_NULL},
        {"AT_ColumnDefault", GW_EFFECT_DROPS_DEFAULT},
        {"AT_DropIdentity", GW_EFFECT_DROPS_DEFAULT},
    };
    bool composite = gw_node_says(alter, "objtype", "OBJECT_TYPE");
    const gw_node *range = gw_node_get(alter, "relation"), *commands = gw_node_get(alter, "cmds");
    for (const gw_node *c = commands ? commands->child : NULL; c; c = c->next) {
        const char *subtype = gw_node_text(c, "subtype"), *column = gw_node_text(c, "name");
        const gw_node *def = gw_node_get(c, "def");
        for (size_t k = 0; subtype && k < sizeof kinds / sizeof *kinds; k++) {
            gw_effect_kind kind = kinds[k].kind;
            if (strcmp(kinds[k].subtype, subtype) != 0 ||
                (strcmp(subtype, "AT_ColumnDefault") == 0 && def) ||
                (composite && kind != GW_EFFECT_DROPS_COLUMN))
                continue;
            gw_effect *effect =
                gw_effect_of_range(r, composite ? GW_EFFECT_DROPS_ATTRIBUTE : kind, range);
            effect->column = column ? column : gw_node_text(def, "colname");
            effect->cascade = cascades(c);
            effect->expression = kind == GW_EFFECT_MAKES_COLUMN && has_value(def);
            if (kind == GW_EFFECT_CHANGES_TYPE)
                see_type_change(r, effect, c);
        }
    }
}

static bool is_relation(const char *type)
{
    static const char *const types[] = {"OBJECT_TABLE",    "OBJECT_VIEW",          "OBJECT_MATVIEW",
                                        "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE", NULL};
    for (size_t i = 0; types[i]; i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

static bool is_type(const char *type)
{
    return strcmp(type, "OBJECT_TYPE") == 0 || strcmp(type, "OBJECT_DOMAIN") == 0;
}

static void see_rename(gw_reading_effects *r, const gw_node *rename)
{
    const char *what = gw_node_text(rename, "renameType"), *to = gw_node_text(rename, "newname");
    const gw_node *range = gw_node_get(rename, "relation");
    gw_effect *effect = NULL;
    if (!what || !to)
        return;
    if (strcmp(what, "OBJECT_COLUMN") == 0 && range)
        effect = gw_effect_of_range(r, GW_EFFECT_RENAMES_COLUMN, range);
    else if (strcmp(what, "OBJECT_SCHEMA") == 0)
        effect = gw_effect_add(r, GW_EFFECT_RENAMES_SCHEMA, NULL, gw_node_text(rename, "subname"));
    else if (is_type(what))
        effect = of_names(r, GW_EFFECT_RENAMES_TYPE, names_of(gw_node_get(rename, "object")));
    else if (is_relation(what) && range)
        effect = gw_effect_of_range(r, GW_EFFECT_RENAMES_TABLE, range);
    if (!effect)
        return;
    effect->column =
        effect->kind == GW_EFFECT_RENAMES_COLUMN ? gw_node_text(rename, "subname") : NULL;
    effect->to = to;
}

static void see_move(gw_reading_effects *r, const gw_node *move)
{
    const char *what = gw_node_text(move, "objectType");
    const gw_node *range = gw_node_get(move, "relation");
    gw_effect *effect = NULL;
    if (what && is_type(what))
        effect = of_names(r, GW_EFFECT_MOVES_TYPE, names_of(gw_node_get(move, "object")));
    else if (what && is_relation(what) && range)
        effect = gw_effect_of_range(r, GW_EFFECT_MOVES_TABLE, range);
    if (effect)
        effect->to = gw_node_text(move, "newschema");
}

/* ---- rows --------------------------------------------------------------------------------------
 */

static bool has_parameter(const gw_node *node)
{
    if (gw_node_is(node, "ParamRef"))
        return true;
    for (const gw_node *c = node ? node->child : NULL; c; c = c->next)
        if (has_parameter(c))
            return true;
    return false;
}

/* Holds for every row: TRUE, and the bounds of a batch, which take in one range after another. */
static bool always_true(const gw_node *where)
{
    if (!where)
        return true;
    if (gw_node_is(where, "A_Const"))
        return gw_node_true(gw_node_get(where, "boolval"), "boolval");
    if (gw_node_is(where, "A_Expr"))
        return has_parameter(where);
    if (!gw_node_is(where, "BoolExpr") || !gw_node_says(where, "boolop", "AND_EXPR"))
        return false;
    const gw_node *args = gw_node_get(where, "args");
    for (const gw_node *c = args ? args->child : NULL; c; c = c->next)
        if (!always_true(c))
            return false;
    return true;
}

typedef struct column_search {
    const char *name;
    bool found;
} column_search;

static bool search_column(void *self, const gw_node *node)
{
    column_search *s = self;
    const gw_node *fields = gw_node_is(node, "ColumnRef") ? gw_node_get(node, "fields") : NULL;
    for (const gw_node *f = fields ? fields->child : NULL; f; f = f->next)
        if (gw_node_is(f, "A_Star") ||
            (gw_node_string(f) && strcmp(gw_node_string(f), s->name) == 0))
            s->found = true;
    return !s->found;
}

static void see_update(gw_reading_effects *r, const gw_node *update)
{
    const gw_node *range = gw_node_get(update, "relation");
    const gw_node *targets = gw_node_get(update, "targetList");
    gw_effect *writes = gw_effect_of_range(r, GW_EFFECT_WRITES, range);
    writes->events = GW_ON_UPDATE;
    writes->sets = gw_effects_set_by(r->arena, targets);
    if (!always_true(gw_node_get(update, "whereClause")) || gw_node_get(update, "fromClause"))
        return;
    for (const gw_node *t = targets ? targets->child : NULL; t; t = t->next) {
        column_search uses = {gw_node_text(t, "name"), false};
        if (!uses.name)
            continue;
        gw_node_walk(gw_node_get(t, "val"), search_column, &uses);
        if (!uses.found && !gw_node_get(t, "indirection"))
            gw_effect_of_range(r, GW_EFFECT_OVERWRITES, range)->column = uses.name;
    }
}

/* ---- what is made -------------------------------------------------------------------------------
 */

static void see_enum(gw_reading_effects *r, const gw_node *create)
{
    gw_buf labels = GW_BUF(r->arena);
    const gw_node *vals = gw_node_get(create, "vals");
    for (const gw_node *v = vals ? vals->child : NULL; v; v = v->next) {
        gw_buf_add(&labels, labels.len ? ", " : "");
        gw_buf_add_literal(&labels, gw_node_string(v) ? gw_node_string(v) : "");
    }
    of_names(r, GW_EFFECT_MAKES_TYPE, gw_node_get(create, "typeName"))->to =
        labels.len ? gw_buf_str(&labels) : NULL;
}

static const char *path_of(gw_reading_effects *r, const gw_node *args)
{
    gw_buf path = GW_BUF(r->arena);
    for (const gw_node *a = args ? args->child : NULL; a; a = a->next) {
        const char *text = gw_node_string(a);
        gw_buf_addf(&path, "%s%s", path.len ? "," : "", text ? text : "");
    }
    return gw_buf_str(&path);
}

static void see_set(gw_reading_effects *r, const gw_node *set)
{
    if (!gw_node_says(set, "name", "search_path") && !gw_node_says(set, "kind", "VAR_RESET_ALL"))
        return;
    bool value = gw_node_says(set, "kind", "VAR_SET_VALUE");
    gw_effect_add(r, GW_EFFECT_SETS_PATH, NULL, NULL)->to =
        value ? path_of(r, gw_node_get(set, "args")) : NULL;
}

/* SELECT set_config('search_path', …): how pg_dump does it. */
static void see_call(gw_reading_effects *r, const gw_node *call)
{
    const char *schema, *name;
    const gw_node *args = gw_node_get(call, "args");
    gw_node_names(gw_node_get(call, "funcname"), &schema, &name);
    const char *setting = gw_node_string(gw_node_at(args, 0));
    const char *value = gw_node_string(gw_node_at(args, 1));
    if (name && setting && value && strcmp(name, "set_config") == 0 &&
        strcmp(setting, "search_path") == 0)
        gw_effect_add(r, GW_EFFECT_SETS_PATH, NULL, NULL)->to = value;
}

/* ---- all of it ----------------------------------------------------------------------------------
 */

static void see_created(gw_reading_effects *r, const gw_node *node)
{
    if (gw_node_is(node, "CreateStmt"))
        gw_effect_of_range(r, GW_EFFECT_MAKES_TABLE, gw_node_get(node, "relation"));
    else if (gw_node_is(node, "ViewStmt"))
        gw_effect_of_range(r, GW_EFFECT_MAKES_TABLE, gw_node_get(node, "view"));
    else if (gw_node_is(node, "CreateForeignTableStmt"))
        gw_effect_of_range(r, GW_EFFECT_MAKES_TABLE,
                           gw_node_get(gw_node_get(node, "base"), "relation"));
    else if (gw_node_is(node, "CreateSeqStmt"))
        gw_effect_of_range(r, GW_EFFECT_MAKES_TABLE, gw_node_get(node, "sequence"));
    else if (gw_node_is(node, "CreateTableAsStmt"))
        gw_effect_of_range(r, GW_EFFECT_MAKES_TABLE, gw_node_get(gw_node_get(node, "into"), "rel"));
    else if (gw_node_is(node, "CompositeTypeStmt")) {
        const gw_node *range = gw_node_get(node, "typevar");
        gw_effect_of_range(r, GW_EFFECT_MAKES_TYPE, range);
    } else if (gw_node_is(node, "CreateEnumStmt"))
        see_enum(r, node);
    else if (gw_node_is(node, "CreateDomainStmt"))
        of_names(r, GW_EFFECT_MAKES_TYPE, gw_node_get(node, "domainname"));
    else if (gw_node_is(node, "CreateRangeStmt"))
        of_names(r, GW_EFFECT_MAKES_TYPE, gw_node_get(node, "typeName"));
    else if (gw_node_is(node, "SelectStmt") && gw_node_get(node, "intoClause"))
        gw_effect_of_range(r, GW_EFFECT_MAKES_TABLE,
                           gw_node_get(gw_node_get(node, "intoClause"), "rel"));
}

static void see_truncate(gw_reading_effects *r, const gw_node *truncate)
{
    const gw_node *relations = gw_node_get(truncate, "relations");
    for (const gw_node *t = relations ? relations->child : NULL; t; t = t->next) {
        gw_effect *effect = gw_effect_of_range(r, GW_EFFECT_TRUNCATES, t);
        effect->cascade = cascades(truncate);
        effect->events = GW_ON_TRUNCATE;
    }
}

/* Bodies of functions and rules do not run when they are made. */
static bool holds_code(const gw_node *node)
{
    return gw_node_is(node, "CreateFunctionStmt") || gw_node_is(node, "RuleStmt") ||
           gw_node_is(node, "CreateTrigStmt");
}

static bool see_node(void *self, const gw_node *node)
{
    gw_reading_effects *r = self;
    gw_effects_of_firing(r, node);
    gw_effects_of_watching(r, node);
    if (holds_code(node))
        return false;
    see_created(r, node);
    if (gw_node_is(node, "DropStmt"))
        see_drop(r, node);
    else if (gw_node_is(node, "DropOwnedStmt"))
        see_drop_owned(r, node);
    else if (gw_node_is(node, "DropdbStmt"))
        gw_effect_add(r, GW_EFFECT_DROPS_DATABASE, NULL, gw_node_text(node, "dbname"));
    else if (gw_node_is(node, "AlterTableStmt"))
        see_alter_table(r, node);
    else if (gw_node_is(node, "RenameStmt"))
        see_rename(r, node);
    else if (gw_node_is(node, "AlterObjectSchemaStmt"))
        see_move(r, node);
    else if (gw_node_is(node, "TruncateStmt"))
        see_truncate(r, node);
    else if (gw_node_is(node, "UpdateStmt"))
        see_update(r, node);
    else if (gw_node_is(node, "DeleteStmt"))
        gw_effects_of_delete(r, node, always_true(gw_node_get(node, "whereClause")));
    else if (gw_node_is(node, "VariableSetStmt"))
        see_set(r, node);
    else if (gw_node_is(node, "FuncCall"))
        see_call(r, node);
    else if (gw_node_is(node, "DoStmt"))
        gw_effects_of_block(r, node);
    gw_effects_of_keys(r, node);
    return true;
}

void gw_effects_of_node(gw_reading_effects *r, const gw_node *node)
{
    gw_node_walk(node, see_node, r);
}

void gw_effects_of_text(gw_reading_effects *r, const char *text, size_t len)
{
    gw_err problem = {0};
    gw_reading_effects inner = *r;
    inner.text = text;
    inner.len = len;
    const gw_node *tree = gw_tree_parse(r->arena, text, len, &problem);
    if (tree) {
        gw_node_walk(tree, see_node, &inner);
    } else {
        gw_effects_of_unread(r, text, len);
        if (gw_effects_unseen(text))
            gw_effect_add(r, GW_EFFECT_UNKNOWN, NULL, NULL)->to =
                "a statement that the built-in grammar does not read";
    }
    gw_effects_of_command(r, text, len);
    gw_err_clear(&problem);
}

void gw_sql_effects(gw_arena *arena, const char *text, size_t len, gw_effects *out)
{
    gw_reading_effects r = {.arena = arena, .out = out};
    gw_effects_of_text(&r, text, len);
}

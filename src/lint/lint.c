/* The run: files into statements, statements through the rules, what was found into a list. */
#include "lint/lint.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "lint/ignore.h"
#include "lint/rule.h"
#include "sql/split.h"

typedef struct observed {
    const gw_rule *rule;
    const char *file, *message;
    unsigned line, col;
} observed;

struct gw_linter {
    gw_lint lint;
    gw_lint_options options;
    gw_severity *severities; /* of the rules, by index */
    gw_ignore_list ignores;
    GW_VEC(observed) observed;
};

/* ---- rules ----------------------------------------------------------------------------- */

size_t gw_rule_count(void)
{
    size_t count = 0;
    while (gw_rules[count])
        count++;
    return count;
}

const gw_rule_text *gw_rule_at(size_t index)
{
    return &gw_rules[index]->text;
}

const gw_rule_text *gw_rule_find(const char *name)
{
    for (size_t i = 0; gw_rules[i]; i++)
        if (strcmp(gw_rules[i]->text.name, name) == 0)
            return &gw_rules[i]->text;
    return NULL;
}

const char *gw_rule_nearest(const char *name)
{
    const char *best = NULL;
    size_t least = strlen(name) / 3 + 1;
    for (size_t i = 0; gw_rules[i]; i++) {
        const char *rule = gw_rules[i]->text.name;
        size_t d = gw_text_distance(name, strlen(name), rule, strlen(rule));
        if (d < least) {
            least = d;
            best = rule;
        }
    }
    return best;
}

static const char *const severity_names[] = {"off", "note", "warning", "error"};

const char *gw_severity_name(gw_severity severity)
{
    return severity_names[severity];
}

bool gw_severity_by_name(const char *name, gw_severity *out)
{
    for (size_t i = 0; i < sizeof severity_names / sizeof *severity_names; i++)
        if (strcmp(name, severity_names[i]) == 0) {
            *out = (gw_severity)i;
            return true;
        }
    return false;
}

const char *gw_rule_group_title(gw_rule_group group)
{
    static const char *const titles[] = {
        [GW_RULES_LOCKS] = "Locks and rewrites",
        [GW_RULES_LOSS] = "Loss and compatibility",
        [GW_RULES_ORDER] = "What is there and what is not",
        [GW_RULES_TRANSACTIONS] = "Transactions",
        [GW_RULES_TYPES] = "Types and defaults",
        [GW_RULES_KEYS] = "Keys, constraints and indexes",
        [GW_RULES_CODE] = "Functions, triggers, views, queries",
        [GW_RULES_SECURITY] = "Security",
        [GW_RULES_NAMES] = "Names",
        [GW_RULES_FILES] = "Files and directives",
        [GW_RULES_SEEN] = "Seen while it runs",
    };
    return titles[group];
}

/* ---- reading --------------------------------------------------------------------------- */

gw_linter *gw_linter_new(gw_arena *arena, const gw_lint_options *options)
{
    gw_linter *linter = gw_alloc(arena, sizeof *linter);
    size_t count = gw_rule_count();
    linter->options = *options;
    linter->lint = (gw_lint){
        .arena = arena, .options = &linter->options, .model = gw_model_new(arena)};
    linter->severities = gw_alloc_array(arena, count, sizeof *linter->severities);
    for (size_t i = 0; i < count; i++) {
        const char *name = gw_rules[i]->text.name;
        linter->severities[i] = gw_rules[i]->text.severity;
        for (size_t k = 0; k < options->level_count; k++)
            if (strcmp(options->levels[k].rule, name) == 0)
                linter->severities[i] = options->levels[k].severity;
        for (size_t k = 0; k < options->ignored_count; k++)
            if (strcmp(options->ignored[k], name) == 0)
                linter->severities[i] = GW_SEVERITY_OFF;
    }
    return linter;
}

static gw_statement_seen *new_statement(gw_lint *l, gw_script_seen *script, size_t offset,
                                        size_t len)
{
    gw_statement_seen *s = gw_alloc(l->arena, sizeof *s);
    *s = (gw_statement_seen){.script = script,
                             .number = l->statements.len,
                             .text = script->script.text + offset,
                             .len = len,
                             .offset = offset,
                             .type = ""};
    *gw_vec_push(l->arena, &l->statements) = s;
    script->count++;
    return s;
}

/* Byte of a character's number, from 1. */
static size_t byte_of(const char *text, size_t len, size_t character)
{
    size_t at = 0;
    while (character > 1 && at < len) {
        at++;
        while (at < len && ((unsigned char)text[at] & 0xc0) == 0x80)
            at++;
        character--;
    }
    return at;
}

static void read_statement(gw_lint *l, gw_script_seen *script, const gw_piece *piece)
{
    gw_err err = {0};
    gw_statement_seen *s = new_statement(l, script, (size_t)piece->offset, piece->len);
    s->kind = gw_sql_classify(l->arena, s->text, s->len);
    s->tree = gw_tree_parse(l->arena, s->text, s->len, &err);
    if (s->tree) {
        s->type = s->tree->type ? s->tree->type : "";
        return;
    }
    s->problem = gw_strdup(l->arena, err.message);
    s->problem_at = byte_of(s->text, s->len, err.position);
    gw_err_clear(&err);
}

/* The place of a splitting error, as bytes of the text. */
static size_t byte_of_place(const char *text, size_t len, unsigned line, unsigned col)
{
    const char *at = text, *end = text + len;
    for (; line > 1 && at < end; line--) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    return (size_t)(at - text) + byte_of(at, (size_t)(end - at), col);
}

static void read_script(gw_lint *l, gw_script_seen *script)
{
    const gw_lint_script *from = &script->script;
    gw_sql_memory memory;
    gw_arena *scratch = gw_arena_new();
    gw_sql_input input = gw_sql_input_memory(&memory, from->text, from->len, from->file, 1);
    input.breakpoints = from->breakpoints;
    gw_splitter *splitter = gw_splitter_new(scratch, &input);
    gw_err err = {0};
    gw_piece piece;
    script->first = l->statements.len;
    while (gw_splitter_next(splitter, &piece, &err) && piece.kind != GW_PIECE_END)
        if (piece.kind == GW_PIECE_STATEMENT)
            read_statement(l, script, &piece);
    if (err.kind) {
        size_t at = byte_of_place(from->text, from->len, err.line, err.col);
        gw_statement_seen *s = new_statement(l, script, at, from->len - at);
        s->problem = gw_strdup(l->arena, err.message);
        gw_err_clear(&err);
    }
    gw_arena_free(scratch);
}

void gw_linter_add(gw_linter *linter, const gw_lint_script *from)
{
    gw_lint *l = &linter->lint;
    gw_script_seen *script = gw_alloc(l->arena, sizeof *script);
    *script = (gw_script_seen){.script = *from, .number = l->scripts.len};
    *gw_vec_push(l->arena, &l->scripts) = script;
    read_script(l, script);
}

/* ---- transactions ---------------------------------------------------------------------- */

static bool is_control(const gw_statement_seen *s)
{
    return s->kind.kind == GW_STMT_BEGIN || s->kind.kind == GW_STMT_COMMIT ||
           s->kind.kind == GW_STMT_ROLLBACK;
}

/* As it will run: in the transaction of its file, in one that it opens, or in none. */
static void find_transactions(gw_lint *l, gw_script_seen *script)
{
    size_t real = 0, never = 0;
    for (size_t i = 0; i < script->count; i++) {
        const gw_statement_seen *s = l->statements.items[script->first + i];
        real += !is_control(s);
        never += s->kind.never_in_transaction;
        script->has_begin |= s->kind.kind == GW_STMT_BEGIN;
    }
    bool alone = real == 1 && never == 1 && script->count == 1;
    bool open = script->script.transactional && !alone && !script->script.batch;
    for (size_t i = 0; i < script->count; i++) {
        gw_statement_seen *s = l->statements.items[script->first + i];
        if (!script->script.transactional && s->kind.kind == GW_STMT_BEGIN)
            open = true;
        s->in_transaction = open;
        if (!script->script.transactional &&
            (s->kind.kind == GW_STMT_COMMIT || s->kind.kind == GW_STMT_ROLLBACK))
            open = false;
    }
}

/* ---- the rules ------------------------------------------------------------------------- */

typedef struct node_walk {
    gw_lint *l;
    const gw_rule *rule;
} node_walk;

static bool see_node(void *self, const gw_node *node)
{
    node_walk *w = self;
    if (node->type && gw_one_of(node->type, w->rule->on))
        w->rule->node(w->l, node);
    return true;
}

static void run_rule(gw_lint *l, const gw_rule *rule, const gw_statement_seen *s)
{
    l->rule = rule;
    if (rule->statement && (!rule->on || gw_one_of(s->type, rule->on)))
        rule->statement(l, s);
    for (size_t i = 0; rule->command && i < s->commands.len; i++)
        if (gw_one_of(s->commands.items[i].subtype, rule->on))
            rule->command(l, &s->commands.items[i]);
    for (size_t i = 0; rule->column && i < s->columns.len; i++)
        rule->column(l, &s->columns.items[i]);
    for (size_t i = 0; rule->key && i < s->keys.len; i++)
        rule->key(l, &s->keys.items[i]);
    if (rule->node) {
        node_walk w = {l, rule};
        gw_node_walk(s->tree, see_node, &w);
    }
}

static void run_rules(gw_linter *linter, const gw_statement_seen *s, bool after)
{
    gw_lint *l = &linter->lint;
    bool down = s->script->script.down;
    if (s->script->script.context)
        return;
    for (size_t i = 0; gw_rules[i]; i++)
        if (linter->severities[i] && gw_rules[i]->after == after && (!down || gw_rules[i]->in_downs))
            run_rule(l, gw_rules[i], s);
}

static void run_script(gw_linter *linter, gw_script_seen *script)
{
    gw_lint *l = &linter->lint;
    gw_model_begin_file(l->model);
    find_transactions(l, script);
    l->script = script;
    for (size_t i = 0; i < script->count; i++) {
        gw_statement_seen *s = l->statements.items[script->first + i];
        l->statement = s;
        gw_statement_facts(l, s);
        run_rules(linter, s, false);
        gw_model_apply(l->model, s);
        run_rules(linter, s, true);
    }
    l->statement = NULL;
    for (size_t i = 0; gw_rules[i]; i++)
        if (linter->severities[i] && gw_rules[i]->file_end && !script->script.context &&
            (!script->script.down || gw_rules[i]->in_downs)) {
            l->rule = gw_rules[i];
            l->rule->file_end(l, script);
        }
}

static void run_all(gw_linter *linter)
{
    gw_lint *l = &linter->lint;
    for (size_t i = 0; i < l->statements.len; i++)
        if (!l->statements.items[i]->script->script.down)
            gw_model_foresee(l->model, l->statements.items[i]);
    for (size_t i = 0; i < l->scripts.len; i++)
        if (!l->scripts.items[i]->script.down)
            run_script(linter, l->scripts.items[i]);
    l->script = NULL;
    for (size_t i = 0; gw_rules[i]; i++)
        if (linter->severities[i] && gw_rules[i]->end) {
            l->rule = gw_rules[i];
            l->rule->end(l);
        }
    /* As they would run: the newest first, each on what its up has left. */
    for (size_t i = l->scripts.len; i-- > 0;)
        if (l->scripts.items[i]->script.down)
            run_script(linter, l->scripts.items[i]);
}

gw_lint *gw_linter_follow(gw_linter *linter,
                          void (*see)(void *self, gw_lint *l, const gw_statement_seen *s), void *self)
{
    gw_lint *l = &linter->lint;
    for (size_t i = 0; i < l->statements.len; i++)
        gw_model_foresee(l->model, l->statements.items[i]);
    for (size_t i = 0; i < l->scripts.len; i++) {
        l->script = l->scripts.items[i];
        gw_model_begin_file(l->model);
        for (size_t k = 0; k < l->script->count; k++) {
            gw_statement_seen *s = l->statements.items[l->script->first + k];
            l->statement = s;
            gw_statement_facts(l, s);
            see(self, l, s);
            gw_model_apply(l->model, s);
        }
    }
    l->statement = NULL;
    return l;
}

/* ---- what others have seen ------------------------------------------------------------- */

void gw_linter_observe(gw_linter *linter, const char *rule, const char *file, unsigned line,
                       unsigned col, const char *message)
{
    for (size_t i = 0; gw_rules[i]; i++)
        if (strcmp(gw_rules[i]->text.name, rule) == 0 && linter->severities[i])
            *gw_vec_push(linter->lint.arena, &linter->observed) =
                (observed){gw_rules[i], file, message, line, col};
}

/* The last statement of the file that begins there or before. */
static const gw_statement_seen *statement_at(const gw_lint *l, const observed *o)
{
    const gw_statement_seen *best = NULL;
    for (size_t i = 0; i < l->statements.len; i++) {
        const gw_statement_seen *s = l->statements.items[i];
        const gw_lint_script *script = &s->script->script;
        unsigned line, col;
        if (script->down || script->context || strcmp(script->file, o->file) != 0)
            continue;
        gw_text_place(script->text, s->offset, &line, &col);
        line += script->first_line ? script->first_line - 1 : 0;
        if (line < o->line || (line == o->line && col <= o->col))
            best = s;
    }
    return best;
}

static void take_observed(gw_linter *linter)
{
    gw_lint *l = &linter->lint;
    for (size_t i = 0; i < linter->observed.len; i++) {
        const observed *o = &linter->observed.items[i];
        const gw_statement_seen *s = statement_at(l, o);
        if (s)
            *gw_vec_push(l->arena, &l->found) = (gw_raw_finding){
                o->rule, s->script, s, s->offset, o->message, o->rule->text.fix};
    }
}

/* ---- the list -------------------------------------------------------------------------- */

static gw_severity severity_of(const gw_linter *linter, const gw_rule *rule)
{
    for (size_t i = 0; gw_rules[i]; i++)
        if (gw_rules[i] == rule)
            return linter->severities[i];
    return GW_SEVERITY_OFF;
}

static int compare(const void *a, const void *b)
{
    const gw_raw_finding *x = a, *y = b;
    if (x->script->number != y->script->number)
        return x->script->number < y->script->number ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    int order = strcmp(x->rule->text.name, y->rule->text.name);
    return order ? order : strcmp(x->message, y->message);
}

static void publish(gw_linter *linter, const gw_raw_finding *raw, gw_finding_list *out)
{
    const gw_lint_script *script = &raw->script->script;
    gw_finding f = {.rule = raw->rule->text.name,
                    .severity = severity_of(linter, raw->rule),
                    .file = script->file,
                    .message = raw->message,
                    .hint = raw->hint};
    gw_text_place(script->text, raw->offset, &f.line, &f.col);
    f.line += script->first_line ? script->first_line - 1 : 0;
    out->errors += f.severity == GW_SEVERITY_ERROR;
    out->warnings += f.severity == GW_SEVERITY_WARNING;
    out->notes += f.severity == GW_SEVERITY_NOTE;
    *gw_vec_push(linter->lint.arena, out) = f;
}

static bool same(const gw_raw_finding *a, const gw_raw_finding *b)
{
    return a->rule == b->rule && a->script == b->script && a->offset == b->offset &&
           strcmp(a->message, b->message) == 0;
}

static void report(gw_linter *linter, gw_finding_list *out)
{
    gw_lint *l = &linter->lint;
    size_t silent = 0;
    for (size_t i = 0; i < l->found.len; i++) {
        gw_raw_finding *raw = &l->found.items[i];
        if (gw_ignores_silence(&linter->ignores, raw->rule->text.name, raw->script, raw->statement)) {
            raw->rule = NULL;
            silent++;
        }
    }
    for (size_t i = 0; gw_rules[i]; i++)
        if (gw_rules[i]->ignores && linter->severities[i]) {
            l->rule = gw_rules[i];
            l->rule->ignores(l, &linter->ignores);
        }
    size_t kept = 0;
    for (size_t i = 0; i < l->found.len; i++)
        if (l->found.items[i].rule)
            l->found.items[kept++] = l->found.items[i];
    if (kept)
        qsort(l->found.items, kept, sizeof *l->found.items, compare);
    for (size_t i = 0; i < kept; i++)
        if (!i || !same(&l->found.items[i], &l->found.items[i - 1]))
            publish(linter, &l->found.items[i], out);
    out->ignored = silent;
}

void gw_linter_run(gw_linter *linter, gw_finding_list *out)
{
    gw_lint *l = &linter->lint;
    *out = (gw_finding_list){0};
    run_all(linter);
    for (size_t i = 0; i < l->scripts.len; i++) {
        const gw_script_seen *script = l->scripts.items[i];
        if (script->script.context)
            continue;
        out->files++;
        out->statements += script->count;
        gw_ignores_read(l, script, &linter->ignores);
    }
    take_observed(linter);
    report(linter, out);
}

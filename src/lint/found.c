/* How a rule says what it found. */
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "lint/rule.h"
#include "sql/quote.h"

/* The message with the names in place of each {}. */
static const char *filled(gw_arena *arena, const char *template, va_list names)
{
    gw_buf text = GW_BUF(arena);
    for (const char *at = template; *at; at++) {
        if (at[0] == '{' && at[1] == '}') {
            const char *name = va_arg(names, const char *);
            gw_buf_add(&text, name ? name : "");
            at++;
        } else {
            gw_buf_addc(&text, *at);
        }
    }
    return gw_buf_str(&text);
}

static void add(gw_lint *l, const gw_script_seen *script, const gw_statement_seen *s, size_t offset,
                const char *hint, va_list names)
{
    if (script->script.context)
        return;
    *gw_vec_push(l->arena, &l->found) = (gw_raw_finding){
        .rule = l->rule,
        .script = script,
        .statement = s,
        .offset = offset,
        .message = filled(l->arena, l->rule->text.message, names),
        .hint = hint ? hint : l->rule->text.fix,
    };
}

/* The first place that is known at or below a node. */
static int place(const gw_node *node)
{
    if (!node)
        return -1;
    if (node->location >= 0)
        return node->location;
    for (const gw_node *c = node->child; c; c = c->next) {
        int at = place(c);
        if (at >= 0)
            return at;
    }
    return -1;
}

static size_t offset_of(const gw_statement_seen *s, const gw_node *node)
{
    int at = place(node);
    for (const gw_node *n = node; at < 0 && n; n = n->parent)
        at = n->location;
    return s->offset + (at > 0 && (size_t)at < s->len ? (size_t)at : 0);
}

void gw_found(gw_lint *l, const gw_statement_seen *s, const gw_node *node, ...)
{
    va_list names;
    va_start(names, node);
    add(l, s->script, s, offset_of(s, node), NULL, names);
    va_end(names);
}

void gw_found_hint(gw_lint *l, const gw_statement_seen *s, const gw_node *node, const char *hint,
                   ...)
{
    va_list names;
    va_start(names, hint);
    add(l, s->script, s, offset_of(s, node), hint, names);
    va_end(names);
}

void gw_found_at(gw_lint *l, const gw_statement_seen *s, size_t byte, ...)
{
    va_list names;
    va_start(names, byte);
    add(l, s->script, s, s->offset + (byte < s->len ? byte : 0), NULL, names);
    va_end(names);
}

void gw_found_in(gw_lint *l, const gw_script_seen *script, size_t byte, ...)
{
    va_list names;
    va_start(names, byte);
    add(l, script, NULL, byte, NULL, names);
    va_end(names);
}

const char *gw_shown(gw_lint *l, const char *schema, const char *name)
{
    bool hidden = !schema || strcmp(schema, "public") == 0;
    return gw_display_name(l->arena, hidden ? NULL : schema, name ? name : "?");
}

const char *gw_shown_range(gw_lint *l, const gw_node *range_var)
{
    return gw_shown(l, gw_node_text(range_var, "schemaname"), gw_node_text(range_var, "relname"));
}

const char *gw_place_of(gw_lint *l, const gw_statement_seen *s)
{
    unsigned line, col, first = s->script->script.first_line;
    gw_text_place(s->script->script.text, s->offset, &line, &col);
    return gw_printf(l->arena, "%s:%u", gw_path_base(s->script->script.file),
                     line + (first ? first - 1 : 0));
}

bool gw_fresh(const gw_lint *l, const gw_relation *relation)
{
    return relation && (relation->temporary || relation->object.made->script == l->script);
}

bool gw_fresh_range(const gw_lint *l, const gw_node *range_var)
{
    return gw_node_says(range_var, "relpersistence", "t") ||
           gw_fresh(l, gw_model_relation_of(l->model, range_var));
}

bool gw_target_may_be_below(const gw_lint *l, int version)
{
    return !l->options->target_version || l->options->target_version < version;
}

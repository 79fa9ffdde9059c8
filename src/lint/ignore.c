#include "lint/ignore.h"

#include <string.h>

#include "sql/lex.h"

static size_t end_of(const gw_statement_seen *s)
{
    return s->offset + s->len;
}

/* Behind a statement on its line it is that one's; else the next one's; above all, the file's. */
static const gw_statement_seen *owner(gw_lint *l, const gw_script_seen *script, size_t at)
{
    const gw_statement_seen *before = NULL, *after = NULL;
    for (size_t i = 0; i < script->count && !after; i++) {
        const gw_statement_seen *s = l->statements.items[script->first + i];
        if (end_of(s) > at)
            after = s;
        else
            before = s;
    }
    if (!after && !before)
        return NULL;
    if (after && (after->offset <= at || !before))
        return after->offset <= at ? after : NULL;
    const char *text = script->script.text;
    if (!memchr(text + end_of(before), '\n', at - end_of(before)))
        return before;
    return after ? after : before;
}

static void add(gw_lint *l, gw_ignore_list *out, const gw_script_seen *script, size_t offset,
                const char *rule, bool reason)
{
    gw_ignore *ignore = gw_vec_push(l->arena, out);
    *ignore = (gw_ignore){.script = script,
                          .statement = owner(l, script, offset),
                          .offset = offset,
                          .rule = rule,
                          .known = gw_rule_find(rule) != NULL,
                          .reason = reason};
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

static size_t word(const char *at, const char *end)
{
    size_t len = 0;
    while (at + len < end && !strchr(" \t\r\n,", at[len]))
        len++;
    return len;
}

/* "RULE[,RULE …] REASON" up to the end of the line. */
static void read_rules(gw_lint *l, gw_ignore_list *out, const gw_script_seen *script,
                       const char *at, const char *end)
{
    struct {
        size_t offset;
        const char *rule;
    } rules[16];
    size_t count = 0;
    do {
        at = skip_blanks(*at == ',' ? at + 1 : at, end);
        size_t len = word(at, end);
        rules[count].offset = (size_t)(at - script->script.text);
        rules[count++].rule = gw_strndup(l->arena, at, len);
        at += len;
    } while (at < end && *at == ',' && count < sizeof rules / sizeof *rules);
    bool reason = skip_blanks(at, end) < end;
    for (size_t i = 0; i < count; i++)
        add(l, out, script, rules[i].offset, rules[i].rule, reason);
}

/* One comment: what follows "godwit:", where the word ignore begins a directive of it. */
static void read_comment(gw_lint *l, gw_ignore_list *out, const gw_script_seen *script,
                         const gw_token *comment)
{
    static const char mark[] = "godwit:", ignore[] = "ignore";
    if (comment->len < 2 || memcmp(comment->text, "--", 2) != 0)
        return;
    const char *end = comment->text + comment->len;
    const char *at = skip_blanks(comment->text + 2, end);
    if ((size_t)(end - at) < sizeof mark - 1 || memcmp(at, mark, sizeof mark - 1) != 0)
        return;
    at += sizeof mark - 1;
    while (at < end) {
        while (at < end && strchr(" \t\r,", *at))
            at++;
        size_t len = word(at, end);
        if (len == sizeof ignore - 1 && memcmp(at, ignore, len) == 0) {
            read_rules(l, out, script, at + len, end);
            return;
        }
        at += len;
    }
}

static void read_part(gw_lint *l, gw_ignore_list *out, const gw_script_seen *script, size_t from,
                      size_t to)
{
    gw_lexer lexer = gw_lexer_start(script->script.text + from, to - from);
    lexer.want_comments = true;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer))
        if (t.kind == GW_TOKEN_COMMENT)
            read_comment(l, out, script, &t);
}

/* Statement by statement and what stands between: rows of a COPY must not open a quote. */
void gw_ignores_read(gw_lint *l, const gw_script_seen *script, gw_ignore_list *out)
{
    size_t at = 0;
    if (!memmem(script->script.text, script->script.len, "godwit:", 7))
        return;
    for (size_t i = 0; i < script->count; i++) {
        const gw_statement_seen *s = l->statements.items[script->first + i];
        read_part(l, out, script, at, s->offset);
        read_part(l, out, script, s->offset, end_of(s));
        at = end_of(s);
    }
    read_part(l, out, script, at, script->script.len);
}

bool gw_ignores_silence(gw_ignore_list *list, const char *rule, const gw_script_seen *script,
                        const gw_statement_seen *statement)
{
    bool silenced = false;
    for (size_t i = 0; i < list->len; i++) {
        gw_ignore *ignore = &list->items[i];
        if (ignore->script != script || strcmp(ignore->rule, rule) != 0)
            continue;
        if (ignore->statement && ignore->statement != statement)
            continue;
        ignore->used = silenced = true;
    }
    return silenced;
}

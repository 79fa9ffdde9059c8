#include "migrate/convention/sqitch_plan.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"

typedef struct parser {
    gw_arena *arena;
    const char *shown;
    unsigned line;
    gw_sqitch_plan *out;
    const char *note; /* of the line at hand, NULL: none */
    const char *planner, *date;
} parser;

static bool fail(const parser *p, gw_err *err, const char *what, const char *hint)
{
    gw_err_set(err, GW_ERR_INPUT, "line %u of the plan %s", p->line, what);
    if (hint)
        gw_err_hint(err, "%s", hint);
    return gw_err_at(err, p->shown, p->line, 1);
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        text[--len] = '\0';
    return text;
}

/* "\n", "\r" and "\\" in a note stand for what they say. */
static const char *unescape(gw_arena *arena, const char *text)
{
    gw_buf out = GW_BUF(arena);
    for (; *text; text++) {
        if (*text == '\\' && text[1] && strchr("nr\\", text[1])) {
            text++;
            gw_buf_addc(&out, *text == 'n' ? '\n' : *text == 'r' ? '\r' : '\\');
        } else {
            gw_buf_addc(&out, *text);
        }
    }
    return gw_buf_str(&out);
}

/* Cuts the note off the line. */
static char *split_note(parser *p, char *line)
{
    char *hash = strchr(line, '#');
    p->note = NULL;
    if (hash) {
        *hash = '\0';
        p->note = unescape(p->arena, trim(hash + 1));
    }
    return trim(line);
}

static bool read_pragma(parser *p, char *line, gw_err *err)
{
    char *name = trim(line + 1), *value = strchr(name, '=');
    if (value) {
        *value = '\0';
        value = trim(value + 1);
        name = trim(name);
    }
    if (strcmp(name, "project") == 0)
        p->out->project = value;
    else if (strcmp(name, "uri") == 0)
        p->out->uri = value;
    else if (strcmp(name, "syntax-version") == 0 && (!value || strncmp(value, "1.0.", 4) != 0))
        return fail(p, err, "names a syntax version other than 1.0", NULL);
    return true;
}

static bool is_date(const char *text)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
            return false;
    return true;
}

/* "2024-01-01T00:00:00Z Name <mail>" */
static bool read_date_and_planner(parser *p, char *text, gw_err *err)
{
    static const char hint[] =
        "a line is: NAME [DEPENDENCIES] 2024-01-01T00:00:00Z PLANNER <MAIL> # NOTE";
    if (!is_date(text))
        return fail(p, err, "has no date", hint);
    char *planner = trim(text + 20);
    char *mail = strchr(planner, '<');
    size_t len = strlen(planner);
    if (!mail || mail == planner || planner[len - 1] != '>')
        return fail(p, err, "has no planner with an address", hint);
    p->date = gw_strndup(p->arena, text, 20);
    char *name = gw_strndup(p->arena, planner, (size_t)(mail - planner));
    p->planner = gw_printf(p->arena, "%s %s", trim(name), mail);
    return true;
}

static const char *digits_of(gw_arena *arena, const char *date)
{
    gw_buf out = GW_BUF(arena);
    for (; *date; date++)
        if (*date >= '0' && *date <= '9')
            gw_buf_addc(&out, *date);
    return gw_buf_str(&out);
}

static void push_text(gw_arena *arena, const char ***items, size_t *count, const char *text)
{
    *items = gw_realloc(arena, *items, *count * sizeof **items, (*count + 1) * sizeof **items);
    (*items)[(*count)++] = text;
}

static bool read_dependencies(parser *p, gw_sqitch_change *change, char *text, gw_err *err)
{
    for (char *word; (word = strsep(&text, " \t"));) {
        bool conflict = *word == '!';
        if (!*word)
            continue;
        if (conflict && !*++word)
            return fail(p, err, "has a dependency without a name", NULL);
        size_t own = strlen(p->out->project);
        if (strncmp(word, p->out->project, own) == 0 && word[own] == ':')
            word += own + 1; /* Sqitch leaves its own name out, in ids too */
        if (conflict)
            push_text(p->arena, &change->conflicts, &change->conflicts_count, word);
        else
            push_text(p->arena, &change->requires, &change->requires_count, word);
    }
    return true;
}

/* Sqitch's own rule for an id; the text is documented in its Plan::Change. */
static const char *change_id(parser *p, const gw_sqitch_change *change, const char *parent)
{
    gw_buf info = GW_BUF(p->arena);
    gw_buf_addf(&info, "project %s\n", p->out->project);
    if (p->out->uri)
        gw_buf_addf(&info, "uri %s\n", p->out->uri);
    gw_buf_addf(&info, "change %s\n", change->name);
    if (parent)
        gw_buf_addf(&info, "parent %s\n", parent);
    gw_buf_addf(&info, "planner %s\ndate %s", p->planner, p->date);
    for (size_t i = 0; i < change->requires_count; i++)
        gw_buf_addf(&info, "%s\n  + %s", i ? "" : "\nrequires", change->requires[i]);
    for (size_t i = 0; i < change->conflicts_count; i++)
        gw_buf_addf(&info, "%s\n  - %s", i ? "" : "\nconflicts", change->conflicts[i]);
    if (p->note && *p->note)
        gw_buf_addf(&info, "\n\n%s", p->note);
    gw_buf object = GW_BUF(p->arena);
    gw_buf_addf(&object, "change %zu", info.len);
    gw_buf_addc(&object, '\0');
    gw_buf_addn(&object, info.data, info.len);
    return gw_digest_hex(p->arena, GW_SHA1, object.data, object.len);
}

static bool good_name(const char *name)
{
    static const char punctuation[] = "-!\"#$%&'()*+,./:;<=>?@[\\]^`{|}~";
    size_t len = strlen(name);
    return len && !strchr(punctuation, *name) && !strchr(punctuation, name[len - 1]) &&
           !strpbrk(name, "@:#\\") && strcmp(name, "ROOT") != 0 && strcmp(name, "HEAD") != 0 &&
           strncmp(name, "../", 3) != 0 && !strstr(name, "/../");
}

static bool add_change(parser *p, char *name, char *dependencies, gw_err *err)
{
    gw_sqitch_plan *plan = p->out;
    size_t index = plan->changes.len, last_tag = 0;
    if (plan->tags.len)
        last_tag = plan->tags.items[plan->tags.len - 1].change + 1;
    gw_sqitch_change change = {.name = name,
                               .line = p->line,
                               .instance = 1,
                               .next_instance = SIZE_MAX,
                               .note = p->note ? p->note : "",
                               .date = digits_of(p->arena, p->date)};
    for (size_t i = index; i-- > 0;) {
        gw_sqitch_change *other = &plan->changes.items[i];
        if (strcmp(other->name, name) != 0)
            continue;
        if (i >= last_tag)
            return fail(p, err,
                        gw_printf(p->arena, "has change \"%s\" again (line %u)", name, other->line),
                        "a change may be reworked only after a tag");
        change.instance = other->instance + 1;
        other->next_instance = index;
        break;
    }
    if (dependencies && !read_dependencies(p, &change, dependencies, err))
        return false;
    change.id = change_id(p, &change, index ? plan->changes.items[index - 1].id : NULL);
    *gw_vec_push(p->arena, &plan->changes) = change;
    for (size_t i = 0; i < change.requires_count; i++) {
        const char *word = change.requires[i];
        if (!strchr(word, ':') && strspn(word, "0123456789abcdef") != 40 &&
            gw_sqitch_find(plan, index, word) == SIZE_MAX)
            return fail(p, err,
                        gw_printf(p->arena,
                                  "has change \"%s\" require \"%s\", which is "
                                  "not in the plan before it",
                                  name, word),
                        NULL);
    }
    return true;
}

static bool add_tag(parser *p, const char *name, gw_err *err)
{
    gw_sqitch_plan *plan = p->out;
    if (!plan->changes.len)
        return fail(p, err, "has a tag without a change before it", NULL);
    for (size_t i = 0; i < plan->tags.len; i++)
        if (strcmp(plan->tags.items[i].name, name) == 0)
            return fail(p, err, gw_printf(p->arena, "has tag @%s a second time", name), NULL);
    *gw_vec_push(p->arena, &plan->tags) =
        (gw_sqitch_tag){.name = name, .change = plan->changes.len - 1};
    return true;
}

static bool read_line(parser *p, char *line, gw_err *err)
{
    bool tag = *line == '@';
    if (*line == '-')
        return fail(p, err, "takes a change back, which plans no longer do", NULL);
    if (tag || *line == '+')
        line = trim(line + 1);
    size_t len = strcspn(line, " \t");
    char *rest = line + len, *dependencies = NULL;
    if (*rest)
        *rest++ = '\0';
    rest += strspn(rest, " \t");
    if (!good_name(line))
        return fail(p, err, gw_printf(p->arena, "has an invalid name \"%s\"", line),
                    "names have no @, :, # or backslash, and neither begin nor end in "
                    "punctuation");
    if (*rest == '[') {
        char *close = strchr(rest, ']');
        if (!close)
            return fail(p, err, "has a [ without a ]", NULL);
        *close = '\0';
        dependencies = rest + 1;
        rest = close + 1 + strspn(close + 1, " \t");
    }
    if (!read_date_and_planner(p, rest, err))
        return false;
    if (!tag)
        return add_change(p, line, dependencies, err);
    if (dependencies)
        return fail(p, err, "has a tag with dependencies", NULL);
    return add_tag(p, line, err);
}

bool gw_sqitch_plan_parse(gw_arena *arena, const char *shown, char *text, gw_sqitch_plan *out,
                          gw_err *err)
{
    *out = (gw_sqitch_plan){0};
    parser p = {.arena = arena, .shown = shown, .out = out};
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    for (char *line; (line = strsep(&text, "\n"));) {
        size_t len = strlen(line);
        p.line++;
        if (len && line[len - 1] == '\r')
            line[len - 1] = '\0';
        line = split_note(&p, line);
        if (!*line)
            continue;
        if (*line == '%' && !out->changes.len) {
            if (!read_pragma(&p, line, err))
                return false;
            continue;
        }
        if (!out->project)
            return fail(&p, err, "stands before a %project pragma",
                        "begin the plan with %syntax-version and %project");
        if (!read_line(&p, line, err))
            return false;
    }
    return out->project || fail(&p, err, "is its last, and no %project was named", NULL);
}

static size_t find_tag(const gw_sqitch_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->tags.len; i++)
        if (strcmp(plan->tags.items[i].name, name) == 0)
            return plan->tags.items[i].change;
    return SIZE_MAX;
}

size_t gw_sqitch_find(const gw_sqitch_plan *plan, size_t from, const char *dependency)
{
    if (strchr(dependency, ':'))
        return SIZE_MAX; /* of another project: its own name was left out on reading */
    const char *at = strchr(dependency, '@');
    size_t len = at ? (size_t)(at - dependency) : strlen(dependency), last = from;
    if (at) {
        size_t tagged = find_tag(plan, at + 1);
        if (tagged == SIZE_MAX || tagged >= from || !len)
            return tagged >= from ? SIZE_MAX : tagged;
        last = tagged + 1;
    }
    for (size_t i = last; i-- > 0;) {
        const gw_sqitch_change *change = &plan->changes.items[i];
        if ((strlen(change->name) == len && memcmp(change->name, dependency, len) == 0) ||
            (len == 40 && strncmp(change->id, dependency, len) == 0))
            return i;
    }
    return SIZE_MAX;
}

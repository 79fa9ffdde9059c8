#include "migrate/convention/sqitch_conf.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"

enum { CONF_LIMIT = 1 << 20 };

/* KEY = VALUE in [section "sub"], which is "section.sub". */
typedef struct entry {
    const char *section, *key, *value;
    unsigned line, col;
} entry;

typedef struct conf {
    gw_dir *dir;
    const gw_source *source;
    const char *up; /* from the folder to where it stands: "", "../", … */
    const char *at, *start;
    unsigned line;
    const char *section;
    GW_VEC(entry) entries;
} conf;

/* ---- the text ---------------------------------------------------------------------------- */

static unsigned column(const conf *c, const char *at)
{
    const char *start = at;
    while (start > c->start && start[-1] != '\n')
        start--;
    return (unsigned)(at - start) + 1;
}

static bool unreadable(const conf *c, gw_err *err, const char *at, const char *why)
{
    gw_source_error(err, c->source, c->line, "%s", why);
    gw_err_detail(err, "Sqitch does not read the file either");
    gw_err_hint(err, "write it as in a configuration of git: [section \"name\"], then KEY = VALUE, with a quote "
                     "or a backslash in the value as \\\" or \\\\");
    return gw_err_at(err, c->source->shown, c->line, column(c, at));
}

static bool read_section(conf *c, gw_err *err)
{
    const char *start = c->at, *name = start + 1;
    size_t len = strcspn(name, " \t\n[]\""), sub_len = 0;
    const char *at = name + len, *sub = NULL;
    at += strspn(at, " \t");
    if (*at == '"') {
        sub = ++at;
        while (*at && *at != '\n' && *at != '"')
            at += *at == '\\' && (at[1] == '"' || at[1] == '\\') ? 2 : 1;
        sub_len = (size_t)(at - sub);
        at += *at == '"';
    }
    if (!len || *at != ']' || (sub && at[-1] != '"'))
        return unreadable(c, err, start, "this is no section of a configuration");
    gw_buf out = GW_BUF(c->dir->arena);
    for (size_t i = 0; i < len; i++)
        gw_buf_addc(&out, (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]));
    if (sub_len)
        gw_buf_addc(&out, '.');
    for (size_t i = 0; i < sub_len; i++) {
        i += sub[i] == '\\' && i + 1 < sub_len;
        gw_buf_addc(&out, sub[i]);
    }
    c->section = gw_buf_str(&out);
    c->at = at + 1;
    return true;
}

/* Sqitch's replacements in quotes, one after another over the whole. */
static void add_quoted(conf *c, gw_buf *out, const char *text, size_t len)
{
    static const struct {
        const char *from, *to;
    } steps[] = {{"\\\n", ""}, {"\\n", "\n"}, {"\\t", "\t"}, {"\\b", "\b"}, {"\\\\", "\\"}};
    char *value = gw_strndup(c->dir->arena, text, len);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char *to = value;
        for (const char *at = value; *at;) {
            bool hit = strncmp(at, steps[i].from, 2) == 0;
            if (!hit || *steps[i].to)
                *to++ = hit ? *steps[i].to : *at;
            at += hit ? 2 : 1;
        }
        *to = '\0';
    }
    gw_buf_add(out, value);
}

/* "…" from its first quote; NULL: it has no end, or an escape that is none. */
static const char *read_quoted(conf *c, gw_buf *out, const char *at)
{
    const char *start = ++at;
    for (; *at && *at != '"'; at++) {
        c->line += *at == '\n';
        if (*at != '\\')
            continue;
        at++;
        if (!*at || !strchr("\ntbn\"\\", *at))
            return NULL;
        c->line += *at == '\n';
    }
    if (!*at)
        return NULL;
    add_quoted(c, out, start, (size_t)(at - start));
    return at + 1;
}

/* What a backslash before it makes of it, outside quotes; NUL: nothing that Sqitch knows. */
static char unescaped(char c)
{
    static const char from[] = "\\'\"ntb", to[] = "\\'\"\n\t\b";
    const char *found = c ? strchr(from, c) : NULL;
    return found ? to[found - from] : '\0';
}

static bool read_value(conf *c, const char **value, gw_err *err)
{
    gw_buf out = GW_BUF(c->dir->arena);
    const char *at = c->at + strspn(c->at, " \t");
    for (;;) {
        size_t blanks = strspn(at, " \t");
        if (!*at || *at == '\n' || at[blanks] == '#' || at[blanks] == ';')
            break;
        if (blanks) {
            gw_buf_addc(&out, ' ');
            at += blanks;
        } else if (*at == '"') {
            unsigned line = c->line;
            const char *next = read_quoted(c, &out, at);
            if (!next)
                c->line = line;
            if (!next)
                return unreadable(c, err, at, "this value has a quote without its end");
            at = next;
        } else if (*at == '\\') {
            char meant = unescaped(at[1]);
            if (at[1] == '\n')
                c->line++;
            else if (meant)
                gw_buf_addc(&out, meant);
            else
                return unreadable(c, err, at, "this value has a backslash before what needs none");
            at += 2;
        } else {
            size_t plain = strcspn(at, "\t \\\n\"");
            gw_buf_addn(&out, at, plain);
            at += plain;
        }
    }
    c->at = at + strcspn(at, "\n");
    *value = gw_buf_str(&out);
    return true;
}

static bool read_entry(conf *c, gw_err *err)
{
    const char *start = c->at;
    size_t len = strcspn(start, "=#;\n"), all = len;
    if (!c->section || !len)
        return unreadable(c, err, start, c->section ? "a setting without a name" : "a setting before any section");
    while (len && strchr(" \t", start[len - 1]))
        len--;
    entry e = {.section = c->section,
               .key = gw_strndup(c->dir->arena, start, len),
               .value = "",
               .line = c->line,
               .col = column(c, start)};
    c->at = start + all;
    if (*c->at == '=') {
        c->at++;
        if (!read_value(c, &e.value, err))
            return false;
    } else {
        c->at += strcspn(c->at, "\n");
    }
    *gw_vec_push(c->dir->arena, &c->entries) = e;
    return true;
}

static bool read_text(conf *c, gw_err *err)
{
    gw_file_text text;
    if (!gw_file_read(c->dir->arena, c->source->path, CONF_LIMIT, &text, err))
        return false;
    char *to = text.data;
    for (const char *at = text.data; *at; at++)
        if (*at != '\r' || at[1] != '\n')
            *to++ = *at;
    *to = '\0';
    c->start = c->at = text.data;
    c->line = 1;
    for (;;) {
        for (; *c->at && strchr(" \t\n\r\f", *c->at); c->at++)
            c->line += *c->at == '\n';
        if (!*c->at)
            return true;
        if (*c->at == '#' || *c->at == ';')
            c->at += strcspn(c->at, "\n");
        else if (!(*c->at == '[' ? read_section(c, err) : read_entry(c, err)))
            return false;
    }
}

/* ---- what it says ------------------------------------------------------------------------ */

static const entry *find(const conf *c, const char *section, const char *key)
{
    const entry *found = NULL;
    for (size_t i = 0; i < c->entries.len; i++) {
        const entry *e = &c->entries.items[i];
        if (strcmp(e->section, section) == 0 && strcasecmp(e->key, key) == 0 && *e->value)
            found = e;
    }
    return found;
}

static bool is_postgres(const char *engine, size_t len)
{
    static const char *const names[] = {"pg", "postgres", "postgresql", "pgsql"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && strncasecmp(engine, names[i], len) == 0)
            return true;
    return false;
}

/* The engine by its name, or as db:ENGINE:… of a target. */
static bool check_engine(const conf *c, const entry *e, gw_err *err)
{
    const char *engine = e->value;
    if (strncasecmp(engine, "db:", 3) == 0)
        engine += 3;
    size_t len = strcspn(engine, ": ");
    if (is_postgres(engine, len))
        return true;
    gw_source_error(err, c->source, e->line, "this project of Sqitch is for %.*s, not for PostgreSQL", (int)len,
                    engine);
    gw_err_detail(err, "%s.%s is %s", e->section, e->key, engine == e->value ? engine : "a database of that kind");
    gw_err_hint(err, "Godwit runs on PostgreSQL: where the scripts are for it, write `engine = pg` and a target "
                     "that begins with db:pg:");
    return gw_err_at(err, c->source->shown, e->line, e->col);
}

/* *name: the target of which settings are taken: a name, or a URI. */
static bool find_target(const conf *c, const char **name, gw_err *err)
{
    const entry *target = find(c, "core", "target"), *engine = find(c, "core", "engine");
    gw_arena *arena = c->dir->arena;
    *name = NULL;
    if (!target && engine) {
        if (!check_engine(c, engine, err))
            return false;
        const char *key = gw_strndup(arena, engine->value, strcspn(engine->value, " "));
        target = find(c, gw_printf(arena, "engine.%s", key), "target");
    }
    if (!target)
        return true;
    *name = target->value;
    if (!strchr(target->value, ':'))
        target = find(c, gw_printf(arena, "target.%s", target->value), "uri");
    return !target || check_engine(c, target, err);
}

static const char *const *variables_of(const conf *c, const char *const *sections)
{
    GW_VEC(const char *) list = {0};
    gw_arena *arena = c->dir->arena;
    for (; *sections; sections++) /* who comes later counts */
        for (size_t i = 0; i < c->entries.len; i++) {
            const entry *e = &c->entries.items[i];
            size_t at = 0;
            if (strcmp(e->section, *sections) != 0)
                continue;
            while (at < list.len && strcmp(list.items[at], e->key) != 0)
                at += 2;
            if (at == list.len) {
                *gw_vec_push(arena, &list) = e->key;
                *gw_vec_push(arena, &list) = NULL;
            }
            list.items[at + 1] = e->value;
        }
    if (list.len)
        *gw_vec_push(arena, &list) = NULL;
    return list.items;
}

static bool is_said(const gw_dir *dir, const char *name)
{
    const char *const *own = dir->options->placeholders;
    for (; own && own[0]; own += 2)
        if (strcmp(own[0], name) == 0)
            return true;
    return false;
}

/* One said twice, or one of a target that nobody has named here. */
static bool check_variables(const conf *c, const char *target, gw_err *err)
{
    const char *own = target ? gw_printf(c->dir->arena, "target.%s.variables", target) : "";
    for (size_t i = 0; i < c->entries.len; i++) {
        const entry *e = &c->entries.items[i];
        if (!gw_has_suffix(e->section, ".variables"))
            continue;
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->entries.items[k].section, e->section) == 0 &&
                strcasecmp(c->entries.items[k].key, e->key) == 0) {
                gw_source_error(err, c->source, e->line, "variable %s is said twice", e->key);
                gw_err_detail(err, "first in line %u; Sqitch fails over it", c->entries.items[k].line);
                gw_err_hint(err, "take one of them out");
                return gw_err_at(err, c->source->shown, e->line, e->col);
            }
        if (strncmp(e->section, "target.", 7) != 0 || strcmp(e->section, own) == 0 || is_said(c->dir, e->key))
            continue;
        gw_source_error(err, c->source, e->line, "variable %s has a value for one target only", e->key);
        gw_err_detail(err, "[%s]: Godwit knows environments, and not which of them that target is", e->section);
        gw_err_hint(err, "say it where it counts, under `placeholders:` of the environments in godwit.yaml: { %s: … }",
                    e->key);
        return gw_err_at(err, c->source->shown, e->line, e->col);
    }
    return true;
}

static void set_paths(const conf *c, const char *target, gw_sqitch_settings *s)
{
    const struct {
        const char *key;
        const char **slot;
        bool path;
    } known[] = {
        {"plan_file", &s->plan, true},
        {"top_dir", &s->top, true},
        {"reworked_dir", &s->reworked, true},
        {"extension", &s->extension, false},
        {"deploy_dir", &s->deploy, true},
        {"revert_dir", &s->revert, true},
        {"verify_dir", &s->verify, true},
        {"reworked_deploy_dir", &s->reworked_deploy, true},
        {"reworked_revert_dir", &s->reworked_revert, true},
        {"reworked_verify_dir", &s->reworked_verify, true},
    };
    gw_arena *arena = c->dir->arena;
    const char *sections[] = {target ? gw_printf(arena, "target.%s", target) : "", "engine.pg", "core"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        for (size_t k = 0; k < 3 && !*known[i].slot; k++) {
            const entry *e = find(c, sections[k], known[i].key);
            size_t len = e ? strlen(e->value) : 0;
            while (len && e->value[len - 1] == ' ')
                len--;
            if (len)
                *known[i].slot = gw_printf(arena, "%s%.*s", known[i].path && *e->value != '/' ? c->up : "", (int)len,
                                           e->value);
        }
}

static void set_variables(const conf *c, const char *target, gw_sqitch_settings *s)
{
    const char *of_target = target ? gw_printf(c->dir->arena, "target.%s.variables", target) : "";
    const char *const deploy[] = {"core.variables", "deploy.variables", "engine.pg.variables", of_target, NULL};
    const char *const revert[] = {"core.variables", "deploy.variables", "revert.variables", "engine.pg.variables",
                                  of_target, NULL};
    const char *const verify[] = {"core.variables", "deploy.variables", "verify.variables", "engine.pg.variables",
                                  of_target, NULL};
    s->for_deploy = variables_of(c, deploy);
    s->for_revert = variables_of(c, revert);
    s->for_verify = variables_of(c, verify);
}

static const char *below(gw_dir *dir, const char *said, const char *top, const char *name)
{
    if (said)
        return said;
    return strcmp(top, ".") == 0 ? name : gw_path_join(dir->arena, top, name);
}

static void complete(gw_dir *dir, gw_sqitch_settings *s)
{
    s->top = s->top ? s->top : ".";
    s->reworked = s->reworked ? s->reworked : s->top;
    s->extension = s->extension ? s->extension : "sql";
    s->plan = below(dir, s->plan, s->top, "sqitch.plan");
    s->reworked_deploy = below(dir, s->reworked_deploy, s->reworked, "deploy");
    s->reworked_revert = below(dir, s->reworked_revert, s->reworked, "revert");
    s->reworked_verify = below(dir, s->reworked_verify, s->reworked, "verify");
    s->deploy = below(dir, s->deploy, s->top, "deploy");
    s->revert = below(dir, s->revert, s->top, "revert");
    s->verify = below(dir, s->verify, s->top, "verify");
}

static bool same_file(const gw_dir *dir, const char *a, const char *b)
{
    struct stat x, y;
    return fstatat(dir->fd, a, &x, 0) == 0 && fstatat(dir->fd, b, &y, 0) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* One above the folder is of this project where its plan is the folder's. */
static bool read_one(void *self, const gw_above *found, bool *enough, gw_err *err)
{
    gw_sqitch_settings *out = self;
    conf c = {.dir = found->dir, .source = found->source, .up = found->up};
    const char *target;
    if (!read_text(&c, err))
        return false;
    if (!*found->up) {
        *enough = true;
        if (!find_target(&c, &target, err) || !check_variables(&c, target, err))
            return false;
        set_paths(&c, target, out);
        set_variables(&c, target, out);
        return true;
    }
    gw_sqitch_settings above = {0};
    gw_err other = {0};
    bool known = find_target(&c, &target, &other);
    set_paths(&c, known ? target : NULL, &above);
    above.top = above.top ? above.top : gw_printf(found->dir->arena, "%s.", found->up);
    complete(found->dir, &above);
    if (!same_file(found->dir, above.plan, "sqitch.plan")) {
        gw_err_clear(&other);
        return true;
    }
    *enough = true;
    if (!known) {
        gw_err_move(err, &other);
        return false;
    }
    if (!check_variables(&c, target, err))
        return false;
    set_paths(&c, target, out);
    out->plan = out->top = NULL; /* the folder itself */
    set_variables(&c, target, out);
    return true;
}

bool gw_sqitch_settings_read(gw_dir *dir, gw_sqitch_settings *out, gw_err *err)
{
    static const char *const names[] = {"sqitch.conf", NULL};
    *out = (gw_sqitch_settings){0};
    if (!gw_dir_above(dir, names, read_one, out, err))
        return false;
    complete(dir, out);
    return true;
}

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "migrate/convention/convention.h"

typedef enum annotation {
    UP,
    DOWN,
    STATEMENT_BEGIN,
    STATEMENT_END,
    NO_TRANSACTION,
    ENVSUB_ON,
    ENVSUB_OFF,
    UNKNOWN,
} annotation;

static const char *const annotations[] = {
    [UP] = "Up",
    [DOWN] = "Down",
    [STATEMENT_BEGIN] = "StatementBegin",
    [STATEMENT_END] = "StatementEnd",
    [NO_TRANSACTION] = "NO TRANSACTION",
    [ENVSUB_ON] = "ENVSUB ON",
    [ENVSUB_OFF] = "ENVSUB OFF",
};

static bool named(const char *name)
{
    size_t digits = gw_digits(name);
    return digits && name[digits] == '_' && gw_has_suffix(name, ".go") &&
           !gw_has_suffix(name, "_test.go");
}

static bool marked(const gw_mark *mark)
{
    return mark->kind == GW_MARK_GOOSE;
}

static annotation annotation_of(const gw_mark *mark)
{
    const char *word = mark->text + strlen("+goose");
    word += strspn(word, " \t");
    for (int i = 0; i < UNKNOWN; i++)
        if (strcasecmp(word, annotations[i]) == 0)
            return (annotation)i;
    return UNKNOWN;
}

/* One file's annotations on the way from top to bottom. */
typedef struct parse {
    gw_dir *dir;
    const gw_source *source;
    gw_migration *migration;
    gw_cut *cuts;
    size_t count;
    const gw_mark *open; /* StatementBegin that waits for its end */
    bool up, down, substitutes;
    bool env, env_up, env_down; /* ENVSUB: now, where Up begins, where Down begins */
} parse;

static bool misplaced(const parse *p, const gw_mark *mark, gw_err *err, const char *why)
{
    gw_source_error(err, p->source, mark->line, "`-- %s` %s", mark->text, why);
    return gw_err_hint(err, "a file of goose has `-- +goose Up`, its statements, then "
                            "`-- +goose Down` and its statements");
}

static bool unknown(const parse *p, const gw_mark *mark, gw_err *err)
{
    gw_source_error(err, p->source, mark->line, "goose knows no annotation `-- %s`", mark->text);
    return gw_err_hint(err, "it knows Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, "
                            "ENVSUB ON and ENVSUB OFF");
}

static bool start_part(parse *p, const gw_mark *mark, bool up, gw_err *err)
{
    if (p->open)
        return misplaced(p, mark, err, "stands between StatementBegin and StatementEnd");
    if (up && (p->up || p->down))
        return misplaced(p, mark, err, "stands a second time");
    if (!up && (!p->up || p->down))
        return misplaced(p, mark, err, p->down ? "stands a second time" : "stands before Up");
    if (up && mark->code) {
        gw_source_error(err, p->source, p->source->code_line,
                        "a statement stands before `-- +goose Up`");
        return gw_err_hint(err, "move it below the annotation");
    }
    if (up) {
        p->up = true;
        p->env_up = p->env;
    } else {
        p->down = true;
        p->env_down = p->env;
    }
    gw_script *script = up ? &p->migration->up : &p->migration->down;
    p->cuts[p->count++] = (gw_cut){.mark = mark, .script = script};
    return true;
}

static bool annotate(parse *p, const gw_mark *mark, gw_err *err)
{
    if (mark->indented)
        return misplaced(p, mark, err, "does not stand at the start of its line");
    switch (annotation_of(mark)) {
    case UP:
        return start_part(p, mark, true, err);
    case DOWN:
        return start_part(p, mark, false, err);
    case STATEMENT_BEGIN:
        if (p->open || !p->up)
            return misplaced(p, mark, err, p->open ? "stands inside another" : "stands before Up");
        p->open = mark;
        return true;
    case STATEMENT_END:
        if (!p->open)
            return misplaced(p, mark, err, "stands without a StatementBegin");
        p->open = NULL;
        return true;
    case NO_TRANSACTION: {
        gw_migration *m = p->migration;
        m->up.directives.no_transaction = m->up.directives.transaction_said = true;
        m->down.directives.no_transaction = m->down.directives.transaction_said = true;
        return true;
    }
    case ENVSUB_ON:
        p->env = p->substitutes = true;
        return true;
    case ENVSUB_OFF:
        p->env = false;
        return true;
    default:
        return unknown(p, mark, err);
    }
}

/* ENVSUB holds from line to line; the reader of the section follows it. */
static void substitute(gw_script *script, bool on)
{
    for (size_t i = 0; i < script->section_count; i++)
        if (!script->directives.env)
            script->sections[i].substitution = on ? GW_SUBST_GOOSE_ON : GW_SUBST_GOOSE_OFF;
}

static bool read_file(gw_dir *dir, gw_source *source, gw_err *err)
{
    const char *version;
    size_t digits = gw_digits(source->name);
    if (!gw_version_number(dir, source, digits, &version, err))
        return false;
    if (strcmp(version, "0") == 0) {
        gw_source_error(err, source, 0, "%s has the version 0", source->name);
        return gw_err_hint(err, "versions begin with 1");
    }
    if (!gw_source_scan(dir, source, err))
        return false;
    const char *rest = source->name + digits + 1;
    parse p = {.dir = dir, .source = source};
    p.migration = gw_dir_add(dir, GW_FORMAT_GOOSE, version, version,
                             gw_strndup(dir->arena, rest, strlen(rest) - strlen(".sql")));
    p.migration->checksum = source->checksum;
    p.cuts = gw_alloc_array(dir->arena, source->marks.len + 1, sizeof *p.cuts);
    p.count = 1;
    for (size_t i = 0; i < source->marks.len; i++)
        if (marked(&source->marks.items[i]) && !annotate(&p, &source->marks.items[i], err))
            return false;
    if (p.open)
        return misplaced(&p, p.open, err, "has no StatementEnd");
    if (!p.up) {
        gw_source_error(err, source, 1, "%s has no `-- +goose Up`", source->name);
        return gw_err_hint(err, "begin the file with that line");
    }
    if (!gw_source_cut(dir, source, &p.migration->up, &p.migration->down, p.cuts, p.count, err))
        return false;
    if (p.substitutes) {
        substitute(&p.migration->up, p.env_up);
        substitute(&p.migration->down, p.env_down);
    }
    return true;
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    for (size_t i = 0; i < dir->files.len; i++) {
        gw_source *source = &dir->files.items[i];
        if (named(source->name)) {
            gw_source_error(err, source, 0, "%s is a migration written in Go", source->name);
            return gw_err_hint(err, "Godwit does not run Go: write it as SQL");
        }
        if (!gw_has_suffix(source->name, ".sql"))
            continue;
        if (gw_numbered(source->name) == GW_NAME_OTHER)
            return gw_name_error(err, source, gw_convention_goose.pattern);
        if (!read_file(dir, source, err))
            return false;
    }
    return true;
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    return gw_new_file(dir, files,
                       gw_printf(dir->arena, "%s_%s.sql", wanted->version, wanted->name),
                       "-- +goose Up\n\n\n-- +goose Down\n\n", err);
}

const gw_convention gw_convention_goose = {
    .format = GW_FORMAT_GOOSE,
    .pattern = "VERSION_NAME.sql, with `-- +goose Up` in it",
    .named = named,
    .marked = marked,
    .read = read_folder,
    .create = create,
};

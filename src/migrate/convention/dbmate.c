#include <string.h>

#include "migrate/convention/convention.h"

static bool marked(const gw_mark *mark)
{
    return mark->kind == GW_MARK_DBMATE_UP || mark->kind == GW_MARK_DBMATE_DOWN;
}

/* Words KEY:VALUE after the mark; only `transaction` means something. */
static void read_options(const gw_mark *mark, gw_script *script)
{
    const char *at = strchr(mark->text, ':') + 1;
    at += strcspn(at, " \t");
    while (*(at += strspn(at, " \t"))) {
        size_t len = strcspn(at, " \t");
        if (len == strlen("transaction:false") && memcmp(at, "transaction:false", len) == 0)
            script->directives.no_transaction = script->directives.transaction_said = true;
        else if (len == strlen("transaction:true") && memcmp(at, "transaction:true", len) == 0)
            script->directives.transaction_said = true;
        at += len;
    }
}

/* Sections stand in pairs: up, down, and again. dbmate runs each direction from top to bottom. */
static bool check_order(const gw_source *source, gw_err *err)
{
    const gw_mark *last = NULL;
    for (size_t i = 0; i < source->marks.len; i++) {
        const gw_mark *mark = &source->marks.items[i];
        if (!marked(mark))
            continue;
        bool up = mark->kind == GW_MARK_DBMATE_UP;
        if (!last && mark->code) {
            gw_source_error(err, source, source->code_line,
                            "a statement stands before `-- migrate:up`");
            return gw_err_hint(err, "move it below the mark; only comments may stand above it");
        }
        if (!up && (!last || last->kind != GW_MARK_DBMATE_UP))
            return gw_source_error(err, source, mark->line,
                                   "`-- migrate:down` stands without a `-- migrate:up` before it");
        if (up && last && last->kind == GW_MARK_DBMATE_UP)
            break;
        last = mark;
    }
    if (!last) {
        gw_source_error(err, source, 1, "%s has no `-- migrate:up`", source->name);
        return gw_err_hint(err, "dbmate's files have a `-- migrate:up` and a `-- migrate:down` "
                                "section");
    }
    if (last->kind == GW_MARK_DBMATE_DOWN)
        return true;
    gw_source_error(err, source, last->line, "no `-- migrate:down` follows `-- migrate:up`");
    return gw_err_hint(err, "add one; it may be empty");
}

static bool read_file(gw_dir *dir, gw_source *source, gw_err *err)
{
    if (!gw_source_scan(dir, source, err) || !check_order(source, err))
        return false;
    const char *name = source->name;
    size_t digits = gw_digits(name);
    const char *rest = name + digits + (name[digits] == '_' || name[digits] == '-');
    gw_migration *m = gw_dir_add(dir, GW_FORMAT_DBMATE, gw_strndup(dir->arena, name, digits), "",
                                 gw_strndup(dir->arena, rest, strlen(rest) - strlen(".sql")));
    m->checksum = source->checksum;
    gw_cut *cuts = gw_alloc_array(dir->arena, source->marks.len + 1, sizeof *cuts);
    size_t count = 1;
    for (size_t i = 0; i < source->marks.len; i++) {
        const gw_mark *mark = &source->marks.items[i];
        if (!marked(mark))
            continue;
        gw_script *script = mark->kind == GW_MARK_DBMATE_UP ? &m->up : &m->down;
        cuts[count++] = (gw_cut){.mark = mark, .script = script};
        read_options(mark, script);
    }
    if (!gw_source_cut(dir, source, &m->up, &m->down, cuts, count, err))
        return false;
    return true;
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    for (size_t i = 0; i < dir->files.len; i++) {
        gw_source *source = &dir->files.items[i];
        if (!gw_has_suffix(source->name, ".sql"))
            continue;
        if (!gw_digits(source->name))
            return gw_name_error(err, source, gw_convention_dbmate.pattern);
        if (!read_file(dir, source, err))
            return false;
    }
    gw_order_by_name(dir);
    return true;
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    return gw_new_file(dir, files,
                       gw_printf(dir->arena, "%s_%s.sql", wanted->version, wanted->name),
                       "-- migrate:up\n\n\n-- migrate:down\n\n", err);
}

const gw_convention gw_convention_dbmate = {
    .format = GW_FORMAT_DBMATE,
    .pattern = "VERSION_NAME.sql, with `-- migrate:up` and `-- migrate:down` in it",
    .marked = marked,
    .read = read_folder,
    .create = create,
};

#include <string.h>

#include "base/file.h"
#include "migrate/convention/convention.h"
#include "migrate/convention/graphile_conf.h"
#include "migrate/foreign.h"

/* NNNNNN.sql or NNNNNN-slug.sql */
static bool fits(const char *name)
{
    size_t digits = gw_digits(name);
    if (!digits || !gw_has_suffix(name, ".sql"))
        return false;
    const char *end = name + strlen(name) - strlen(".sql");
    const char *at = name + digits;
    if (at == end)
        return true;
    if (*at != '-')
        return false;
    return at + strspn(at, "-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
           end;
}

/* migrations/ with its committed/ below. */
static const char *shape(gw_dir *dir)
{
    for (size_t i = 0; i < dir->folders.len; i++)
        if (strcmp(dir->folders.items[i], "committed") == 0)
            return "committed/";
    return NULL;
}

static bool marked(const gw_mark *mark)
{
    return mark->kind == GW_MARK_GRAPHILE && strncmp(mark->text, "! Previous:", 11) == 0;
}

typedef struct header {
    const gw_mark *last;
    const char *previous, *hash, *message;
    bool allow_invalid;
} header;

static const char *value_of(gw_arena *arena, const char *text)
{
    text += strspn(text, " \t");
    return gw_strdup(arena, text);
}

/* Lines `--! Key: value` or `--! Key` from the first line on; a blank line ends them. */
static bool read_header(gw_dir *dir, const gw_source *source, header *out, gw_err *err)
{
    *out = (header){0};
    for (size_t i = 0; i < source->marks.len; i++) {
        const gw_mark *mark = &source->marks.items[i];
        if (mark->kind != GW_MARK_GRAPHILE || mark->line != (out->last ? out->last->line + 1 : 1) ||
            strncmp(mark->text, "! ", 2) != 0 || mark->text[2] < 'A' || mark->text[2] > 'Z')
            break;
        const char *key = mark->text + 2, *colon = strchr(key, ':');
        size_t len = colon ? (size_t)(colon - key) : strlen(key);
        const char *value = colon ? value_of(dir->arena, colon + 1) : "";
        const char **slot = NULL;
        if (len == 8 && memcmp(key, "Previous", 8) == 0)
            slot = &out->previous;
        else if (len == 4 && memcmp(key, "Hash", 4) == 0)
            slot = &out->hash;
        else if (len == 7 && memcmp(key, "Message", 7) == 0)
            slot = &out->message;
        else if (len == 16 && memcmp(key, "AllowInvalidHash", 16) == 0)
            out->allow_invalid = true;
        if (slot && *slot)
            return gw_source_error(err, source, mark->line, "header `%.*s` is said twice", (int)len,
                                   key);
        if (slot)
            *slot = value;
        out->last = mark;
    }
    if (out->previous && *out->previous && out->hash && *out->hash)
        return true;
    gw_source_error(err, source, 1, "%s has no `--! %s:` header", source->name,
                    out->previous && *out->previous ? "Hash" : "Previous");
    return gw_err_hint(err, "commit it with: graphile-migrate commit");
}

/* The tool's own rule; a checkout with CRLF counts as the same file. */
static bool check_hash(gw_dir *dir, const gw_source *source, const header *h, gw_migration *m,
                       gw_err *err)
{
    const char *lf, *raw;
    if (!gw_foreign_checksum(dir->arena, m, true, &lf, err) ||
        !gw_foreign_checksum(dir->arena, m, false, &raw, err))
        return false;
    if (strcmp(lf, h->hash) == 0 || strcmp(raw, h->hash) == 0 || h->allow_invalid)
        return true;
    gw_source_error(err, source, 2, "%s is not what was committed", source->name);
    gw_err_detail(err, "its header says %s, its text has %s", h->hash, lf);
    return gw_err_hint(err, "restore the file, or add `--! AllowInvalidHash` to its header");
}

static bool check_chain(const gw_source *source, const header *h, const char *previous, gw_err *err)
{
    bool first = strcmp(h->previous, "-") == 0;
    if (first ? !previous : previous && strcmp(previous, h->previous) == 0)
        return true;
    gw_source_error(err, source, 1, "%s does not follow the file before it", source->name);
    gw_err_detail(err, "its header says Previous: %s; the hash before it is %s", h->previous,
                  previous ? previous : "- (it is the first)");
    return gw_err_hint(err, "a file is missing, renamed or changed; see `Previous:` and `Hash:`");
}

static void no_transaction(const gw_source *source, const header *h, gw_script *script)
{
    for (size_t i = 0; i < source->marks.len; i++) {
        const gw_mark *mark = &source->marks.items[i];
        if (mark->kind != GW_MARK_GRAPHILE || mark->line <= h->last->line || mark->code)
            continue;
        const char *word = mark->text + 1;
        word += strspn(word, " \t");
        if (strncmp(word, "no-transaction", 14) == 0)
            script->directives.no_transaction = script->directives.transaction_said = true;
    }
}

static bool read_file(gw_dir *dir, gw_source *source, const char *const *variables, const char **previous,
                      gw_err *err)
{
    header h;
    if (!gw_source_scan(dir, source, err) || !read_header(dir, source, &h, err))
        return false;
    const char *base = gw_path_base(source->name);
    size_t digits = gw_digits(base);
    const char *slug = base + digits + (base[digits] == '-');
    const char *number, *version = gw_strndup(dir->arena, base, digits);
    if (!gw_version_number(dir, source, digits, &number, err))
        return false;
    const char *name = h.message && *h.message
                           ? h.message
                           : gw_strndup(dir->arena, slug, strlen(slug) - strlen(".sql"));
    gw_migration *m = gw_dir_add(dir, GW_FORMAT_GRAPHILE_MIGRATE, version, number, name);
    m->checksum = source->checksum;
    m->foreign_id = h.hash;
    gw_cut cut = {.mark = h.last, .script = &m->up};
    if (!gw_source_cut(dir, source, &m->up, NULL, &cut, 1, err))
        return false;
    if (!m->up.directives.env)
        m->up.sections[0].substitution = GW_SUBST_GRAPHILE;
    m->up.variables = variables;
    no_transaction(source, &h, &m->up);
    if (!check_chain(source, &h, *previous, err) || !check_hash(dir, source, &h, m, err))
        return false;
    *previous = h.hash;
    return true;
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    const char *previous = NULL;
    const char *const *variables;
    size_t first = 0;
    if (!gw_graphile_conf_read(dir, &variables, err))
        return false;
    if (shape(dir)) {
        first = dir->files.len;
        if (!gw_dir_add_folder(dir, "committed", err))
            return false;
    }
    for (size_t i = first; i < dir->files.len; i++) {
        gw_source *source = &dir->files.items[i];
        if (!gw_has_suffix(source->name, ".sql"))
            continue;
        if (!fits(gw_path_base(source->name)))
            return gw_name_error(err, source, gw_convention_graphile_migrate.pattern);
        if (!read_file(dir, source, variables, &previous, err))
            return false;
    }
    return true;
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    (void)wanted;
    (void)files;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "files of graphile-migrate are made by its own `commit`");
    gw_err_detail(err, "%s holds committed migrations, each with the hash of the one before",
                  dir->shown);
    return gw_err_hint(err, "write the change in current.sql and run: graphile-migrate commit");
}

const gw_convention gw_convention_graphile_migrate = {
    .format = GW_FORMAT_GRAPHILE_MIGRATE,
    .pattern = "NNNNNN.sql or NNNNNN-slug.sql in committed/",
    .shape = shape,
    .marked = marked,
    .read = read_folder,
    .create = create,
};

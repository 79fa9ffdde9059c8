#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "migrate/convention/convention.h"
#include "migrate/convention/flyway_conf.h"

enum { CONF_LIMIT = 1 << 20 };

/* V1.2__name.sql, taken apart. */
typedef struct parts {
    char prefix;         /* V, U, B, R */
    const char *version; /* from the name; "" for R */
    size_t version_len;
    const char *description;
    size_t description_len;
} parts;

static bool take_apart(const char *path, parts *out)
{
    const char *name = gw_path_base(path);
    if (!gw_has_suffix(name, ".sql") || !strchr("VUBR", *name))
        return false;
    const char *end = name + strlen(name) - strlen(".sql");
    const char *separator = strstr(name, "__");
    if (!separator || separator > end - 2)
        return false;
    *out = (parts){.prefix = *name,
                   .version = name + 1,
                   .version_len = (size_t)(separator - name - 1),
                   .description = separator + 2,
                   .description_len = (size_t)(end - separator - 2)};
    if (out->prefix == 'R')
        return out->version_len == 0;
    /* Numbers with a dot or an underscore between each two. */
    const char *at = out->version;
    for (;;) {
        size_t digits = gw_digits(at);
        if (!digits)
            return false;
        at += digits;
        if (at == separator)
            return true;
        if (*at != '.' && *at != '_')
            return false;
        at++;
    }
}

static bool has_ending(const char *name, const char *const *endings)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && endings[i]; i++)
        if (strcmp(dot, endings[i]) == 0)
            return true;
    return false;
}

/* beforeMigrate.sql, afterEachMigrate__names.sql, createSchema.sql: run around migrations. */
static bool is_callback(const char *path)
{
    static const char *const endings[] = {".sql", ".sh", ".bash", ".ps1", ".bat", ".cmd", ".py", NULL};
    const char *name = gw_path_base(path);
    bool before = strncmp(name, "before", 6) == 0 && name[6] >= 'A' && name[6] <= 'Z';
    bool after = strncmp(name, "after", 5) == 0 && name[5] >= 'A' && name[5] <= 'Z';
    bool create = strncmp(name, "createSchema", 12) == 0 && (name[12] == '.' || name[12] == '_');
    return (before || after || create) && has_ending(name, endings);
}

/* V2__name.java: a migration that is a program. */
static bool is_program(const char *path)
{
    static const char *const endings[] = {".java", ".kt",  ".groovy", ".scala", ".class", ".sh",
                                          ".bash", ".ps1", ".bat",    ".cmd",   ".py",    NULL};
    const char *name = gw_path_base(path), *dot = strrchr(name, '.');
    bool code = has_ending(name, endings);
    size_t stem = dot ? (size_t)(dot - name) : 0;
    char as_sql[256];
    parts p;
    if (!code || stem + sizeof ".sql" > sizeof as_sql)
        return false;
    memcpy(as_sql, name, stem);
    memcpy(as_sql + stem, ".sql", sizeof ".sql");
    return take_apart(as_sql, &p);
}

static bool named(const char *name)
{
    parts p;
    return take_apart(name, &p) || is_program(name);
}

/* Only folders below, as Flyway allows: V1/, V2/ … */
static const char *shape(gw_dir *dir)
{
    for (size_t i = 0; i < dir->files.len; i++)
        if (gw_has_suffix(dir->files.items[i].name, ".sql"))
            return NULL;
    for (size_t i = 0; i < dir->folders.len; i++) {
        gw_file_list entries = {0};
        gw_err ignored = {0};
        if (!gw_file_list_dir(dir->arena,
                              gw_path_join(dir->arena, dir->path, dir->folders.items[i]), &entries,
                              &ignored))
            gw_err_clear(&ignored); /* whoever reads that folder will say so */
        for (size_t k = 0; k < entries.len; k++)
            if (!entries.items[k].is_dir && named(entries.items[k].name))
                return gw_path_join(dir->arena, dir->folders.items[i], entries.items[k].name);
    }
    return NULL;
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t len = strlen(text);
    while (len && strchr(" \t\r", text[len - 1]))
        text[--len] = '\0';
    return text;
}

static bool read_bool(const gw_source *conf, unsigned line, const char *key, const char *value,
                      bool *out, gw_err *err)
{
    *out = strcasecmp(value, "true") == 0;
    return *out || strcasecmp(value, "false") == 0 ||
           gw_source_error(err, conf, line, "`%s` is true or false, not \"%s\"", key, value);
}

static void replace_placeholders(const gw_source *source, gw_script *script, bool on)
{
    if (!script->directives.env)
        script->sections[0].substitution =
            on && source->dollar_brace ? GW_SUBST_PLACEHOLDERS : GW_SUBST_NONE;
}

/* FILE.sql.conf: settings of one script. */
static bool read_conf(gw_dir *dir, const gw_source *source, gw_script *script, gw_err *err)
{
    gw_source *conf = gw_dir_source(dir, gw_printf(dir->arena, "%s.conf", source->name));
    gw_file_text text;
    if (!conf)
        return true;
    if (!gw_file_read(dir->arena, conf->path, CONF_LIMIT, &text, err))
        return false;
    unsigned line = 0;
    char *next = text.data;
    for (char *at; (at = strsep(&next, "\n"));) {
        line++;
        at = trim(at);
        char *equals = strchr(at, '=');
        if (!*at || *at == '#')
            continue;
        if (!equals)
            return gw_source_error(err, conf, line, "expected KEY=VALUE, found \"%s\"", at);
        *equals = '\0';
        const char *key = trim(at), *value = trim(equals + 1);
        bool on = true;
        if (strcmp(key, "executeInTransaction") == 0) {
            if (!read_bool(conf, line, key, value, &on, err))
                return false;
            script->directives.transaction_said = true;
            script->directives.no_transaction = !on;
        } else if (strcmp(key, "placeholderReplacement") == 0) {
            if (!read_bool(conf, line, key, value, &on, err))
                return false;
            replace_placeholders(source, script, on);
        } else if (!(strcmp(key, "encoding") == 0 && strcasecmp(value, "UTF-8") == 0) &&
                   !(strcmp(key, "shouldExecute") == 0 && strcasecmp(value, "true") == 0)) {
            gw_source_error(err, conf, line, "setting `%s=%s` is not followed by Godwit", key,
                            value);
            return gw_err_hint(err, "executeInTransaction, placeholderReplacement and "
                                    "encoding=UTF-8 are");
        }
    }
    return true;
}

static bool read_script(gw_dir *dir, const gw_flyway_conf *all, gw_source *source, gw_script *out,
                        gw_err *err)
{
    if (!gw_source_whole(dir, source, out, err))
        return false;
    replace_placeholders(source, out, !all->no_placeholders);
    if (all->no_transaction)
        out->directives.no_transaction = out->directives.transaction_said = true;
    return read_conf(dir, source, out, err);
}

/* Underscores between numbers are dots, as the history table has them. */
static char *version_text(gw_arena *arena, const parts *p)
{
    char *text = gw_strndup(arena, p->version, p->version_len);
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = '.';
    return text;
}

static char *description(gw_arena *arena, const parts *p)
{
    char *text = gw_strndup(arena, p->description, p->description_len);
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

static bool check_size(const gw_source *source, const char *version, gw_err *err)
{
    static const char most[] = "9223372036854775807";
    for (const char *at = version; *at; at += strcspn(at, "."), at += *at == '.') {
        const char *start = at + strspn(at, "0");
        size_t digits = gw_digits(start), limit = sizeof most - 1;
        if (digits < limit || (digits == limit && memcmp(start, most, limit) <= 0))
            continue;
        gw_source_error(err, source, 0, "the version of %s is too large", source->name);
        return gw_err_detail(err, "%s has a number over 2^63-1 (%s)", version, most);
    }
    return true;
}

/* Those of a run (who, where) are no change; ${flyway:timestamp} always is. */
static const char **constant_placeholders(gw_dir *dir)
{
    const char *const *own = dir->options->placeholders;
    GW_VEC(const char *) list = {0};
    for (size_t i = 0; own && own[i]; i++)
        *gw_vec_push(dir->arena, &list) = own[i];
    *gw_vec_push(dir->arena, &list) = "flyway:workingDirectory";
    *gw_vec_push(dir->arena, &list) = "";
    *gw_vec_push(dir->arena, &list) = NULL;
    return list.items;
}

/*
 * Flyway sums a repeatable file up as it runs, so that it runs again when a placeholder has another
 * value. One without a value leaves the checksum of the text: `up`, which fills it in, says so.
 */
static void sum_up_filled(gw_dir *dir, gw_migration *m)
{
    enum { CHUNK = 16 * 1024 };
    if (m->up.sections[0].substitution != GW_SUBST_PLACEHOLDERS)
        return;
    gw_arena *scratch = gw_arena_new();
    gw_script_context context = {.placeholders = constant_placeholders(dir),
                                 .database = "",
                                 .user = "",
                                 .environment = "",
                                 .schema = ""};
    gw_digest *digest = gw_digest_start(scratch, GW_SHA256);
    gw_sql_input input;
    gw_err unreadable = {0};
    char *text = gw_alloc(scratch, CHUNK);
    unsigned char sum[GW_DIGEST_MAX];
    long n = gw_section_open(scratch, &m->up, 0, &context, &input, &unreadable) ? 1 : -1;
    gw_digest_add(digest, m->checksum, strlen(m->checksum));
    while (n > 0 && (n = input.read(input.self, text, CHUNK, &unreadable)) > 0) {
        size_t kept = 0; /* without CR: a checkout with other line ends is the same file */
        for (size_t i = 0; i < (size_t)n; i++)
            if (text[i] != '\r')
                text[kept++] = text[i];
        gw_digest_add(digest, text, kept);
    }
    if (n == 0) {
        m->text_checksum = m->checksum;
        m->checksum = gw_hex(dir->arena, sum, gw_digest_finish(digest, sum));
    }
    gw_err_clear(&unreadable);
    gw_arena_free(scratch);
}

static bool add(gw_dir *dir, const gw_flyway_conf *all, gw_source *source, const parts *p,
                gw_err *err)
{
    bool repeatable = p->prefix == 'R';
    const char *base = gw_path_base(source->name);
    const char *version = repeatable ? gw_strndup(dir->arena, base, strlen(base) - strlen(".sql"))
                                     : version_text(dir->arena, p);
    if (!repeatable && !check_size(source, version, err))
        return false;
    gw_migration *m = gw_dir_add(dir, GW_FORMAT_FLYWAY, version, repeatable ? "0" : version,
                                 description(dir->arena, p));
    m->kind = repeatable ? GW_REPEATABLE : p->prefix == 'B' ? GW_BASELINE : GW_VERSIONED;
    m->foreign_id = source->name;
    if (!read_script(dir, all, source, &m->up, err))
        return false;
    m->checksum = source->checksum;
    if (repeatable)
        sum_up_filled(dir, m);
    return true;
}

static int order(const void *a, const void *b)
{
    return gw_migration_compare(a, b);
}

/* Migrations are sorted here. */
static bool add_undo(gw_dir *dir, const gw_flyway_conf *all, gw_source *source, const parts *p,
                     gw_err *err)
{
    const char *version = version_text(dir->arena, p);
    gw_migration_list *list = &dir->out->migrations;
    size_t low = 0, high = list->len;
    while (low < high) { /* the first of this version */
        size_t middle = low + (high - low) / 2;
        const gw_migration *m = &list->items[middle];
        if (m->kind != GW_REPEATABLE && gw_version_compare(m->order, version) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < list->len; i++) {
        gw_migration *m = &list->items[i];
        if (m->kind == GW_REPEATABLE || gw_version_compare(m->order, version) != 0)
            break;
        if (m->kind != GW_VERSIONED)
            continue;
        if (!m->down.present)
            return read_script(dir, all, source, &m->down, err);
        gw_source_error(err, source, 0, "version %s has two undo files", version);
        gw_err_detail(err, "%s and %s", m->down.path, source->path);
        return gw_err_hint(err, "remove one of them");
    }
    gw_source_error(err, source, 0, "%s undoes version %s, which has no file", source->name,
                    version);
    return gw_err_hint(err, "add V%s__NAME.sql, or remove it", version);
}

/* What Flyway would run and Godwit does not. */
static bool refuse_others(const gw_source *source, gw_err *err)
{
    if (is_callback(source->name)) {
        gw_source_error(err, source, 0, "%s is a callback of Flyway", source->name);
        gw_err_detail(err, "Godwit does not run callbacks");
        return gw_err_hint(err, "make it a repeatable migration (R__NAME.sql), or move it out of "
                                "the folder");
    }
    if (!is_program(source->name))
        return true;
    gw_source_error(err, source, 0, "%s is a migration that is a program", source->name);
    return gw_err_hint(err, "Godwit does not run programs: write it as SQL");
}

static bool read_folder(gw_dir *dir, gw_err *err)
{
    gw_flyway_conf all;
    if (!gw_flyway_conf_read(dir, &all, err))
        return false;
    /* The list of folders grows while it is walked: Flyway looks into all of them. */
    for (size_t i = 0; i < dir->folders.len; i++)
        if (!gw_dir_add_folder(dir, dir->folders.items[i], err))
            return false;
    parts p;
    for (size_t i = 0; i < dir->files.len; i++) {
        gw_source *source = &dir->files.items[i];
        if (!refuse_others(source, err))
            return false;
        if (!gw_has_suffix(source->name, ".sql"))
            continue;
        if (!take_apart(source->name, &p))
            return gw_name_error(err, source, gw_convention_flyway.pattern);
        if (p.prefix != 'U' && !add(dir, &all, source, &p, err))
            return false;
    }
    gw_migration_list *list = &dir->out->migrations;
    if (list->len > 1)
        qsort(list->items, list->len, sizeof *list->items, order);
    for (size_t i = 0; i < dir->files.len; i++) {
        gw_source *source = &dir->files.items[i];
        if (take_apart(source->name, &p) && p.prefix == 'U' && !add_undo(dir, &all, source, &p, err))
            return false;
    }
    return true;
}

static bool create(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err)
{
    return gw_new_file(
        dir, files, gw_printf(dir->arena, "V%s__%s.sql", wanted->version, wanted->name), "", err);
}

const gw_convention gw_convention_flyway = {
    .format = GW_FORMAT_FLYWAY,
    .pattern = "V1.2__NAME.sql, U1.2__NAME.sql, B1.2__NAME.sql or R__NAME.sql",
    .shape = shape,
    .named = named,
    .read = read_folder,
    .create = create,
};

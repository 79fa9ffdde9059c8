#include "migrate/convention/flyway_conf.h"

#include <string.h>
#include <strings.h>

#include "base/file.h"

enum { CONF_LIMIT = 1 << 20 };

/* One file on its way through the reader. */
typedef struct reading {
    gw_dir *dir;
    const gw_source *source;
    gw_flyway_conf *out;
    const char *section; /* TOML: [flyway] */
    unsigned line, col;
} reading;

#define RENAME "rename the files: Godwit reads V1__NAME.sql, U1__NAME.sql, B1__NAME.sql and R__NAME.sql"
#define MARKS "write placeholders as ${name}, and values under `placeholders:` in godwit.yaml"
#define CLASSES "Godwit runs no Java: write what it does as SQL, in a migration"

/* What means something else than what Godwit does, unless it says what Flyway does without it. */
static const struct rule {
    const char *key, *usual, *hint; /* usual: "" where any value is another one */
} rules[] = {
    {"sqlMigrationPrefix", "V", RENAME},
    {"undoSqlMigrationPrefix", "U", RENAME},
    {"baselineMigrationPrefix", "B", RENAME},
    {"repeatableSqlMigrationPrefix", "R", RENAME},
    {"sqlMigrationSeparator", "__", RENAME},
    {"sqlMigrationSuffixes", ".sql", RENAME},
    {"sqlMigrationSuffix", ".sql", RENAME},
    {"placeholderPrefix", "${", MARKS},
    {"placeholderSuffix", "}", MARKS},
    {"placeholderSeparator", ":", MARKS},
    {"delimiter", ";", "end statements with a semicolon"},
    {"encoding", "UTF-8", "write the files as UTF-8"},
    {"initSql", "", "give the role what it sets: ALTER ROLE … IN DATABASE … SET …"},
    {"target", "latest", "say it to the run: godwit up --to VERSION"},
    {"cherryPick", "", "move the files that are not to run out of the folder"},
    {"skipVersions", "", "move the files that are not to run out of the folder"},
    {"group", "false", "each file runs in a transaction of its own, with its row in the history"},
    {"callbacks", "", CLASSES},
    {"resolvers", "", CLASSES},
    {"skipDefaultResolvers", "false", CLASSES},
    {"callbackLocations", "", "Godwit does not run callbacks: make them repeatable migrations"},
};

static bool refuse(const reading *r, gw_err *err, const char *key, const char *value,
                   const char *hint)
{
    gw_source_error(err, r->source, r->line, "setting `%s=%s` of Flyway is not followed by Godwit",
                    key, value);
    gw_err_detail(err, "it changes which migrations run, or what they do");
    gw_err_hint(err, "%s; then take the line out, or keep the file elsewhere (flyway -configFiles=…)",
                hint);
    return gw_err_at(err, r->source->shown, r->line, r->col);
}

static bool is_usual(const char *usual, const char *value)
{
    return !*value || strcasecmp(usual, value) == 0 ||
           (strcmp(usual, "UTF-8") == 0 && strcasecmp(value, "UTF8") == 0);
}

/* Where names without a schema are made. The role says it here; whoever says it under
 * `placeholders:` too knows. */
static bool read_schema(const reading *r, const char *key, const char *value, gw_err *err)
{
    size_t len = strcspn(value, ",");
    const char *const *own = r->dir->options->placeholders;
    const char *said = "public";
    for (size_t i = 0; own && own[i]; i += 2)
        if (strcasecmp(own[i], "flyway:defaultSchema") == 0)
            said = own[i + 1];
    if (!len || (strlen(said) == len && memcmp(said, value, len) == 0))
        return true;
    return refuse(r, err, key, value,
                  gw_printf(r->dir->arena,
                            "let the role say it (ALTER ROLE … IN DATABASE … SET search_path = "
                            "%.*s) and `placeholders: { \"flyway:defaultSchema\": %.*s }` in "
                            "godwit.yaml",
                            (int)len, value, (int)len, value));
}

/* Files of another place would be missing without a word. */
static bool read_locations(const reading *r, const char *value, gw_err *err)
{
    if (!strpbrk(value, ",*?"))
        return true;
    return refuse(r, err, "locations", value,
                  "keep the files in one folder (Godwit looks into those below it too), or list "
                  "each under `migrations:` in godwit.yaml as {service, path}");
}

static bool read_flag(const reading *r, const char *key, const char *value, bool *off, gw_err *err)
{
    *off = strcasecmp(value, "false") == 0;
    return *off || strcasecmp(value, "true") == 0 ||
           refuse(r, err, key, value, "it is true or false");
}

static bool read_setting(const reading *r, const char *key, const char *value, gw_err *err)
{
    if (strcmp(key, "executeInTransaction") == 0)
        return read_flag(r, key, value, &r->out->no_transaction, err);
    if (strcmp(key, "placeholderReplacement") == 0)
        return read_flag(r, key, value, &r->out->no_placeholders, err);
    if (strcmp(key, "locations") == 0)
        return read_locations(r, value, err);
    if (strcmp(key, "defaultSchema") == 0 || strcmp(key, "schemas") == 0)
        return read_schema(r, key, value, err);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].key, key) == 0 && !is_usual(rules[i].usual, value))
            return refuse(r, err, key, value, rules[i].hint);
    return true;
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t len = strlen(text);
    while (len && strchr(" \t\r", text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* flyway.KEY=VALUE */
static bool read_property(reading *r, char *line, gw_err *err)
{
    static const char prefix[] = "flyway.";
    char *key = trim(line), *end = key + strcspn(key, "=: \t");
    r->col = (unsigned)(key - line) + 1;
    if (*key == '#' || *key == '!' || strncmp(key, prefix, sizeof prefix - 1) != 0)
        return true;
    char *value = end + strspn(end, " \t");
    value += *value == '=' || *value == ':';
    value = trim(value);
    *end = '\0';
    return read_setting(r, key + sizeof prefix - 1, value, err);
}

/* A value of TOML as Flyway's other format has it: a, b for ["a", "b"]. Ends at a comment. False: an
 * array goes on in the next line. */
static bool add_value(gw_buf *out, const char *text, int *depth)
{
    char quote = '\0';
    for (const char *at = text; *at; at++) {
        if (quote ? *at == quote : *at == '"' || *at == '\'')
            quote = quote ? '\0' : *at;
        else if (!quote && *at == '#')
            break;
        else if (!quote && (*at == '[' || *at == ']'))
            *depth += *at == '[' ? 1 : -1;
        else if (quote || !strchr(" \t\r", *at))
            gw_buf_addc(out, *at);
    }
    return *depth <= 0;
}

static bool read_toml_line(reading *r, char *line, char **next, gw_err *err)
{
    char *key = trim(line), *equals = strchr(key, '=');
    r->col = (unsigned)(key - line) + 1;
    if (*key == '[') {
        key[strcspn(key, "]")] = '\0';
        r->section = gw_strdup(r->dir->arena, trim(key + 1));
        return true;
    }
    if (!*key || *key == '#' || !equals)
        return true;
    *equals = '\0';
    gw_buf value = GW_BUF(r->dir->arena);
    int depth = 0;
    unsigned first = r->line, last = first;
    for (char *more = equals + 1; more && !add_value(&value, more, &depth); last++)
        more = strsep(next, "\n");
    key = trim(key);
    char *text = gw_strdup(r->dir->arena, gw_buf_str(&value));
    size_t len = strlen(text);
    if (len && text[len - 1] == ',')
        text[len - 1] = '\0';
    bool ours = strcmp(r->section, "flyway") == 0 || strncmp(r->section, "environments.", 13) == 0;
    if (!*r->section && strncmp(key, "flyway.", 7) == 0) {
        ours = true;
        key += 7;
    }
    bool ok = !ours || read_setting(r, key, text, err);
    r->line = last;
    return ok;
}

static bool read_file(void *self, const gw_above *found, bool *enough, gw_err *err)
{
    gw_file_text text;
    (void)enough;
    if (!gw_file_read(found->dir->arena, found->source->path, CONF_LIMIT, &text, err))
        return false;
    reading r = {.dir = found->dir, .source = found->source, .out = self, .section = ""};
    bool toml = gw_has_suffix(found->source->name, ".toml");
    char *next = text.data;
    for (char *line; (line = strsep(&next, "\n"));) {
        r.line++;
        if (!(toml ? read_toml_line(&r, line, &next, err) : read_property(&r, line, err)))
            return false;
    }
    return true;
}

bool gw_flyway_conf_read(gw_dir *dir, gw_flyway_conf *out, gw_err *err)
{
    static const char *const names[] = {"flyway.conf",      "flyway.toml",           "flyway.user.toml", "conf/flyway.conf",
                                        "conf/flyway.toml", "conf/flyway.user.toml", NULL};
    *out = (gw_flyway_conf){0};
    return gw_dir_above(dir, names, read_file, out, err);
}

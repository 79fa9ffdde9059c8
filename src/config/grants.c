#include "config/grants.h"

#include <ctype.h>
#include <string.h>

#include "config/effective.h"

static const char *const kinds[] = {"owner", "migrator", "application", "read-only", NULL};
static const char *const privileges[] = {"select", "insert", "update", "delete", "truncate",
                                         "references", "trigger", NULL};
static const char *const column_privileges[] = {"select", "insert", "update", "references", NULL};
static const char *const closable[] = {"database", "schemas", "tables", "functions", NULL};

typedef struct reading {
    const gw_setting_of *of;
    gw_grants *out;
    gw_grant_names schemas;   /* of the section: for roles that name none */
    gw_grant_role *role;      /* the one that is read */
    bool has_kind, says_login;
    gw_grant_table *table;
} reading;

const char *gw_role_kind_name(gw_role_kind kind)
{
    return kinds[kind];
}

static bool one_of(const char *text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

/* Names into a list, variables put in; words (NULL: any): what they have to be. */
static void take_names(gw_yaml_decoder *d, const reading *r, const gw_yaml_entry *entry,
                       const char *wanted, const char *const *words, gw_grant_names *out)
{
    gw_yaml_values values = {0};
    if (!gw_yaml_some(d, entry, wanted, &values))
        return;
    for (size_t i = 0; i < values.len; i++) {
        const gw_yaml_value *value = &values.items[i];
        const char *text;
        if (!gw_value_expand(d->arena, r->of->source, *value, d->problems, &text))
            continue;
        if (words && !one_of(text, words))
            gw_problem_add(d->problems, value->line, value->col, "\"%s\" takes %s, not \"%s\"",
                           entry->key, gw_name_list(d->arena, words), text);
        else
            *gw_vec_push(d->arena, out) = text;
    }
}

/* ---- a table of a role --------------------------------------------------------------------------- */

static const char *upper(gw_arena *arena, const char *text)
{
    char *copy = gw_strdup(arena, text);
    for (char *p = copy; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    return copy;
}

static void take_columns(gw_yaml_decoder *d, const reading *r, const gw_yaml_entry *entry,
                         gw_grant_table *table)
{
    for (size_t i = 0; i < entry->value.count; i++) {
        const gw_yaml_entry *each = &entry->value.entries[i];
        gw_grant_right right = {0};
        if (!one_of(each->key, column_privileges)) {
            gw_problem_add(d->problems, each->line, each->col,
                           "columns can be given %s, not \"%s\"",
                           gw_name_list(d->arena, column_privileges), each->key);
            continue;
        }
        right.privilege = upper(d->arena, each->key);
        take_names(d, r, each, "a list of columns", NULL, &right.columns);
        if (right.columns.len)
            *gw_vec_push(d->arena, &table->rights) = right;
    }
}

static void take_table(gw_yaml_decoder *d, const reading *r, const gw_yaml_entry *entry)
{
    gw_grant_table table = {.table = entry->key};
    gw_grant_names whole = {0};
    bool nothing = entry->value.kind == GW_YAML_LIST && !entry->value.count;
    if (!strchr(entry->key, '.'))
        gw_problem_add(d->problems, entry->line, entry->col,
                       "\"%s\" has to be a table with its schema: schema.table", entry->key);
    if (entry->value.kind == GW_YAML_MAP)
        take_columns(d, r, entry, &table);
    else if (!nothing)
        take_names(d, r, entry, "privileges, or a mapping of privileges to columns", privileges,
                   &whole);
    for (size_t i = 0; i < whole.len; i++)
        *gw_vec_push(d->arena, &table.rights) =
            (gw_grant_right){.privilege = upper(d->arena, whole.items[i])};
    *gw_vec_push(d->arena, &r->role->tables) = table;
}

/* ---- a role ---------------------------------------------------------------------------------------- */

static void take_kind(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                      void *target)
{
    reading *r = target;
    int index = 0;
    (void)key;
    r->has_kind = true; /* what is wrong with it has been said */
    if (gw_yaml_choice(d, entry, kinds, &index))
        r->role->kind = (gw_role_kind)index;
}

static void take_login(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                       void *target)
{
    reading *r = target;
    (void)key;
    r->says_login = gw_yaml_bool(d, entry, &r->role->login);
}

static void take_limit(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                       void *target)
{
    reading *r = target;
    gw_yaml_value value;
    unsigned limit;
    if (gw_yaml_single(d, entry, &value) &&
        gw_setting_take(r->of, GW_VALUE_COUNT, key->name, NULL, value, &limit))
        r->role->connection_limit = limit;
}

static void take_time(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                      void *target)
{
    static const struct {
        const char *key, *name;
    } names[] = {{"statement_timeout", "statement_timeout"},
                 {"lock_timeout", "lock_timeout"},
                 {"idle_in_transaction_timeout", "idle_in_transaction_session_timeout"},
                 {"idle_timeout", "idle_session_timeout"}};
    reading *r = target;
    gw_yaml_value value;
    gw_grant_setting setting = {.name = names[key->type].name};
    if (gw_yaml_single(d, entry, &value) &&
        gw_setting_take(r->of, GW_VALUE_DURATION, key->name, NULL, value, &setting.ms))
        *gw_vec_push(d->arena, &r->role->settings) = setting;
}

static void take_role_schemas(gw_yaml_decoder *d, const gw_yaml_key *key,
                              const gw_yaml_entry *entry, void *target)
{
    reading *r = target;
    (void)key;
    take_names(d, r, entry, "a list of schemas", NULL, &r->role->schemas);
}

static void take_tables(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                        void *target)
{
    (void)key;
    if (!gw_yaml_is_map(d, entry))
        return;
    for (size_t i = 0; i < entry->value.count; i++)
        take_table(d, target, &entry->value.entries[i]);
}

static void take_role(gw_yaml_decoder *d, reading *r, const gw_yaml_entry *entry)
{
    static const gw_yaml_key keys[] = {
        {"is", take_kind, 0, 0},
        {"login", take_login, 0, 0},
        {"connection_limit", take_limit, 0, 0},
        {"statement_timeout", take_time, 0, 0},
        {"lock_timeout", take_time, 0, 1},
        {"idle_in_transaction_timeout", take_time, 0, 2},
        {"idle_timeout", take_time, 0, 3},
        {"schemas", take_role_schemas, 0, 0},
        {"tables", take_tables, 0, 0},
    };
    gw_grant_role role = {.name = entry->key, .connection_limit = -1};
    r->role = &role;
    r->has_kind = r->says_login = false;
    if (!*role.name || strlen(role.name) > 63)
        gw_problem_add(d->problems, entry->line, entry->col, "a role's name has 1 to 63 bytes");
    if (strncmp(role.name, "pg_", 3) == 0 || strcmp(role.name, "public") == 0)
        gw_problem_add(d->problems, entry->line, entry->col,
                       "\"%s\" is PostgreSQL's own and cannot be declared", role.name);
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), r);
    if (!r->has_kind)
        gw_problem_add(d->problems, entry->line, entry->col,
                       "the role \"%s\" needs \"is\": owner, migrator, application or read-only",
                       role.name);
    if (!r->says_login)
        role.login = role.kind != GW_ROLE_OWNER;
    if (role.tables.len && role.kind < GW_ROLE_APPLICATION)
        gw_problem_add(d->problems, entry->line, entry->col,
                       "\"tables\" is for application and read-only roles");
    *gw_vec_push(d->arena, &r->out->roles) = role;
}

/* ---- the section ------------------------------------------------------------------------------------- */

static void take_roles(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                       void *target)
{
    (void)key;
    if (!gw_yaml_is_map(d, entry))
        return;
    for (size_t i = 0; i < entry->value.count; i++)
        take_role(d, target, &entry->value.entries[i]);
}

static void take_schemas(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                         void *target)
{
    reading *r = target;
    (void)key;
    take_names(d, r, entry, "a list of schemas", NULL, &r->schemas);
}

static void take_closed(gw_yaml_decoder *d, const gw_yaml_key *key, const gw_yaml_entry *entry,
                        void *target)
{
    reading *r = target;
    (void)key;
    take_names(d, r, entry, "a list of database, schemas, tables and functions", closable,
               &r->out->closed);
}

void gw_config_take_grants(const gw_setting_of *of, const gw_yaml_entry *entry, gw_grants *out)
{
    static const gw_yaml_key keys[] = {
        {"schemas", take_schemas, 0, 0},
        {"revoke_public", take_closed, 0, 0},
        {"roles", take_roles, 0, 0},
    };
    gw_yaml_decoder d = {.arena = of->arena, .problems = of->problems};
    reading r = {.of = of, .out = out};
    size_t owners = 0;
    *out = (gw_grants){0};
    if (!entry || !gw_yaml_is_map(&d, entry))
        return;
    gw_yaml_take_keys(&d, &entry->value, GW_YAML_KEYS(keys), &r);
    if (!out->roles.len)
        gw_problem_add(of->problems, entry->line, entry->col, "\"grants\" has no roles");
    if (!r.schemas.len)
        *gw_vec_push(of->arena, &r.schemas) = "public";
    for (size_t i = 0; i < out->roles.len; i++) {
        gw_grant_role *role = &out->roles.items[i];
        if (!role->schemas.len)
            role->schemas = r.schemas;
        owners += role->kind == GW_ROLE_OWNER;
    }
    if (owners > 1)
        gw_problem_add(of->problems, entry->line, entry->col,
                       "\"grants\" has more than one owner");
}

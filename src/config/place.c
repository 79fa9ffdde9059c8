#include "config/place.h"

#include <string.h>

#include "config/source.h"

static const gw_raw_environment *raw_of(const gw_config *config, const gw_environment *environment)
{
    for (size_t i = 0; config->file && i < config->source->raw.environments.len; i++)
        if (strcmp(config->source->raw.environments.items[i].name, environment->name) == 0)
            return &config->source->raw.environments.items[i];
    return NULL;
}

gw_config_place gw_config_url_place(const gw_config *config, const gw_environment *environment, bool direct)
{
    const gw_raw_environment *raw = raw_of(config, environment);
    if (!raw || strcmp(environment->url_source, "godwit.yaml") != 0)
        return (gw_config_place){0};
    const gw_config_value *value = direct ? &raw->direct_url : &raw->url;
    return value->text ? (gw_config_place){config->file, value->line, value->col} : (gw_config_place){0};
}

gw_config_place gw_config_tenant_place(const gw_config *config, const gw_environment *environment,
                                       const char *database)
{
    const gw_raw_environment *raw = raw_of(config, environment);
    for (size_t i = 0; raw && i < environment->for_each.database_count; i++) {
        const char *name = environment->for_each.databases[i];
        if (name && strcmp(name, database) == 0)
            return (gw_config_place){config->file, raw->databases->entries[i].value.line,
                                     raw->databases->entries[i].value.col};
    }
    return (gw_config_place){0};
}

const char *gw_config_pattern_hint(gw_arena *arena, const char *name)
{
    if (!strpbrk(name, "%*?"))
        return NULL;
    return gw_printf(arena,
                     "for_each: { databases: … } takes each database by its name, and no pattern: [crm_acme, crm_blue]; "
                     "a pattern is for schemas of one database: for_each: { schemas: \"%s\" }",
                     name);
}

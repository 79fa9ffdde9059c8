#include "migrate/convention/node_conf.h"

#include <string.h>

#include "migrate/convention/json5.h"

#define ELSEWHERE "; then keep these settings in a file of their own (node-pg-migrate --config-file FILE)"

static bool refuse(const gw_source *source, const gw_json5_item *item, const char *hint, gw_err *err)
{
    gw_source_error(err, source, item->line, "setting `%s` of node-pg-migrate is not followed by Godwit", item->path);
    gw_err_detail(err, "it changes which migrations run, or where they make what they name without a schema");
    gw_err_hint(err, "%s" ELSEWHERE, hint);
    return gw_err_at(err, source->shown, item->line, item->col);
}

/* The tool sets search_path to it, and to public without it. */
static const gw_json5_item *other_schema(const gw_json5 *json)
{
    const gw_json5_item *said = gw_json5_find(json, "db.schema");
    if (!said || strcmp(said->text, "public") == 0)
        return NULL;
    bool is_public = said->children == 1 && strcmp(said[1].text, "public") == 0;
    return is_public ? NULL : said;
}

static bool read_one(void *self, const gw_above *found, bool *enough, gw_err *err)
{
    gw_json5 json;
    (void)self;
    (void)enough;
    if (!gw_json5_read(found->dir, found->source, &json, err))
        return false;
    const gw_json5_item *schema = other_schema(&json), *glob = gw_json5_find(&json, "db.use-glob");
    const gw_json5_item *ignored = gw_json5_find(&json, "db.ignore-pattern");
    if (schema)
        return refuse(found->source, schema, "let the role say it: ALTER ROLE … IN DATABASE … SET search_path = …", err);
    if (glob)
        return refuse(found->source, glob, "keep the files in one folder, or list each under `migrations:` in godwit.yaml "
                                           "as {service, path}", err);
    if (ignored && strcmp(ignored->text, "\\..*") != 0)
        return refuse(found->source, ignored, "move the files that are not to run out of the folder", err);
    return true;
}

bool gw_node_conf_check(gw_dir *dir, gw_err *err)
{
    static const char *const names[] = {"config/default.json",    "config/development.json", "config/test.json",
                                        "config/staging.json",    "config/production.json",  "config/local.json",
                                        "config/default.json5",   "config/production.json5", NULL};
    return gw_dir_above(dir, names, read_one, NULL, err);
}

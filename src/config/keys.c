#include "config/keys.h"

#include <string.h>
#include <strings.h>

enum { MAX_KEYS = 32 };

void gw_yaml_wrong_kind(gw_yaml_decoder *d, const gw_yaml_entry *entry, const char *wanted)
{
    if (entry->value.kind == GW_YAML_NULL)
        gw_problem_add(d->problems, entry->line, entry->col, "\"%s\" has no value", entry->key);
    else
        gw_problem_add(d->problems, entry->value.line, entry->value.col,
                       "\"%s\" takes %s, not %s", entry->key, wanted,
                       gw_yaml_kind_name(entry->value.kind));
}

static void unknown_key(gw_yaml_decoder *d, const gw_yaml_entry *entry, const gw_yaml_key *keys,
                        size_t count)
{
    const char *names[MAX_KEYS + 1] = {0};
    for (size_t i = 0; i < count && i < MAX_KEYS; i++)
        names[i] = keys[i].name;
    gw_problem_add(d->problems, entry->line, entry->col, "unknown key \"%s\"", entry->key);
    const char *meant = gw_did_you_mean(entry->key, names);
    if (meant)
        gw_problem_hint(d->problems, "did you mean \"%s\"?", meant);
    else
        gw_problem_hint(d->problems, "known here: %s", gw_name_list(d->arena, names));
}

void gw_yaml_take_keys(gw_yaml_decoder *d, const gw_yaml *map, const gw_yaml_key *keys,
                       size_t count, void *target)
{
    for (size_t i = 0; i < map->count; i++) {
        const gw_yaml_entry *entry = &map->entries[i];
        size_t k = 0;
        while (k < count && strcmp(keys[k].name, entry->key) != 0)
            k++;
        if (k < count)
            keys[k].take(d, &keys[k], entry, target);
        else if (strncmp(entry->key, "x-", 2) != 0)
            unknown_key(d, entry, keys, count);
    }
}

bool gw_yaml_is_map(gw_yaml_decoder *d, const gw_yaml_entry *entry)
{
    if (entry->value.kind == GW_YAML_MAP)
        return true;
    if (entry->value.kind != GW_YAML_NULL)
        gw_yaml_wrong_kind(d, entry, "a mapping");
    return false;
}

bool gw_yaml_is_texts(const gw_yaml *list)
{
    if (list->kind != GW_YAML_LIST || list->count == 0)
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].value.kind != GW_YAML_SCALAR || !*list->entries[i].value.text)
            return false;
    return true;
}

bool gw_yaml_single(gw_yaml_decoder *d, const gw_yaml_entry *entry, gw_yaml_value *out)
{
    if (entry->value.kind != GW_YAML_SCALAR) {
        gw_yaml_wrong_kind(d, entry, "a single value");
        return false;
    }
    *out = (gw_yaml_value){
        .text = entry->value.text, .line = entry->value.line, .col = entry->value.col};
    return true;
}

bool gw_yaml_some(gw_yaml_decoder *d, const gw_yaml_entry *entry, const char *wanted,
                  gw_yaml_values *out)
{
    const gw_yaml *value = &entry->value;
    bool one = value->kind == GW_YAML_SCALAR && *value->text;
    if (!one && !gw_yaml_is_texts(value)) {
        if (value->kind == GW_YAML_SCALAR)
            gw_problem_add(d->problems, value->line, value->col, "\"%s\" is empty", entry->key);
        else if (value->kind == GW_YAML_LIST && !value->count)
            gw_problem_add(d->problems, entry->line, entry->col, "\"%s\" is an empty list",
                           entry->key);
        else
            gw_yaml_wrong_kind(d, entry, wanted);
        return false;
    }
    for (size_t i = 0; i < (one ? 1 : value->count); i++) {
        const gw_yaml *item = one ? value : &value->entries[i].value;
        *gw_vec_push(d->arena, out) =
            (gw_yaml_value){.text = item->text, .line = item->line, .col = item->col};
    }
    return true;
}

bool gw_bool_parse(const char *text, bool *out)
{
    static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {"false", "no", "off"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
            *out = strcasecmp(text, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

bool gw_yaml_bool(gw_yaml_decoder *d, const gw_yaml_entry *entry, bool *out)
{
    gw_yaml_value value;
    if (!gw_yaml_single(d, entry, &value))
        return false;
    return gw_bool_parse(value.text, out) ||
           gw_problem_add(d->problems, value.line, value.col,
                          "\"%s\" takes true or false, not \"%s\"", entry->key, value.text);
}

bool gw_yaml_choice(gw_yaml_decoder *d, const gw_yaml_entry *entry, const char *const *words,
                    int *out)
{
    gw_yaml_value value;
    if (!gw_yaml_single(d, entry, &value))
        return false;
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], value.text) == 0) {
            *out = i;
            return true;
        }
    gw_problem_add(d->problems, value.line, value.col, "\"%s\" takes %s, not \"%s\"", entry->key,
                   gw_name_list(d->arena, words), value.text);
    const char *meant = gw_did_you_mean(value.text, words);
    return meant ? gw_problem_hint(d->problems, "did you mean \"%s\"?", meant) : false;
}

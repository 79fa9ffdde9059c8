#include "config/maintain.h"

#include <string.h>

#include "base/clock.h"

typedef gw_yaml_decoder decoder;
typedef gw_yaml_key key_spec;

gw_config_maintain gw_config_maintain_default(void)
{
    return (gw_config_maintain){
        .lock_timeout_ms = GW_CONFIG_UNSAID,
        .budget_ms = 10 * 60 * 1000,
        .archive = "archive",
        .retention = {{90, GW_UNIT_DAY}, {30, GW_UNIT_DAY}, {30, GW_UNIT_DAY}, {365, GW_UNIT_DAY}},
        .vacuum = true,
        .reindex = true,
    };
}

static void take_text(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    gw_yaml_value value;
    if (!gw_yaml_single(d, entry, &value))
        return;
    if (!*value.text)
        gw_problem_add(d->problems, value.line, value.col, "\"%s\" is empty", entry->key);
    *(const char **)(void *)((char *)target + key->offset) = value.text;
}

static void take_bool(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    gw_yaml_bool(d, entry, (bool *)(void *)((char *)target + key->offset));
}

static void take_duration(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    gw_yaml_value value;
    if (!gw_yaml_single(d, entry, &value) ||
        gw_duration_parse(value.text, (int64_t *)(void *)((char *)target + key->offset)))
        return;
    gw_problem_add(d->problems, value.line, value.col, "\"%s\" takes a duration, not \"%s\"",
                   entry->key, value.text);
    gw_problem_hint(d->problems, "write it as \"500ms\", \"2s\", \"15min\", \"1h\"; a bare number "
                                 "is milliseconds");
}

enum { OF_TIME = 1, OF_NUMBER = 2 };

static void take_amount(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    gw_yaml_value value;
    gw_period *out = (void *)((char *)target + key->offset);
    bool number = key->type & OF_NUMBER;
    if (!gw_yaml_single(d, entry, &value))
        return;
    if (gw_period_parse(value.text, out) && (out->unit != GW_UNIT_NONE || number))
        return;
    gw_problem_add(d->problems, value.line, value.col, "\"%s\" takes %s, not \"%s\"", entry->key,
                   number ? "a time or a number" : "a time", value.text);
    gw_problem_hint(d->problems, "write it as \"12h\", \"90d\", \"3 months\"%s",
                    number ? " or 5" : "");
}

/* "month", or 1000000: what one partition holds. */
static void take_every(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    gw_yaml_value value;
    gw_period *out = (void *)((char *)target + key->offset);
    if (!gw_yaml_single(d, entry, &value))
        return;
    bool ok = gw_period_parse(value.text, out);
    bool unit = ok && out->number == 1 && out->unit >= GW_UNIT_HOUR;
    if (unit || (ok && out->unit == GW_UNIT_NONE))
        return;
    gw_problem_add(d->problems, value.line, value.col,
                   "\"every\" takes hour, day, week, month, quarter, year or a number of values, "
                   "not \"%s\"",
                   value.text);
}

#define PARTITION(member) offsetof(gw_config_partition, member)

static void take_key(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    gw_yaml_some(d, entry, "a column, or a list of them",
                 (gw_yaml_values *)(void *)((char *)target + key->offset));
}

static void take_convert(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"by", take_text, PARTITION(convert_by), 0},
        {"key", take_key, PARTITION(key), 0},
    };
    (void)key;
    if (!gw_yaml_is_map(d, entry))
        return;
    gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
    if (!((gw_config_partition *)target)->convert_by)
        gw_problem_add(d->problems, entry->line, entry->col,
                       "\"convert\" has to say by which column (by: created_at)");
}

static void check_partition(decoder *d, const gw_config_maintain *out,
                            const gw_config_partition *p)
{
    bool number = p->every.unit == GW_UNIT_NONE;
    if (!p->table || !p->every.number) {
        gw_problem_add(d->problems, p->line, p->col, "this entry has no \"%s\"",
                       p->table ? "every" : "table");
        gw_problem_hint(d->problems, "write {table: shop.orders, every: month, ahead: 3 months}");
        return;
    }
    if (number && (p->ahead.unit != GW_UNIT_NONE || p->keep.unit != GW_UNIT_NONE))
        gw_problem_add(d->problems, p->line, p->col,
                       "the partitions of %s go by number: \"ahead\" and \"keep\" are numbers of "
                       "partitions",
                       p->table);
    for (size_t i = 0; i + 1 < out->partitions.len; i++)
        if (out->partitions.items[i].table && strcmp(out->partitions.items[i].table, p->table) == 0)
            gw_problem_add(d->problems, p->line, p->col, "the table %s is given twice", p->table);
}

static void take_partitions(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                            void *target)
{
    static const key_spec keys[] = {
        {"table", take_text, PARTITION(table), 0},
        {"every", take_every, PARTITION(every), 0},
        {"ahead", take_amount, PARTITION(ahead), OF_TIME | OF_NUMBER},
        {"keep", take_amount, PARTITION(keep), OF_TIME | OF_NUMBER},
        {"archive", take_bool, PARTITION(archive), 0},
        {"convert", take_convert, 0, 0},
    };
    gw_config_maintain *out = target;
    (void)key;
    if (entry->value.kind != GW_YAML_LIST) {
        gw_yaml_wrong_kind(d, entry, "a list of {table, every}");
        return;
    }
    for (size_t i = 0; i < entry->value.count; i++) {
        const gw_yaml *item = &entry->value.entries[i].value;
        gw_config_partition *each = gw_vec_push(d->arena, &out->partitions);
        *each = (gw_config_partition){.ahead = {3, GW_UNIT_NONE},
                                      .archive = true,
                                      .line = item->line,
                                      .col = item->col};
        size_t problems = d->problems->list.len;
        gw_yaml_take_keys(d, item, GW_YAML_KEYS(keys), each);
        if (d->problems->list.len == problems)
            check_partition(d, out, each);
    }
}

#define STATEMENT(member) offsetof(gw_config_statement, member)

static void take_statements(decoder *d, const key_spec *key, const gw_yaml_entry *entry,
                            void *target)
{
    static const key_spec keys[] = {
        {"sql", take_text, STATEMENT(sql), 0},
        {"every", take_amount, STATEMENT(every), OF_TIME},
    };
    gw_config_maintain *out = target;
    (void)key;
    if (!gw_yaml_is_map(d, entry))
        return;
    for (size_t i = 0; i < entry->value.count; i++) {
        const gw_yaml_entry *item = &entry->value.entries[i];
        gw_config_statement *each = gw_vec_push(d->arena, &out->statements);
        *each = (gw_config_statement){.name = item->key, .line = item->line, .col = item->col};
        if (item->value.kind == GW_YAML_SCALAR && *item->value.text) {
            each->sql = item->value.text; /* each time */
            continue;
        }
        size_t problems = d->problems->list.len;
        if (item->value.kind == GW_YAML_MAP)
            gw_yaml_take_keys(d, &item->value, GW_YAML_KEYS(keys), each);
        else
            gw_yaml_wrong_kind(d, item, "a statement, or {sql, every}");
        if (d->problems->list.len == problems && !each->sql)
            gw_problem_add(d->problems, item->line, item->col, "\"%s\" has no \"sql\"", item->key);
    }
}

#define OUT(member) offsetof(gw_config_maintain, member)

static void take_retention(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"logs", take_amount, OUT(retention.logs), OF_TIME},
        {"checkpoints", take_amount, OUT(retention.checkpoints), OF_TIME},
        {"analyses", take_amount, OUT(retention.analyses), OF_TIME},
        {"departed", take_amount, OUT(retention.departed), OF_TIME},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

static void take_backups(decoder *d, const key_spec *key, const gw_yaml_entry *entry, void *target)
{
    static const key_spec keys[] = {
        {"every", take_amount, OUT(backups.every), OF_TIME},
        {"verify", take_amount, OUT(backups.verify), OF_TIME},
        {"prune", take_bool, OUT(backups.prune), 0},
    };
    (void)key;
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), target);
}

void gw_config_maintain_decode(decoder *d, const gw_yaml_entry *entry, gw_config_maintain *out)
{
    static const key_spec keys[] = {
        {"lock_timeout", take_duration, OUT(lock_timeout_ms), 0},
        {"budget", take_duration, OUT(budget_ms), 0},
        {"archive", take_text, OUT(archive), 0},
        {"partitions", take_partitions, 0, 0},
        {"statements", take_statements, 0, 0},
        {"retention", take_retention, 0, 0},
        {"vacuum", take_bool, OUT(vacuum), 0},
        {"reindex", take_bool, OUT(reindex), 0},
        {"backups", take_backups, 0, 0},
    };
    if (gw_yaml_is_map(d, entry))
        gw_yaml_take_keys(d, &entry->value, GW_YAML_KEYS(keys), out);
}

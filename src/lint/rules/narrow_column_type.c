#include "lint/rule.h"

static int rank(const gw_data_type *t)
{
    static const char *const sizes[] = {"int2", "int4", "int8", "numeric"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (gw_data_type_is(t, sizes[i]))
            return (int)i + 1;
    return 0;
}

static bool is_text(const gw_data_type *t)
{
    return gw_data_type_is(t, "text") || gw_data_type_is(t, "varchar") ||
           gw_data_type_is(t, "bpchar");
}

static bool narrows(const gw_data_type *from, const gw_data_type *to)
{
    if (rank(from) && rank(to) && rank(from) != rank(to))
        return rank(to) < rank(from);
    if (is_text(from) && is_text(to))
        return to->mod_count && (!from->mod_count || to->mods[0] < from->mods[0]);
    if (gw_data_type_is(from, "numeric") && gw_data_type_is(to, "numeric"))
        return to->mod_count && (!from->mod_count || to->mods[1] < from->mods[1] ||
                                 to->mods[0] - to->mods[1] < from->mods[0] - from->mods[1]);
    bool time = gw_data_type_is(from, "timestamptz") || gw_data_type_is(from, "timestamp");
    if (time && (gw_data_type_is(to, "date") || gw_data_type_is(to, "time")))
        return true;
    return gw_data_type_is(from, "float8") && gw_data_type_is(to, "float4");
}

static void run(gw_lint *l, const gw_command_seen *c)
{
    const gw_column *column = gw_relation_column(c->relation, c->name);
    gw_data_type to = gw_data_type_of(l->arena, gw_node_get(c->def, "typeName"));
    if (column && !c->fresh && narrows(&column->type, &to))
        gw_found(l, l->statement, gw_node_get(c->def, "typeName"),
                 gw_shown(l, c->schema, c->table), c->name,
                 gw_data_type_text(l->arena, &column->type), gw_data_type_text(l->arena, &to),
                 NULL);
}

const gw_rule gw_rule_narrow_column_type = {
    {"narrow_column_type", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "{}.{} goes from {} to {}: a value that does not fit makes the migration fail, or is cut",
     "A longer text, a greater number or a time of day is refused (integers, varchar), rounded "
     "(numeric, timestamps) or cut (char, an explicit cast).",
     "Count the values that would not fit first, and settle them; godwit plan counts them on the "
     "target."},
    .on = GW_ON("AT_AlterColumnType"),
    .command = run,
};

/* What can be told of an expression from its tree. */
#include <string.h>

#include "lint/rule.h"

/* Functions of pg_catalog that schemas call in defaults, checks and indexes; the same for all rows of
 * a statement, or of each row anew. */
static const char *const stable_functions[] = {
    "now", "transaction_timestamp", "statement_timestamp", "current_setting", "current_database",
    "current_schema", "current_query", "session_user", "current_user", "txid_current",
    "pg_current_xact_id", "inet_client_addr", "inet_server_addr", "timezone", "to_char",
    "to_timestamp", "to_date", "date_trunc", "to_jsonb", "to_json", "row_to_json", "json_build_object",
    "jsonb_build_object", "concat", "concat_ws", "format", "age", "date_part", "extract",
    "pg_get_userbyid", "currval", "lastval", NULL};
static const char *const volatile_functions[] = {
    "random", "random_normal", "setseed", "gen_random_uuid", "uuidv4", "uuidv7", "uuid_generate_v1",
    "uuid_generate_v1mc", "uuid_generate_v4", "clock_timestamp", "timeofday", "nextval", "setval",
    "gen_random_bytes", "pg_sleep", "pg_backend_pid", "gen_salt", "generate_ulid", "ulid_generate",
    "uuid_generate_v7", "nanoid", NULL};
static const char *const constant_functions[] = {
    "abs", "array_length", "array_position", "array_remove", "array_to_string", "array_to_tsvector",
    "ascii", "bit_length", "btrim", "cardinality", "ceil", "ceiling", "char_length",
    "character_length", "chr", "coalesce", "convert_from", "convert_to", "daterange", "decode",
    "digest", "div", "encode", "exp", "floor", "greatest", "hashtext", "hmac", "host", "int4range",
    "int8range", "initcap", "isempty", "jsonb_array_length", "jsonb_typeof", "json_typeof",
    "jsonb_path_exists", "least", "left", "length", "ln", "log", "lower", "lower_inc", "lpad", "ltrim",
    "make_date", "make_interval", "make_time", "make_timestamp", "masklen", "md5", "mod", "network",
    "nullif", "num_nonnulls", "num_nulls", "numrange", "octet_length", "overlay", "position",
    "power", "regexp_match", "regexp_matches", "regexp_replace", "repeat", "replace", "reverse",
    "right", "round", "rpad", "rtrim", "setweight", "sha224", "sha256", "sha384", "sha512", "sign",
    "split_part", "sqrt", "starts_with", "strpos", "substr", "substring", "to_hex", "to_number",
    "to_tsquery", "to_tsvector", "translate", "trim", "trunc", "tsrange", "tstzrange",
    "tsvector_to_array", "upper", "upper_inc", "width_bucket", "xpath", "array_append",
    "array_prepend", "array_cat", "string_to_array", "jsonb_set", "jsonb_object", "justify_days",
    "justify_hours", "text", "date", "int4", "int8", "numeric", "bool", "varchar", "jsonb_strip_nulls",
    "pg_column_size", "set_bit", "get_bit", "uuid_nil", "uuid_ns_url", "to_regclass", "cbrt",
    "degrees", "radians", "pi", "gcd", "lcm", "factorial", "scale", "min_scale", "trim_scale",
    "normalize", "is_normalized", "jsonb_extract_path", "jsonb_extract_path_text",
    "json_extract_path_text", "overlaps", "isfinite", "date_bin", "point", "box", "circle", "polygon",
    NULL};
/* Not in defaults, but called all the same. */
static const char *const other_functions[] = {
    "count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg",
    "json_object_agg", "jsonb_object_agg", "bool_and", "bool_or", "every", "row_number", "rank",
    "dense_rank", "ntile", "lag", "lead", "first_value", "last_value", "nth_value", "cume_dist",
    "percent_rank", "percentile_cont", "percentile_disc", "mode", "unnest", "generate_series",
    "generate_subscripts", "regexp_split_to_table", "string_to_table", "regexp_split_to_array",
    "jsonb_each", "jsonb_each_text", "json_each", "json_each_text", "jsonb_array_elements",
    "jsonb_array_elements_text", "json_array_elements", "jsonb_object_keys", "jsonb_to_recordset",
    "json_to_recordset", "jsonb_populate_record", "pg_advisory_lock", "pg_advisory_xact_lock",
    "pg_advisory_unlock", "pg_try_advisory_lock", "pg_notify", "set_config", "pg_get_serial_sequence",
    "quote_ident", "quote_literal", "quote_nullable", "ts_rank", "ts_rank_cd", "ts_headline",
    "plainto_tsquery", "phraseto_tsquery", "websearch_to_tsquery", "array_to_json", "json_object",
    "obj_description", "col_description", "format_type", "pg_relation_size", "has_table_privilege",
    "pg_total_relation_size", "pg_size_pretty", "pg_table_size", "pg_typeof", "version", "array_fill",
    "array_dims", "array_ndims", "array_upper", "array_lower", "array_positions", "array_replace",
    "stddev", "variance", "corr", "regr_slope", "bit_and", "bit_or", "xmlagg", "xmlelement", "grouping",
    "suppress_redundant_updates_trigger", "tsvector_update_trigger", "range_agg", "range_merge",
    "tsvector_update_trigger_column", "pg_get_viewdef", "pg_get_functiondef", "pg_is_in_recovery",
    "quote_nullable", "query_to_xml", "row", "regexp_count", "regexp_like", "regexp_instr",
    "regexp_substr", "any_value", "array_shuffle", "array_sample", "pg_terminate_backend",
    "pg_cancel_backend", "json_array_elements_text", "jsonb_insert", "jsonb_pretty", "daterange",
    "txid_current_snapshot", "pg_current_wal_lsn", "pg_try_advisory_xact_lock", "to_regtype",
    "to_regproc", "has_schema_privilege", "pg_get_constraintdef", "pg_get_indexdef",
    "jsonb_path_query", "jsonb_path_query_array", "jsonb_path_query_first", "jsonb_path_match",
    "json_build_array", "jsonb_build_array", "pg_get_expr", "obj_description", "shobj_description",
    "st_makepoint", "date_add", "date_subtract", "make_timestamptz", "inet_merge", "broadcast",
    "netmask", "hostmask", "family", "abbrev", "set_masklen", NULL};

void gw_call_name(const gw_node *call, const char **schema, const char **name)
{
    gw_node_names(gw_node_get(call, "funcname"), schema, name);
    if (*schema && strcmp(*schema, "pg_catalog") == 0)
        *schema = NULL;
}

bool gw_builtin_function(const char *name)
{
    return gw_one_of(name, stable_functions) || gw_one_of(name, constant_functions) ||
           gw_one_of(name, other_functions) || strncmp(name, "pg_", 3) == 0 ||
           (gw_one_of(name, volatile_functions) && strncmp(name, "uuid_generate", 13) != 0 &&
            strstr(name, "ulid") == NULL && !gw_one_of(name, GW_ON("gen_random_bytes", "gen_salt",
                                                                   "nanoid")));
}

typedef struct kind_walk {
    const gw_model *model;
    bool stable, is_volatile;
} kind_walk;

static void see_call(kind_walk *w, const gw_node *call)
{
    const char *schema, *name;
    gw_call_name(call, &schema, &name);
    if (!name)
        return;
    const gw_function *own = w->model ? gw_model_function(w->model, schema, name) : NULL;
    if (own) {
        w->is_volatile |= own->volatility == 'v';
        w->stable |= own->volatility == 's';
    } else if (gw_one_of(name, stable_functions)) {
        w->stable = true;
    } else if (!gw_one_of(name, constant_functions)) {
        w->is_volatile = true; /* as PostgreSQL takes one that says nothing */
    }
}

static bool see_kind(void *self, const gw_node *node)
{
    kind_walk *w = self;
    if (gw_node_is(node, "FuncCall"))
        see_call(w, node);
    w->stable |= gw_node_is(node, "SQLValueFunction");
    w->is_volatile |= gw_node_is(node, "NextValueExpr");
    return true;
}

const char *gw_expression_kind(const gw_node *expression, const gw_model *model)
{
    kind_walk w = {.model = model};
    gw_node_walk(expression, see_kind, &w);
    return w.is_volatile ? "volatile" : w.stable ? "stable" : "constant";
}

const char *gw_expression_column(const gw_node *expression)
{
    if (!gw_node_is(expression, "ColumnRef"))
        return NULL;
    const char *schema, *name;
    const gw_node *fields = gw_node_get(expression, "fields");
    gw_node_names(fields, &schema, &name);
    for (const gw_node *f = gw_node_at(fields, 0); f; f = f->next)
        if (gw_node_is(f, "A_Star"))
            return NULL;
    return name;
}

typedef struct use_walk {
    const char *column;
    bool found;
} use_walk;

static bool see_use(void *self, const gw_node *node)
{
    use_walk *w = self;
    const char *name = gw_expression_column(node);
    w->found |= name && strcmp(name, w->column) == 0;
    return !w->found;
}

bool gw_expression_uses(const gw_node *expression, const char *column)
{
    use_walk w = {.column = column};
    gw_node_walk(expression, see_use, &w);
    return w.found;
}

static const gw_node *skip_places(const gw_node *child)
{
    while (child && child->key &&
           (strcmp(child->key, "location") == 0 || strcmp(child->key, "rexpr_list_start") == 0 ||
            strcmp(child->key, "rexpr_list_end") == 0))
        child = child->next;
    return child;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool gw_same_tree(const gw_node *a, const gw_node *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->number != b->number || !same_text(a->type, b->type) ||
        !same_text(a->text, b->text))
        return false;
    const gw_node *x = skip_places(a->child), *y = skip_places(b->child);
    for (; x && y; x = skip_places(x->next), y = skip_places(y->next))
        if (!same_text(x->key, y->key) || !gw_same_tree(x, y))
            return false;
    return !x && !y;
}

bool gw_expression_is_not_null(const gw_node *expression, const char *column)
{
    if (gw_node_is(expression, "BoolExpr") && gw_node_says(expression, "boolop", "AND_EXPR")) {
        const gw_node *c = gw_node_at(gw_node_get(expression, "args"), 0);
        for (; c; c = c->next)
            if (gw_expression_is_not_null(c, column))
                return true;
        return false;
    }
    if (!gw_node_is(expression, "NullTest") ||
        !gw_node_says(expression, "nulltesttype", "IS_NOT_NULL"))
        return false;
    const char *name = gw_expression_column(gw_node_get(expression, "arg"));
    return name && strcmp(name, column) == 0;
}

static const gw_node *without_casts(const gw_node *expression)
{
    while (gw_node_is(expression, "TypeCast"))
        expression = gw_node_get(expression, "arg");
    return expression;
}

const char **gw_expression_in_list(gw_arena *arena, const gw_node *expression, const char **column,
                                   size_t *count)
{
    *count = 0;
    if (!gw_node_is(expression, "A_Expr"))
        return NULL;
    bool in = gw_node_says(expression, "kind", "AEXPR_IN");
    bool any = gw_node_says(expression, "kind", "AEXPR_OP_ANY");
    const char *schema, *operator;
    gw_node_names(gw_node_get(expression, "name"), &schema, &operator);
    const gw_node *list = without_casts(gw_node_get(expression, "rexpr"));
    if (any)
        list = gw_node_get(list, "elements");
    else if (gw_node_is(list, "List"))
        list = gw_node_get(list, "items");
    *column = gw_expression_column(without_casts(gw_node_get(expression, "lexpr")));
    if ((!in && !any) || !*column || !operator || strcmp(operator, "=") != 0 || !list)
        return NULL;
    size_t n = gw_node_count(list);
    const char **labels = gw_alloc_array(arena, n + 1, sizeof *labels);
    for (const gw_node *c = gw_node_at(list, 0); c; c = c->next) {
        const char *label = gw_node_string(without_casts(c));
        if (!label)
            return NULL;
        labels[(*count)++] = label;
    }
    return labels;
}

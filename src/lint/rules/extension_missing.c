#include <string.h>

#include "lint/names.h"
#include "lint/rule.h"

static const char *const parts[][2] = {
    {"uuid_generate_v1", "uuid-ossp"}, {"uuid_generate_v1mc", "uuid-ossp"},
    {"uuid_generate_v3", "uuid-ossp"}, {"uuid_generate_v4", "uuid-ossp"},
    {"uuid_generate_v5", "uuid-ossp"}, {"gen_random_bytes", "pgcrypto"},
    {"crypt", "pgcrypto"},             {"gen_salt", "pgcrypto"},
    {"pgp_sym_encrypt", "pgcrypto"},   {"pgp_sym_decrypt", "pgcrypto"},
    {"hmac", "pgcrypto"},              {"digest", "pgcrypto"},
    {"gin_trgm_ops", "pg_trgm"},       {"gist_trgm_ops", "pg_trgm"},
    {"similarity", "pg_trgm"},         {"word_similarity", "pg_trgm"},
    {"citext", "citext"},              {"hstore", "hstore"},
    {"ltree", "ltree"},                {"unaccent", "unaccent"},
    {"geometry", "postgis"},           {"geography", "postgis"},
    {"levenshtein", "fuzzystrmatch"},  {"soundex", "fuzzystrmatch"},
    {"crosstab", "tablefunc"},         {"moddatetime", "moddatetime"},
    {"vector_l2_ops", "vector"},       {"vector_cosine_ops", "vector"},
    {"gist_int4_ops", "btree_gist"},   {"earth_distance", "earthdistance"},
};

static void see_name(gw_lint *l, const gw_statement_seen *s, const gw_node *node, const char *name)
{
    const char *extension = NULL;
    for (size_t i = 0; name && i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i][0], name) == 0)
            extension = parts[i][1];
    if (!extension || gw_model_extension(l->model, extension) ||
        gw_model_hidden(l->model, extension))
        return;
    const gw_statement_seen *later =
        gw_model_later(l->model, GW_OBJECT_EXTENSION, NULL, extension, s);
    if (later)
        gw_found(l, s, node, name, extension,
                 gw_printf(l->arena, "%s creates only later", gw_place_of(l, later)), NULL);
    else if (l->options->whole)
        gw_found(l, s, node, name, extension, "no file creates", NULL);
}

static void see_function(gw_lint *l, const gw_statement_seen *s, const gw_node *node,
                         const char *schema, const char *name)
{
    if (!gw_model_function(l->model, schema, name))
        see_name(l, s, node, name);
}

typedef struct walk {
    gw_lint *l;
    const gw_statement_seen *s;
} walk;

static bool see_node(void *self, const gw_node *node)
{
    const walk *w = self;
    const char *schema = NULL, *name = NULL;
    if (gw_node_is(node, "TypeName"))
        gw_node_names(gw_node_get(node, "names"), &schema, &name);
    else if (gw_node_is(node, "IndexElem"))
        gw_node_names(gw_node_get(node, "opclass"), &schema, &name);
    if (name && !gw_model_type(w->l->model, schema, name))
        see_name(w->l, w->s, node, name);
    return true;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    walk w = {l, s};
    gw_functions_used(l, s, see_function);
    gw_node_walk(s->tree, see_node, &w);
}

const gw_rule gw_rule_extension_missing = {
    {"extension_missing", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "{} is part of extension {}, which {}",
     "A function, type or operator class of an extension is there only after CREATE EXTENSION, on "
     "every database: one that somebody once made by hand is missing on the next.",
     "CREATE EXTENSION IF NOT EXISTS in an earlier file. A random UUID needs no extension: "
     "gen_random_uuid() is PostgreSQL's own from 13 on."},
    .statement = run,
};

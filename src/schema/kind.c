#include "schema/kind.h"

#include <string.h>

#include "schema/kinds/kinds.h"

const gw_kind *const gw_kinds[] = {
    &gw_kind_schema,
    &gw_kind_extension,
    &gw_kind_access_method,
    &gw_kind_language,
    &gw_kind_collation,
    &gw_kind_foreign_data_wrapper,
    &gw_kind_server,
    &gw_kind_user_mapping,
    &gw_kind_sequence, /* before types: beside a type of its name it could not be made */
    &gw_kind_enum,
    &gw_kind_composite,
    &gw_kind_attribute,
    &gw_kind_domain,
    &gw_kind_domain_default,
    &gw_kind_domain_constraint,
    &gw_kind_range,
    &gw_kind_base_type,
    &gw_kind_table,
    &gw_kind_column,
    &gw_kind_default,
    &gw_kind_constraint,
    &gw_kind_partition,
    &gw_kind_index,
    &gw_kind_statistics,
    &gw_kind_routine,
    &gw_kind_aggregate,
    &gw_kind_operator,
    &gw_kind_operator_family,
    &gw_kind_family_operator,
    &gw_kind_family_function,
    &gw_kind_operator_class,
    &gw_kind_cast,
    &gw_kind_transform,
    &gw_kind_conversion,
    &gw_kind_text_search_parser,
    &gw_kind_text_search_template,
    &gw_kind_text_search_dictionary,
    &gw_kind_text_search_configuration,
    &gw_kind_view,
    &gw_kind_materialized_view,
    &gw_kind_rule,
    &gw_kind_trigger,
    &gw_kind_policy,
    &gw_kind_publication,
    &gw_kind_publication_table,
    &gw_kind_publication_schema,
    &gw_kind_subscription,
    &gw_kind_default_privileges,
    &gw_kind_event_trigger,
};
const size_t gw_kind_count = sizeof gw_kinds / sizeof *gw_kinds;

const char *gw_no_comment(gw_arena *arena, const gw_object *object)
{
    (void)arena;
    (void)object;
    return NULL;
}

bool gw_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

#include "schema/kind.h"

#include <string.h>

#include "schema/kinds/kinds.h"

const gw_kind *const gw_kinds[] = {
    &gw_kind_schema,
    &gw_kind_extension,
    &gw_kind_access_method,
    &gw_kind_language,
    &gw_kind_collation,
    &gw_kind_enum,
    &gw_kind_composite,
    &gw_kind_attribute,
    &gw_kind_domain,
    &gw_kind_domain_constraint,
    &gw_kind_range,
    &gw_kind_base_type,
    &gw_kind_table,
    &gw_kind_sequence,
    &gw_kind_column,
    &gw_kind_default,
    &gw_kind_constraint,
    &gw_kind_partition,
    &gw_kind_index,
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
    &gw_kind_view,
    &gw_kind_materialized_view,
    &gw_kind_trigger,
};
const size_t gw_kind_count = sizeof gw_kinds / sizeof *gw_kinds;

bool gw_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

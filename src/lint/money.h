/* Is a column's name that of a sum of money, of an amount? */
#ifndef GW_LINT_MONEY_H
#define GW_LINT_MONEY_H

#include <stdbool.h>

bool gw_name_is_money(const char *name);
/* Money, or another count that is computed with. */
bool gw_name_is_amount(const char *name);

#endif

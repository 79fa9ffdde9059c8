#include "lint/money.h"

#include <stddef.h>

#include "lint/rule.h"

/* "price_note" is no price. */
static const char *const others[] = {
    "note",  "notes",    "comment", "label",    "name",   "code",  "currency", "id",    "type",
    "hash",  "kind",     "unit",    "units",    "status", "at",    "on",       "token", "text",
    "date",  "reason",   "ratio",   "rate",     "percent", "pct",  "factor",   "chain", "method",
    "range", "category", "group",   "symbol",   "source", "key",   "url",      "level", "address",
    "by",    "class",    "mode",    "strategy", "plan",   "tier",  "format",   "description", NULL};
static const char *const sums[] = {"amount",  "amounts", "price",   "prices",  "cost",   "costs",
                                   "balance", "fee",     "fees",    "total",   "subtotal", "salary",
                                   "payment", "revenue", "tax",     "discount", "budget", "credit",
                                   "debit",   "refund",  "deposit", "usd",     "eur",    "money", NULL};
static const char *const counts[] = {"amount", "amounts", "price",  "prices", "balance", "fee",
                                     "fees",   "supply",  "salary", "cost",   "quantity", "qty",
                                     "subtotal", NULL};

bool gw_name_is_money(const char *name)
{
    return gw_name_has_word(name, sums) && !gw_name_has_word(name, others);
}

bool gw_name_is_amount(const char *name)
{
    return gw_name_has_word(name, counts) && !gw_name_has_word(name, others);
}

/* Where a bracket of a YAML text is opened and never closed: the parser says so at its end only. */
#ifndef GW_CONFIG_FLOW_H
#define GW_CONFIG_FLOW_H

#include <stdbool.h>
#include <stddef.h>

/* The innermost "[" or "{" that has no end of its own; false: there is none. */
bool gw_yaml_unclosed(const char *text, size_t len, size_t *offset);

#endif

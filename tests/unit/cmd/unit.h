/* What every test of this folder includes: cmocka and the headers that it wants before it. */
#ifndef GW_TESTS_UNIT_CMD_UNIT_H
#define GW_TESTS_UNIT_CMD_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif

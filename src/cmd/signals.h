/* Ctrl-C and SIGTERM become a request to stop; a closed stdout is an error of write, not a death.
 */
#ifndef GW_CMD_SIGNALS_H
#define GW_CMD_SIGNALS_H

#include "base/cancel.h"

/* A third request ends the process at once. `cancel` has to outlive it. */
void gw_signals_install(gw_cancel *cancel);

/* As the process was started: for a program that is about to be exec'ed. */
void gw_signals_restore(void);

#endif

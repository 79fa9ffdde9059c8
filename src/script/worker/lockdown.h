/* What the kernel takes from this process once everything that it needs is loaded. */
#ifndef GW_SCRIPT_WORKER_LOCKDOWN_H
#define GW_SCRIPT_WORKER_LOCKDOWN_H

#include <stdint.h>

/* At the very start: ends with its parent, leaves no core, has no descriptors but its own. */
void lockdown_begin(void);

/* No new files, sockets, programs or processes; at most `memory` bytes more than now. */
void lockdown_finish(uint64_t memory);

#endif

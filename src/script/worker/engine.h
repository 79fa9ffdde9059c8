/*
 * JavaScriptCore: a context without clock, randomness and eval; in it either the compiler or a
 * script. One a process. What fails is said on stderr and ends the process at start, and is an
 * answer (GW_WIRE_ERROR) afterwards.
 */
#ifndef GW_SCRIPT_WORKER_ENGINE_H
#define GW_SCRIPT_WORKER_ENGINE_H

#include "script/wire.h"

/* `head` is the start of the shared memory and stays. */
void engine_start(gw_wire_head *head);

/* Load what runs scripts, and take from the context what a script must not have. */
void engine_load_runtime(void);

/* Load the compiler from a folder (tsc.js or typescript.js, lib.*.d.ts). */
void engine_load_compiler(const char *folder);

/* Answer the request in the head. */
void engine_answer(void);

#endif

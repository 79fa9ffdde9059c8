/* Every command, in the order of help; every option that all of them have. */
#include "cmd/commands.h"

const gw_command *const gw_commands[] = {
    &gw_command_init,       &gw_command_new,    &gw_command_up,      &gw_command_down,
    &gw_command_redo,       &gw_command_status, &gw_command_verify,  &gw_command_repair,
    &gw_command_baseline,   &gw_command_adopt,  &gw_command_history, &gw_command_plan,
    &gw_command_lint,
    &gw_command_diff, &gw_command_dump, &gw_command_docs, &gw_command_models,
           &gw_command_db,     &gw_command_completion, &gw_command_help,
    &gw_command_version,    NULL,
};

static const char *const log_formats[] = {"text", "json", NULL};

const gw_option gw_global_options[] = {
    {.name = "chdir",
     .letter = 'C',
     .type = GW_OPTION_TEXT,
     .value = "DIR",
     .help = "work as if started in DIR",
     .completes = GW_COMPLETES_FOLDER},
    {.name = "config",
     .type = GW_OPTION_TEXT,
     .value = "FILE",
     .help = "read FILE in place of godwit.yaml",
     .completes = GW_COMPLETES_FILE},
    {.name = "env",
     .type = GW_OPTION_TEXT,
     .value = "NAME",
     .help = "environment of godwit.yaml to act on (else GODWIT_ENV, else its default)"},
    {.name = "url",
     .type = GW_OPTION_TEXT,
     .value = "URL",
     .help = "database to act on in place of the environment's: a libpq URL or keyword string. "
             "A password in it is hidden from ps at once; GODWIT_URL keeps it out of the "
             "shell's history too"},
    {.name = "protected",
     .type = GW_OPTION_TEXT,
     .value = "NAME",
     .help = "yes, change the protected environment NAME"},
    {.name = "json", .type = GW_OPTION_FLAG, .help = "print the result as one JSON document"},
    {.name = "quiet",
     .letter = 'q',
     .type = GW_OPTION_FLAG,
     .help = "no progress, no warnings; errors and results only"},
    {.name = "verbose",
     .letter = 'v',
     .type = GW_OPTION_FLAG,
     .help = "also say, on stderr and with times: the settings, each connection and attempt, and "
             "each statement's place, kind and duration"},
    {.name = "no-color", .type = GW_OPTION_FLAG, .help = "no colours (NO_COLOR does the same)"},
    {.name = "yes",
     .letter = 'y',
     .type = GW_OPTION_FLAG,
     .help = "do not ask before something is destroyed"},
    {.name = "log-format",
     .type = GW_OPTION_CHOICE,
     .value = "FORMAT",
     .help = "how the log on stderr is written: text or json, one object a line",
     .choices = log_formats},
    {.name = "help", .letter = 'h', .type = GW_OPTION_FLAG, .help = "explain the command"},
    {.name = "version", .letter = 'V', .type = GW_OPTION_FLAG, .help = "print Godwit's version"},
    {.name = NULL},
};

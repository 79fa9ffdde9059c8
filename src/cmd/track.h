/* The commands of track, one file each. */
#ifndef GW_CMD_TRACK_H
#define GW_CMD_TRACK_H

#include "app/track.h"
#include "cmd/commands.h"

extern const gw_command gw_command_track_stage;
extern const gw_command gw_command_track_count;
extern const gw_command gw_command_track_ingest;
extern const gw_command gw_command_track_show;

#define GW_TRACKER_DEFAULT "default"
#define GW_OPTION_TRACKER                                                                          \
    {.name = "tracker",                                                                            \
     .type = GW_OPTION_TEXT,                                                                       \
     .value = "NAME",                                                                              \
     .help = "which counters of the database (default)"}

const char *gw_track_wanted(const gw_invocation *invocation);

#endif

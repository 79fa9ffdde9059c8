/* UUIDs (RFC 9562) as text of 36 characters. Version 7 sorts by time of creation. */
#ifndef GW_BASE_UUID_H
#define GW_BASE_UUID_H

typedef struct gw_uuid {
    char text[37];
} gw_uuid;

gw_uuid gw_uuid_v4(void);
gw_uuid gw_uuid_v7(void);

#endif

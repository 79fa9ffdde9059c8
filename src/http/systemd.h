/* What systemd says and wants to hear, without its library. Elsewhere nothing is said. */
#ifndef GW_HTTP_SYSTEMD_H
#define GW_HTTP_SYSTEMD_H

/* "READY=1", "STOPPING=1": a datagram to $NOTIFY_SOCKET. */
void gw_systemd_say(const char *state);

/* The listening socket that was handed over ($LISTEN_FDS), or -1. */
int gw_systemd_socket(void);

#endif

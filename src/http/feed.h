/*
 * Events for many readers: kept in a ring, numbered, given to each reader in order. Whoever reads slowly holds
 * nobody up: what has left the ring is told as lost. Safe from several threads.
 */
#ifndef GW_HTTP_FEED_H
#define GW_HTTP_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct gw_feed gw_feed;
typedef struct gw_feed_reader gw_feed_reader;

/* At most `events` of them and `bytes` of text are kept. `epoch` tells the numbers of one process from those of
 * another. */
gw_feed *gw_feed_new(uint64_t epoch, size_t events, size_t bytes);
/* No reader is left. */
void gw_feed_free(gw_feed *feed);

/* data: JSON without line breaks. */
void gw_feed_publish(gw_feed *feed, const char *event, const char *data);
/* Every reader hears that we are there. */
void gw_feed_beat(gw_feed *feed);
/* Readers come to their end. */
void gw_feed_close(gw_feed *feed);
size_t gw_feed_readers(gw_feed *feed);

/*
 * last_id: what the reader had last ("EPOCH-SEQUENCE"; NULL: from now on). `sleep` is called where there is
 * nothing to give, `wake` from whichever thread brings the next event, both under the feed's lock: they only mark
 * the reader's connection.
 */
gw_feed_reader *gw_feed_open(gw_feed *feed, const char *last_id, void (*sleep)(void *self),
                             void (*wake)(void *self), void *self);
void gw_feed_leave(gw_feed_reader *reader);

/* Bytes of text/event-stream: how many, 0 where the reader now sleeps, -1 at the end. */
ssize_t gw_feed_read(gw_feed_reader *reader, char *buf, size_t max);

#endif

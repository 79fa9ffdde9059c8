#include "http/feed.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "http/text.h"

struct gw_feed_reader {
    gw_feed *feed;
    gw_feed_reader *next, **link;
    void (*sleep)(void *self), (*wake)(void *self);
    void *self;
    uint64_t at;   /* the next event that it gets */
    char *rest;    /* of an event that did not fit */
    size_t rest_at, rest_len;
    bool asleep, beat;
};

struct gw_feed {
    pthread_mutex_t mutex;
    uint64_t epoch, first, next; /* numbers of the ring's events */
    size_t cap, bytes, most;
    char **ring; /* whole, as they are sent */
    gw_feed_reader *readers;
    size_t reader_count;
    bool closed;
};

static void *taken(void *memory, size_t size)
{
    if (!memory)
        gw_out_of_memory(size);
    return memory;
}

gw_feed *gw_feed_new(uint64_t epoch, size_t events, size_t bytes)
{
    gw_feed *feed = taken(calloc(1, sizeof *feed), sizeof *feed);
    feed->ring = taken(calloc(events, sizeof *feed->ring), events * sizeof *feed->ring);
    feed->epoch = epoch;
    feed->cap = events;
    feed->most = bytes;
    feed->first = feed->next = 1;
    pthread_mutex_init(&feed->mutex, NULL);
    return feed;
}

static void drop_first(gw_feed *feed)
{
    char **slot = &feed->ring[feed->first++ % feed->cap];
    feed->bytes -= strlen(*slot);
    free(*slot);
    *slot = NULL;
}

void gw_feed_free(gw_feed *feed)
{
    while (feed->first < feed->next)
        drop_first(feed);
    pthread_mutex_destroy(&feed->mutex);
    free(feed->ring);
    free(feed);
}

/* With the lock held. */
static void wake_all(gw_feed *feed)
{
    for (gw_feed_reader *r = feed->readers; r; r = r->next)
        if (r->asleep) {
            r->asleep = false;
            r->wake(r->self);
        }
}

void gw_feed_publish(gw_feed *feed, const char *event, const char *data)
{
    char *text = NULL;
    pthread_mutex_lock(&feed->mutex);
    int len = asprintf(&text, "id: %" PRIu64 "-%" PRIu64 "\nevent: %s\ndata: %s\n\n", feed->epoch,
                       feed->next, event, data);
    if (len < 0)
        gw_out_of_memory(strlen(data));
    while (feed->first < feed->next &&
           (feed->next - feed->first == feed->cap || feed->bytes + (size_t)len > feed->most))
        drop_first(feed);
    feed->ring[feed->next++ % feed->cap] = text;
    feed->bytes += (size_t)len;
    wake_all(feed);
    pthread_mutex_unlock(&feed->mutex);
}

void gw_feed_beat(gw_feed *feed)
{
    pthread_mutex_lock(&feed->mutex);
    for (gw_feed_reader *r = feed->readers; r; r = r->next)
        r->beat = true;
    wake_all(feed);
    pthread_mutex_unlock(&feed->mutex);
}

void gw_feed_close(gw_feed *feed)
{
    pthread_mutex_lock(&feed->mutex);
    feed->closed = true;
    wake_all(feed);
    pthread_mutex_unlock(&feed->mutex);
}

size_t gw_feed_readers(gw_feed *feed)
{
    pthread_mutex_lock(&feed->mutex);
    size_t count = feed->reader_count;
    pthread_mutex_unlock(&feed->mutex);
    return count;
}

/* What the reader is to get before anything else; it takes the text over. */
static void put_rest(gw_feed_reader *reader, char *text, int len)
{
    if (len < 0)
        gw_out_of_memory(0);
    free(reader->rest);
    reader->rest = text;
    reader->rest_at = 0;
    reader->rest_len = (size_t)len;
}

/* What the reader goes on behind: the oldest event that is there, or what comes from now on. */
static void put_gap(gw_feed_reader *reader, const char *event, uint64_t missed, uint64_t at)
{
    char *text = NULL;
    int len = asprintf(&text, "id: %" PRIu64 "-%" PRIu64 "\nevent: %s\ndata: {\"missed\":%" PRIu64 "}\n\n",
                       reader->feed->epoch, at - 1, event, missed);
    put_rest(reader, text, len);
    reader->at = at;
}

gw_feed_reader *gw_feed_open(gw_feed *feed, const char *last_id, void (*sleep)(void *self),
                             void (*wake)(void *self), void *self)
{
    gw_feed_reader *r = taken(calloc(1, sizeof *r), sizeof *r);
    uint64_t epoch = 0, sequence = 0;
    *r = (gw_feed_reader){.feed = feed, .sleep = sleep, .wake = wake, .self = self, .beat = true};
    pthread_mutex_lock(&feed->mutex);
    r->at = feed->next;
    if (last_id) {
        bool known = gw_event_id_read(last_id, &epoch, &sequence) && epoch == feed->epoch &&
                     sequence < feed->next;
        if (known)
            r->at = sequence + 1;
        else
            put_gap(r, "reset", 0, feed->next); /* of another process: nobody knows what came between */
    }
    r->next = feed->readers;
    if (r->next)
        r->next->link = &r->next;
    r->link = &feed->readers;
    feed->readers = r;
    feed->reader_count++;
    pthread_mutex_unlock(&feed->mutex);
    return r;
}

void gw_feed_leave(gw_feed_reader *reader)
{
    gw_feed *feed = reader->feed;
    pthread_mutex_lock(&feed->mutex);
    *reader->link = reader->next;
    if (reader->next)
        reader->next->link = reader->link;
    feed->reader_count--;
    pthread_mutex_unlock(&feed->mutex);
    free(reader->rest);
    free(reader);
}

/* With the lock held: is there anything to give? Then it is in `rest`. */
static bool next_text(gw_feed_reader *reader)
{
    gw_feed *feed = reader->feed;
    if (reader->rest)
        return true;
    if (reader->at < feed->first) {
        put_gap(reader, "lost", feed->first - reader->at, feed->first);
        return true;
    }
    if (reader->at < feed->next) {
        char *text = strdup(feed->ring[reader->at++ % feed->cap]);
        put_rest(reader, text, text ? (int)strlen(text) : -1);
        return true;
    }
    if (reader->beat) {
        char *text = strdup(": here\n\n");
        put_rest(reader, text, text ? (int)strlen(text) : -1);
    }
    reader->beat = false;
    return reader->rest != NULL;
}

ssize_t gw_feed_read(gw_feed_reader *reader, char *buf, size_t max)
{
    gw_feed *feed = reader->feed;
    size_t len = 0;
    pthread_mutex_lock(&feed->mutex);
    while (len < max && next_text(reader)) {
        size_t part = reader->rest_len - reader->rest_at;
        if (part > max - len)
            part = max - len;
        memcpy(buf + len, reader->rest + reader->rest_at, part);
        len += part;
        reader->rest_at += part;
        if (reader->rest_at == reader->rest_len) {
            free(reader->rest);
            reader->rest = NULL;
        }
    }
    bool closed = feed->closed;
    if (len == 0 && !closed) {
        reader->asleep = true;
        reader->sleep(reader->self);
    }
    pthread_mutex_unlock(&feed->mutex);
    return len ? (ssize_t)len : closed ? -1 : 0;
}

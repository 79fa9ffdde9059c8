-- bad: the whole table is locked
ALTER TABLE events DETACH PARTITION events_2020; --!
-- good: concurrently
ALTER TABLE events DETACH PARTITION events_2020 CONCURRENTLY;
-- good [target=13]: it is not to be had there
ALTER TABLE events DETACH PARTITION events_2020;

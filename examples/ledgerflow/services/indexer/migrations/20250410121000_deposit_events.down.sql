DROP TABLE deposit_events;

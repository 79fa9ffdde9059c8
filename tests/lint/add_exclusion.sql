-- bad: no way around the lock
ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&); --!
-- good: from the start
CREATE TABLE bookings (room int, during tsrange, EXCLUDE USING gist (during WITH &&));

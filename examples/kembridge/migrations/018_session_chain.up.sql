-- godwit: no-transaction
-- Which session came of which: each of at most one, and at most one of each.
ALTER TABLE user_sessions ADD COLUMN rotated_from uuid;
CREATE UNIQUE INDEX CONCURRENTLY sessions_rotated_once ON user_sessions (rotated_from);
ALTER TABLE user_sessions
    ADD CONSTRAINT sessions_rotated_once UNIQUE USING INDEX sessions_rotated_once;
ALTER TABLE user_sessions
    ADD CONSTRAINT sessions_rotated_from_fkey
    FOREIGN KEY (rotated_from) REFERENCES user_sessions (id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE user_sessions VALIDATE CONSTRAINT sessions_rotated_from_fkey;

-- Which session came of which is lost.
ALTER TABLE user_sessions DROP COLUMN rotated_from;

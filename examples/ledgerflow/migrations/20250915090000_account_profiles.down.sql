-- By now 20250915091000 has been rolled back and users hold these names again.
ALTER TABLE accounts
    DROP COLUMN last_name,
    DROP COLUMN first_name,
    DROP COLUMN username;

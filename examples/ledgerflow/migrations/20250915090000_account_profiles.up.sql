-- Room in accounts for what users hold. No default, so no row is touched.
ALTER TABLE accounts
    ADD COLUMN username   text,
    ADD COLUMN first_name text,
    ADD COLUMN last_name  text;

-- Chinook with UUID keys: where its rows go. Every old number stays beside its row.
CREATE TABLE artists (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE, name text);
CREATE TABLE albums (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE, title text NOT NULL,
    artist_id uuid NOT NULL REFERENCES artists);
-- Ids that this database makes itself.
CREATE TABLE genres (id uuid PRIMARY KEY DEFAULT md5(random()::text || clock_timestamp()::text)::uuid,
    legacy_id integer NOT NULL UNIQUE, name text NOT NULL);
CREATE TABLE media_types (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE, name text NOT NULL,
    lossless boolean NOT NULL);
CREATE TABLE tracks (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE, name text NOT NULL,
    album_id uuid REFERENCES albums, media_type_id uuid NOT NULL REFERENCES media_types, genre_id uuid REFERENCES genres,
    composer text, length interval NOT NULL CHECK (length > '0'), bytes bigint CHECK (bytes > 0), price numeric(10, 2) NOT NULL);
CREATE TABLE employees (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE, full_name text NOT NULL, title text,
    reports_to uuid REFERENCES employees, born_on date, hired_on date, address jsonb NOT NULL, email text NOT NULL UNIQUE);
CREATE TABLE customers (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE, full_name text NOT NULL, company text,
    address jsonb NOT NULL, phone text, email text NOT NULL UNIQUE CHECK (email = lower(email)),
    support_rep_id uuid REFERENCES employees);
CREATE TABLE invoices (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE,
    customer_id uuid NOT NULL REFERENCES customers, issued_at timestamptz NOT NULL, billing jsonb NOT NULL,
    total numeric(12, 2) NOT NULL CHECK (total >= 0));
CREATE TABLE invoice_lines (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE,
    invoice_id uuid NOT NULL REFERENCES invoices ON DELETE CASCADE, track_id uuid NOT NULL REFERENCES tracks,
    unit_price numeric(10, 2) NOT NULL, quantity integer NOT NULL CHECK (quantity > 0));
CREATE TABLE playlists (id uuid PRIMARY KEY, legacy_id integer NOT NULL UNIQUE, name text NOT NULL);
-- Its key in the old database is of two columns.
CREATE TABLE playlist_tracks (id uuid PRIMARY KEY, legacy_id text NOT NULL UNIQUE,
    playlist_id uuid NOT NULL REFERENCES playlists ON DELETE CASCADE, track_id uuid NOT NULL REFERENCES tracks,
    UNIQUE (playlist_id, track_id));

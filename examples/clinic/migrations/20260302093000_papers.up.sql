-- What is kept of a case, and what was said about it.
CREATE TABLE files (
    id             uuid PRIMARY KEY,
    legacy_file_id integer NOT NULL UNIQUE,
    case_id        uuid NOT NULL REFERENCES cases,
    doctor_id      uuid REFERENCES doctors,
    name           text NOT NULL,
    media_type     text NOT NULL CHECK (media_type = lower(media_type)),
    size_bytes     bigint NOT NULL CHECK (size_bytes > 0),
    sha1           bytea CHECK (length(sha1) = 20),
    thumbnail      bytea,
    is_hidden      boolean NOT NULL
);
CREATE INDEX files_case_id_idx ON files (case_id);
CREATE INDEX files_doctor_id_idx ON files (doctor_id);

CREATE TABLE messages (
    id                uuid PRIMARY KEY,
    legacy_message_id bigint NOT NULL UNIQUE,
    case_id           uuid NOT NULL REFERENCES cases,
    doctor_id         uuid REFERENCES doctors,
    patient_id        uuid REFERENCES patients,
    reply_to_id       uuid REFERENCES messages ON DELETE SET NULL,
    body              text NOT NULL CHECK (body <> ''),
    headers           jsonb NOT NULL CHECK (jsonb_typeof(headers) = 'object'),
    sent_at           timestamptz NOT NULL,
    is_read           boolean NOT NULL,
    CHECK ((doctor_id IS NULL) <> (patient_id IS NULL))
);
CREATE INDEX messages_case_id_idx ON messages (case_id);
CREATE INDEX messages_doctor_id_idx ON messages (doctor_id);
CREATE INDEX messages_patient_id_idx ON messages (patient_id);
CREATE INDEX messages_reply_to_id_idx ON messages (reply_to_id);

-- Offices, doctors, patients. Keys are UUIDs; the old system's number stays beside each.
CREATE TABLE offices (
    id               uuid PRIMARY KEY,
    legacy_office_id integer NOT NULL UNIQUE,
    name             text NOT NULL CHECK (name <> ''),
    parent_id        uuid REFERENCES offices,
    manager_id       uuid,
    phone            phone,
    address          jsonb NOT NULL CHECK (jsonb_typeof(address -> 'lines') = 'array'),
    opened_on        date,
    settings         jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    is_active        boolean NOT NULL
);

CREATE TABLE doctors (
    id               uuid PRIMARY KEY,
    legacy_doctor_id integer NOT NULL UNIQUE,
    full_name        text NOT NULL CHECK (full_name <> ''),
    email            text CHECK (email = lower(email)),
    phone            phone,
    licence          text NOT NULL UNIQUE,
    specialty        specialty NOT NULL,
    office_id        uuid NOT NULL REFERENCES offices,
    supervisor_id    uuid REFERENCES doctors,
    status           doctor_status NOT NULL,
    hired_on         date,
    hourly_rate      numeric(8, 2) CHECK (hourly_rate > 0),
    removed_at       timestamptz
);
-- An office has a manager and a doctor has an office: one of the two comes later.
ALTER TABLE offices ADD FOREIGN KEY (manager_id) REFERENCES doctors;

CREATE TABLE doctor_offices (
    id                      uuid PRIMARY KEY,
    legacy_doctor_office_id integer NOT NULL UNIQUE,
    doctor_id               uuid NOT NULL REFERENCES doctors,
    office_id               uuid NOT NULL REFERENCES offices,
    role                    text NOT NULL,
    since                   date,
    UNIQUE (doctor_id, office_id)
);

CREATE TABLE patients (
    id                uuid PRIMARY KEY,
    legacy_patient_id integer NOT NULL UNIQUE,
    chart_no          text NOT NULL UNIQUE,
    full_name         text NOT NULL CHECK (full_name <> ''),
    email             text CHECK (email = lower(email)),
    phone             phone,
    phone_note        text,
    born_on           date CHECK (born_on >= '1850-01-01'),
    died_on           date CHECK (died_on >= born_on),
    sex               sex NOT NULL,
    doctor_id         uuid REFERENCES doctors,
    status            patient_status NOT NULL,
    merged_into_id    uuid REFERENCES patients,
    insurance         jsonb CHECK (jsonb_typeof(insurance) = 'object'),
    registered_at     timestamptz NOT NULL,
    archived_at       timestamptz,
    removed_at        timestamptz,
    migrated_at       timestamptz,
    source_hash       bigint
);

CREATE INDEX offices_parent_id_idx ON offices (parent_id);
CREATE INDEX offices_manager_id_idx ON offices (manager_id);
CREATE INDEX doctors_office_id_idx ON doctors (office_id);
CREATE INDEX doctors_supervisor_id_idx ON doctors (supervisor_id);
CREATE INDEX doctor_offices_office_id_idx ON doctor_offices (office_id);
CREATE INDEX patients_doctor_id_idx ON patients (doctor_id);
CREATE INDEX patients_merged_into_id_idx ON patients (merged_into_id);

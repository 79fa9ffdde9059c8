-- What is ordered for patients, and the cases that it belongs to.
CREATE TABLE orders (
    id              uuid PRIMARY KEY,
    legacy_order_id integer NOT NULL UNIQUE,
    order_no        text NOT NULL UNIQUE,
    patient_id      uuid NOT NULL REFERENCES patients,
    doctor_id       uuid REFERENCES doctors,
    office_id       uuid NOT NULL REFERENCES offices,
    kind            order_kind NOT NULL,
    status          order_status NOT NULL,
    priority        smallint NOT NULL CHECK (priority BETWEEN 0 AND 5),
    total           numeric(12, 2) CHECK (total >= 0),
    items           jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array'),
    ordered_at      timestamptz NOT NULL,
    removed_at      timestamptz
);
CREATE INDEX orders_patient_id_idx ON orders (patient_id);
CREATE INDEX orders_doctor_id_idx ON orders (doctor_id);
CREATE INDEX orders_office_id_idx ON orders (office_id);

CREATE TABLE cases (
    id             uuid PRIMARY KEY,
    legacy_case_id integer NOT NULL UNIQUE,
    case_no        text NOT NULL UNIQUE,
    patient_id     uuid NOT NULL REFERENCES patients,
    order_id       uuid REFERENCES orders,
    previous_id    uuid REFERENCES cases,
    severity       smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
    state          case_state NOT NULL,
    tags           text[] NOT NULL,
    opened_on      date NOT NULL,
    closed_on      date CHECK (closed_on >= opened_on),
    score          double precision,
    removed_at     timestamptz
);
CREATE INDEX cases_patient_id_idx ON cases (patient_id);
CREATE INDEX cases_order_id_idx ON cases (order_id);
CREATE INDEX cases_previous_id_idx ON cases (previous_id);

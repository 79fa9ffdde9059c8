-- The old clinic's database, as its program left it after fifteen years: integer keys, dates and
-- amounts as text, no foreign keys, and rows that point to nothing.
--
-- Made for the generator; a real old database is simply there.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;

DROP TABLE IF EXISTS dispatch_office, dispatch_doctor, dispatch_doctor_office, dispatch_patient,
    dispatch_order, dispatch_case, dispatch_file, dispatch_message;

CREATE TABLE dispatch_office (
    id          serial PRIMARY KEY,
    name        varchar(80) NOT NULL,
    parent_id   integer,                -- its head office
    manager_id  integer,                -- a doctor, who has an office in turn
    phone       varchar(60),
    address     text,                   -- lines, as typed
    opened      varchar(20),
    settings    text,                   -- JSON, when somebody remembered
    active      char(1)
);

CREATE TABLE dispatch_doctor (
    id            serial PRIMARY KEY,
    title         varchar(20),
    first_name    varchar(60),
    last_name     varchar(60),
    email         varchar(120),         -- AS Typed, spaces and all
    phone         varchar(60),          -- free text
    licence       varchar(40) NOT NULL, -- the program never asked whether it had that one already
    specialty     varchar(40),
    office_id     integer NOT NULL,
    supervisor_id integer,
    status        smallint,             -- 1 works, 2 is on leave, 9 has left
    hired         varchar(20),          -- a date, in the style of whoever typed it
    hourly        varchar(20),          -- '1,250.00', '$95', ''
    updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE dispatch_doctor_office (
    id        serial PRIMARY KEY,
    doctor_id integer NOT NULL,
    office_id integer NOT NULL,
    role      varchar(20),
    since     varchar(20)
);

CREATE TABLE dispatch_patient (
    id         serial PRIMARY KEY,
    chart_no   varchar(20) NOT NULL,
    first_name varchar(60),
    last_name  varchar(60),
    email      varchar(120),
    phone      varchar(60),
    born       varchar(20),
    died       varchar(20),
    sex        char(1),
    doctor_id  integer,
    status     varchar(12),             -- 'A', 'active', 'ACTIVE ', 'I', …
    merged_into integer,                -- the chart that goes on, where there were two
    insurance  text,                    -- 'Acme Health; P-1234; 12/2026'
    deleted    smallint NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL,      -- local time
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE dispatch_order (
    id         serial PRIMARY KEY,
    order_no   varchar(20) NOT NULL,
    patient_id integer NOT NULL,
    doctor_id  integer,
    office_id  integer,
    kind       varchar(20),             -- 'LAB', 'lab', 'X-RAY', 'xray ', …
    status     smallint,
    priority   varchar(10),             -- '1' to '5', 'STAT'
    total      varchar(20),
    items      text,                    -- 'CBC x1; GLU x2'
    ordered    varchar(30),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE dispatch_case (
    id          serial PRIMARY KEY,
    case_no     varchar(20) NOT NULL,
    patient_id  integer NOT NULL,
    order_id    integer,
    previous_id integer,                -- the case that this one goes on with
    severity    smallint,
    state       char(1),                -- O, C, P
    tags        text,                   -- 'urgent, ,Follow-Up,'
    opened      varchar(20),
    closed      varchar(20),
    score       double precision
);

CREATE TABLE dispatch_file (
    id         serial PRIMARY KEY,
    case_id    integer NOT NULL,
    doctor_id  integer,
    name       varchar(200),
    mime       varchar(60),
    size       varchar(20),             -- '12 KB', '1.5 MB', '900'
    sha1       varchar(64),
    thumbnail  bytea,
    hidden     char(1)
);

CREATE TABLE dispatch_message (
    id          bigserial PRIMARY KEY,
    case_id     integer NOT NULL,
    doctor_id   integer,                -- one of these two wrote it
    patient_id  integer,
    reply_to    bigint,
    body        text,
    headers     text,                   -- 'X-Source: web', a line each
    sent        timestamp NOT NULL,     -- local time
    read_flag   char(1)
);

-- What the old program kept as letters, numbers and habits.
CREATE TYPE specialty AS ENUM ('cardiology', 'dermatology', 'general', 'neurology', 'other');
CREATE TYPE doctor_status AS ENUM ('active', 'on_leave', 'left');
CREATE TYPE sex AS ENUM ('female', 'male', 'other', 'unknown');
CREATE TYPE patient_status AS ENUM ('active', 'inactive');
CREATE TYPE order_kind AS ENUM ('lab', 'imaging', 'prescription');
CREATE TYPE order_status AS ENUM ('draft', 'placed', 'running', 'done', 'cancelled');
CREATE TYPE case_state AS ENUM ('open', 'pending', 'closed');

-- As the phone network wants it: +, country, number.
-- godwit: ignore domain_with_check the form of E.164 does not change
CREATE DOMAIN phone AS text CHECK (VALUE ~ '^\+[1-9][0-9]{6,14}$');

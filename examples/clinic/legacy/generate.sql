-- Rows for legacy/schema.sql, which this runs first: the same ones for the same numbers, on every version.
--
--   psql -v rows=20000 -v seed=1 -f legacy/generate.sql     (godwit --url URL db psql -- …)
--
-- rows: of all tables together, up to 3,500,000. What is wrong with some of them is at fixed numbers
-- (n % 211 = 7 …), so that it can be looked for.
\ir schema.sql
\if :{?rows} \else \set rows 20000 \endif
\if :{?seed} \else \set seed 1 \endif

BEGIN;

-- How many of each.
SELECT greatest(4, :rows / 4000) AS offices, greatest(12, :rows / 400) AS doctors,
       greatest(60, :rows * 15 / 100) AS patients, greatest(80, :rows * 22 / 100) AS orders,
       greatest(30, :rows * 8 / 100) AS cases, greatest(50, :rows * 15 / 100) AS files \gset
SELECT greatest(100, :rows - :offices - 3 * :doctors - :patients - :orders - :cases - :files) AS messages \gset

-- A number below `size` for a row and a purpose. A hash, not random(): no order of rows matters.
SELECT format('CREATE FUNCTION pg_temp.pick(n bigint, purpose int, size bigint) RETURNS bigint'
              ' LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
              'SELECT (pg_catalog.hashint8extended(n, ' || (:seed::bigint * 1000) || ' + purpose)'
              ' & 9223372036854775807) % size') \gexec

-- A date as one of five people typed it.
CREATE FUNCTION pg_temp.typed(day date, style bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(day, (ARRAY['MM/DD/YYYY', 'YYYY-MM-DD', 'DD.MM.YYYY', 'DD Mon YYYY', 'YYYYMMDD'])[1 + style])
$$;

-- A phone number as one of seven people typed it.
CREATE FUNCTION pg_temp.phone(n bigint, style bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE style
        WHEN 0 THEN format('+1 (%s) 555-%s', 200 + n % 700, lpad((n % 10000)::text, 4, '0'))
        WHEN 1 THEN format('%s.555.%s', 200 + n % 700, lpad((n % 10000)::text, 4, '0'))
        WHEN 2 THEN format('1-%s-555-%s ext. %s', 200 + n % 700, lpad((n % 10000)::text, 4, '0'), n % 90)
        WHEN 3 THEN format('evenings: (%s) 555 %s', 200 + n % 700, lpad((n % 10000)::text, 4, '0'))
        WHEN 4 THEN format('+49 30 %s', 1000000 + n % 9000000)
        WHEN 5 THEN 'none'
        ELSE '' END
$$;

-- Every purpose of pick() has a number of its own.
INSERT INTO dispatch_office (id, name, parent_id, manager_id, phone, address, opened, settings, active)
SELECT n, ' ' || (ARRAY['North', 'South', 'East', 'West', 'Zürich', 'Harbour', 'O''Neill', 'Old "Town"'])[1 + pg_temp.pick(n, 1, 8)]
          || ' Clinic ' || n || ' ',
       CASE WHEN n > 1 AND pg_temp.pick(n, 2, 3) > 0 THEN 1 + pg_temp.pick(n, 3, n - 1) END,
       CASE WHEN pg_temp.pick(n, 4, 5) > 0 THEN 1 + pg_temp.pick(n, 5, :doctors) END,
       pg_temp.phone(pg_temp.pick(n, 6, 1000000), pg_temp.pick(n, 7, 7)),
       format(E'%s Main Street\r\n\r\nSpringfield, IL %s', n, lpad(pg_temp.pick(n, 8, 100000)::text, 5, '0')),
       pg_temp.typed(DATE '1980-01-01' + pg_temp.pick(n, 9, 12000)::int, pg_temp.pick(n, 10, 5)),
       (ARRAY['{"beds": 12, "wifi": true}', '', '{broken', NULL])[1 + pg_temp.pick(n, 11, 4)],
       (ARRAY['Y', 'y', 'N', ' '])[1 + pg_temp.pick(n, 12, 4)]
FROM generate_series(1::bigint, :offices) n;

INSERT INTO dispatch_doctor (id, title, first_name, last_name, email, phone, licence, specialty, office_id,
                             supervisor_id, status, hired, hourly, updated_at)
SELECT n, (ARRAY['Dr.', 'DR', 'Prof. Dr.', '', NULL])[1 + pg_temp.pick(n, 20, 5)], first, last,
       ' ' || regexp_replace(first || '.' || last, '[^A-Za-z.]', '', 'g') || n || '@Clinic.Example' || CASE WHEN n % 3 = 0 THEN ' ' ELSE '' END,
       pg_temp.phone(pg_temp.pick(n, 21, 1000000), pg_temp.pick(n, 22, 7)),
       -- Two of a licence: whoever typed the second one took it from the line above.
       'MD-' || lpad((CASE WHEN n % 97 = 17 THEN n - 1 ELSE n END)::text, 7, '0'),
       (ARRAY['CARDIO', 'cardiology', 'Cardiology ', 'derm', 'Dermatology', 'GP', 'general', 'NEURO', 'neurology', '?'])
           [1 + pg_temp.pick(n, 23, 10)],
       1 + pg_temp.pick(n, 24, :offices),
       CASE WHEN n > 1 AND pg_temp.pick(n, 25, 4) > 0 THEN 1 + pg_temp.pick(n, 26, n - 1) END,
       (ARRAY[1, 1, 1, 1, 2, 9])[1 + pg_temp.pick(n, 27, 6)],
       pg_temp.typed(DATE '1995-01-01' + pg_temp.pick(n, 28, 10000)::int, pg_temp.pick(n, 29, 5)),
       (ARRAY['95.50', '$120', '1,250.00', ' 88 ', ''])[1 + pg_temp.pick(n, 30, 5)],
       TIMESTAMPTZ '2024-01-01 00:00:00Z' + pg_temp.pick(n, 31, 30000000) * interval '1 second'
FROM generate_series(1::bigint, :doctors) n,
     LATERAL (SELECT (ARRAY['Ada', 'Bob', 'Chloé', 'DAVID', 'eve', 'Fátima', 'Grace', 'Ian'])[1 + pg_temp.pick(n, 32, 8)] AS first,
                     (ARRAY['Adams', 'O''Brien', 'Müller', 'de la Cruz', 'Nguyen', 'SMITH', 'İnan'])[1 + pg_temp.pick(n, 33, 7)] AS last) x;

-- Two offices a doctor. The program's "Add" button could be pressed twice.
INSERT INTO dispatch_doctor_office (id, doctor_id, office_id, role, since)
SELECT n, CASE WHEN n % 31 = 30 THEN 2000000000 + n ELSE 1 + (n - 1) / 2 END,
       1 + (pg_temp.pick(1 + (n - 1) / 2, 40, :offices)
            + CASE WHEN n % 2 = 0 AND n % 29 <> 14 THEN 1 + pg_temp.pick(n, 41, :offices - 1) ELSE 0 END) % :offices,
       (ARRAY['attending', 'Visiting', 'LOCUM', NULL])[1 + pg_temp.pick(n, 42, 4)],
       pg_temp.typed(DATE '2000-01-01' + pg_temp.pick(n, 43, 8000)::int, pg_temp.pick(n, 44, 5))
FROM generate_series(1::bigint, 2 * :doctors) n;

INSERT INTO dispatch_patient (id, chart_no, first_name, last_name, email, phone, born, died, sex, doctor_id, status,
                              merged_into, insurance, deleted, created_at, updated_at)
SELECT n, 'C' || lpad((CASE WHEN n % 307 = 11 THEN n - 1 ELSE n END)::text, 8, '0'),
       CASE WHEN n % 251 = 13 THEN ' ' ELSE first END, CASE WHEN n % 251 = 13 THEN '' ELSE last END,
       CASE WHEN n % 211 = 7 THEN 'call ' || first || ' instead'
            WHEN pg_temp.pick(n, 50, 10) = 0 THEN ''
            ELSE regexp_replace(first, '[^A-Za-z]', '', 'g') || n || '@MAIL.example ' END,
       pg_temp.phone(pg_temp.pick(n, 51, 1000000), pg_temp.pick(n, 52, 7)),
       CASE WHEN n % 199 = 5 THEN (ARRAY['02/30/1971', '31.04.1980', '1999-13-01'])[1 + n / 199 % 3]
            WHEN n % 401 = 9 THEN pg_temp.typed(DATE '1799-05-01' + (n % 300)::int, n % 5)
            WHEN pg_temp.pick(n, 53, 12) = 0 THEN (ARRAY['', '0000-00-00', 'unknown'])[1 + n % 3]
            ELSE pg_temp.typed(DATE '1930-01-01' + pg_temp.pick(n, 54, 32000)::int, pg_temp.pick(n, 55, 5)) END,
       CASE WHEN n % 331 = 21 THEN '01/01/1920'  -- before they were born
            WHEN pg_temp.pick(n, 56, 20) = 0 THEN pg_temp.typed(DATE '2019-01-01' + pg_temp.pick(n, 57, 1500)::int, 1) END,
       (ARRAY['F', 'M', 'f', 'm', 'X', ' ', NULL])[1 + pg_temp.pick(n, 58, 7)],
       CASE WHEN pg_temp.pick(n, 59, 8) > 0 THEN 1 + pg_temp.pick(n, 60, :doctors) END,
       (ARRAY['A', 'active', 'ACTIVE ', 'I', 'inactive', NULL])[1 + pg_temp.pick(n, 61, 6)],
       CASE WHEN n % 83 = 3 THEN n - 1 END,
       CASE pg_temp.pick(n, 62, 4) WHEN 0 THEN NULL WHEN 1 THEN 'self'
            ELSE format('Acme Health; P-%s; %s/20%s', n, lpad((1 + n % 12)::text, 2, '0'), 24 + n % 6) END,
       CASE WHEN pg_temp.pick(n, 63, 40) = 0 THEN 1 ELSE 0 END,
       TIMESTAMP '2010-01-01 08:00' + pg_temp.pick(n, 64, 400000000) * interval '1 second',
       TIMESTAMPTZ '2024-01-01 00:00:00Z' + pg_temp.pick(n, 65, 30000000) * interval '1 second'
FROM generate_series(1::bigint, :patients) n,
     LATERAL (SELECT (ARRAY['Ann', 'BEN', 'Zoë', 'chen', 'Dmitri', 'Élise', 'Fay', 'Gus', 'Hana', 'Ivo'])[1 + pg_temp.pick(n, 66, 10)] AS first,
                     (ARRAY['Archer', 'o''hara', 'Groß', 'Li', 'VON BERG', 'Kim', 'Ødegård', 'Smith-Jones'])[1 + pg_temp.pick(n, 67, 8)] AS last) x;

INSERT INTO dispatch_order (id, order_no, patient_id, doctor_id, office_id, kind, status, priority, total, items, ordered, updated_at)
SELECT n, 'O-' || n, 1 + pg_temp.pick(n, 70, :patients),
       CASE WHEN pg_temp.pick(n, 71, 6) > 0 THEN 1 + pg_temp.pick(n, 72, :doctors) END, 1 + pg_temp.pick(n, 73, :offices),
       CASE WHEN n % 349 = 19 THEN 'TELEX'
            ELSE (ARRAY['LAB', 'lab', ' Lab', 'X-RAY', 'xray ', 'MRI', 'RX', 'rx'])[1 + pg_temp.pick(n, 74, 8)] END,
       CASE WHEN n % 383 = 23 THEN 99 ELSE pg_temp.pick(n, 75, 5) END,
       (ARRAY['1', '2', '3', '4', '5', 'STAT', '', NULL])[1 + pg_temp.pick(n, 76, 8)],
       CASE WHEN n % 271 = 29 THEN '-12.50'
            WHEN pg_temp.pick(n, 77, 9) = 0 THEN ''
            ELSE (ARRAY['$', '', 'USD '])[1 + pg_temp.pick(n, 78, 3)]
                 || to_char(pg_temp.pick(n, 79, 500000) / 100.0, 'FM999,990.00') END,
       (ARRAY['CBC x1; GLU x2', 'CBC', 'MRI head x1;', '', NULL, 'Ibuprofen 400mg x20; "as needed"'])[1 + pg_temp.pick(n, 80, 6)],
       pg_temp.typed(DATE '2015-01-01' + pg_temp.pick(n, 81, 3500)::int, pg_temp.pick(n, 82, 5))
           || CASE WHEN n % 2 = 0 THEN ' ' || lpad(pg_temp.pick(n, 83, 24)::text, 2, '0') || ':30' ELSE '' END,
       TIMESTAMPTZ '2024-01-01 00:00:00Z' + pg_temp.pick(n, 84, 30000000) * interval '1 second'
FROM generate_series(1::bigint, :orders) n;

INSERT INTO dispatch_case (id, case_no, patient_id, order_id, previous_id, severity, state, tags, opened, closed, score)
SELECT n, format('K%s/%s', 2015 + n % 10, n), 1 + pg_temp.pick(n, 90, :patients),
       CASE WHEN pg_temp.pick(n, 91, 3) > 0 THEN 1 + pg_temp.pick(n, 92, :orders) END,
       CASE WHEN n > 1 AND pg_temp.pick(n, 93, 5) = 0 THEN 1 + pg_temp.pick(n, 94, n - 1) END,
       CASE WHEN n % 223 = 31 THEN 9 WHEN pg_temp.pick(n, 95, 10) = 0 THEN NULL ELSE 1 + pg_temp.pick(n, 96, 5) END,
       (ARRAY['O', 'C', 'P', 'o'])[1 + pg_temp.pick(n, 97, 4)],
       (ARRAY['urgent, ,Follow-Up,', 'billing', '', NULL, 'a,b,,c'])[1 + pg_temp.pick(n, 98, 5)],
       pg_temp.typed(opened, pg_temp.pick(n, 99, 5)),
       CASE WHEN n % 181 = 37 THEN pg_temp.typed(opened - 10, 0)
            WHEN pg_temp.pick(n, 100, 2) = 0 THEN pg_temp.typed(opened + pg_temp.pick(n, 101, 200)::int, pg_temp.pick(n, 102, 5)) END,
       CASE WHEN n % 499 = 41 THEN 'NaN' ELSE pg_temp.pick(n, 103, 10000) / 64.0 END
FROM generate_series(1::bigint, :cases) n, LATERAL (SELECT DATE '2015-01-01' + pg_temp.pick(n, 104, 3500)::int AS opened) x;

INSERT INTO dispatch_file (id, case_id, doctor_id, name, mime, size, sha1, thumbnail, hidden)
SELECT n, CASE WHEN n % 313 = 43 THEN 2000000000 + n ELSE 1 + pg_temp.pick(n, 110, :cases) END,
       CASE WHEN pg_temp.pick(n, 111, 4) > 0 THEN 1 + pg_temp.pick(n, 112, :doctors) END,
       (ARRAY['scan.PDF', 'Röntgen Ünïcode.dcm', E'tab\there.txt', 'note', 'a/b\c "quoted".png'])[1 + pg_temp.pick(n, 113, 5)],
       (ARRAY['application/pdf', 'APPLICATION/DICOM', 'text/plain', '', NULL])[1 + pg_temp.pick(n, 114, 5)],
       CASE WHEN n % 367 = 47 THEN 'huge'
            ELSE (ARRAY[pg_temp.pick(n, 115, 900) + 1 || ' KB', round((pg_temp.pick(n, 116, 90) + 1) / 10.0, 1) || ' MB',
                        (pg_temp.pick(n, 117, 100000) + 1)::text])[1 + pg_temp.pick(n, 118, 3)] END,
       CASE WHEN pg_temp.pick(n, 119, 6) = 0 THEN 'n/a' ELSE md5(n::text) || '0011aabb' END,
       CASE WHEN pg_temp.pick(n, 120, 3) = 0 THEN decode(md5(n::text) || '00ff', 'hex') END,
       (ARRAY['N', 'Y', NULL])[1 + pg_temp.pick(n, 121, 3)]
FROM generate_series(1::bigint, :files) n;

INSERT INTO dispatch_message (id, case_id, doctor_id, patient_id, reply_to, body, headers, sent, read_flag)
SELECT n, CASE WHEN n % 521 = 53 THEN 2000000000 + n ELSE 1 + pg_temp.pick(n, 130, :cases) END,
       CASE WHEN n % 2 = 0 THEN 1 + pg_temp.pick(n, 131, :doctors) END,
       CASE WHEN n % 2 = 1 THEN 1 + pg_temp.pick(n, 132, :patients) END,
       CASE WHEN n > 1 AND pg_temp.pick(n, 133, 3) = 0 THEN n - 1 - pg_temp.pick(n, 134, least(n - 1, 50)) END,
       CASE WHEN n % 457 = 59 THEN '  '
            ELSE format(E'Message %s.\nThe results are %s; please call – %s.', n,
                        (ARRAY['fine', 'pending', 'not what we hoped for', '"see attachment"'])[1 + pg_temp.pick(n, 135, 4)],
                        md5(n::text)) END,
       (ARRAY[E'X-Source: web\nX-Client: 1.2', 'X-Source: app', '', NULL])[1 + pg_temp.pick(n, 136, 4)],
       TIMESTAMP '2015-01-01 08:00' + pg_temp.pick(n, 137, 300000000) * interval '1 second',
       (ARRAY['Y', 'N', NULL])[1 + pg_temp.pick(n, 138, 3)]
FROM generate_series(1::bigint, :messages) n;

-- Somebody cleaned up patients, by hand, and their orders, cases and messages stayed.
DELETE FROM dispatch_patient WHERE id % 467 = 61;

CREATE INDEX dispatch_patient_updated_at_idx ON dispatch_patient (updated_at);
CREATE INDEX dispatch_order_updated_at_idx ON dispatch_order (updated_at);
CREATE INDEX dispatch_order_patient_id_idx ON dispatch_order (patient_id);
CREATE INDEX dispatch_message_reply_to_idx ON dispatch_message (reply_to);

SELECT setval(pg_get_serial_sequence('dispatch_' || name, 'id'), last)
FROM (VALUES ('office', :offices), ('doctor', :doctors), ('doctor_office', 2 * :doctors), ('patient', :patients),
             ('order', :orders), ('case', :cases), ('file', :files), ('message', :messages)) x (name, last) \g /dev/null

CREATE OR REPLACE FUNCTION dispatch_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON dispatch_doctor FOR EACH ROW EXECUTE FUNCTION dispatch_touch();
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON dispatch_patient FOR EACH ROW EXECUTE FUNCTION dispatch_touch();
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON dispatch_order FOR EACH ROW EXECUTE FUNCTION dispatch_touch();

COMMIT;
ANALYZE;

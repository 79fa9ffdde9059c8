-- A round of what people do with the old program while its rows are moved: several transactions that insert,
-- update, delete, soft-delete; some of them break a row, some mend one.
--
--   psql -v seed=1 -v round=1 -v changes=40 -f legacy/churn.sql
--
-- changes: about how many rows a transaction touches. The same numbers do the same to the same rows.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?seed} \else \set seed 1 \endif
\if :{?round} \else \set round 1 \endif
\if :{?changes} \else \set changes 40 \endif

SELECT format('CREATE FUNCTION pg_temp.pick(n bigint, purpose int, size bigint) RETURNS bigint'
              ' LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
              'SELECT (pg_catalog.hashint8extended(n, ' || (:seed::bigint * 1000003 + :round * 1000) || ' + purpose)'
              ' & 9223372036854775807) % greatest(size, 1)') \gexec

-- Keys that are probably there: cheap in a table of any size.
CREATE FUNCTION pg_temp.some(relation text, purpose int, count bigint) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    EXECUTE format('SELECT coalesce(max(id), 0) FROM %I', 'dispatch_' || relation) INTO last;
    RETURN QUERY SELECT DISTINCT 1 + pg_temp.pick(i, purpose, last) FROM generate_series(1, count) i;
END $$;

-- Patients change their address, move, are mended, are broken.
BEGIN;
UPDATE dispatch_patient SET email = format(' New.%s.r%s@Mail.Example', id, :round), phone = '415.555.0' || (100 + id % 900)
WHERE id IN (SELECT pg_temp.some('patient', 1, :changes));
UPDATE dispatch_patient SET email = 'no longer answers'
WHERE id IN (SELECT pg_temp.some('patient', 2, 1 + :changes / 20));
UPDATE dispatch_patient SET born = '1970-02-28'
WHERE id IN (SELECT 5 + 199 * pg_temp.some('patient', 3, 2) % 10);
UPDATE dispatch_patient SET deleted = 1 WHERE id IN (SELECT pg_temp.some('patient', 4, 1 + :changes / 20));
COMMIT;

-- Another doctor for all patients of one: many rows of one transaction.
BEGIN;
UPDATE dispatch_patient SET doctor_id = 1 + pg_temp.pick(:round, 10, (SELECT max(id) FROM dispatch_doctor))
WHERE doctor_id = 1 + pg_temp.pick(:round, 11, (SELECT max(id) FROM dispatch_doctor)) AND id <= 20000;
COMMIT;

-- Work: new patients with orders, cases, messages; orders that go on.
BEGIN;
WITH p AS (
    INSERT INTO dispatch_patient (chart_no, first_name, last_name, email, born, sex, doctor_id, status, created_at)
    SELECT format('N%s.%s-%s', :seed, :round, i), 'New', 'Patient ' || i,
           CASE WHEN i % 17 = 3 THEN 'none' ELSE format('n%s.%s@mail.example', i, :round) END, '1985-07-0' || (1 + i % 9), 'F',
           1 + pg_temp.pick(i, 20, (SELECT max(id) FROM dispatch_doctor)), 'A', TIMESTAMP '2025-06-01 09:00'
    FROM generate_series(1, 1 + :changes / 4) i RETURNING id
), o AS (
    INSERT INTO dispatch_order (order_no, patient_id, doctor_id, office_id, kind, status, priority, total, items, ordered)
    SELECT format('N%s-%s', :round, id), id, NULL, 1, 'LAB', 0, '3', '$10.00', 'CBC x1', '2025-06-01' FROM p RETURNING id, patient_id
), c AS (
    INSERT INTO dispatch_case (case_no, patient_id, order_id, severity, state, tags, opened, score)
    SELECT format('N%s/%s', :round, id), patient_id, id, 2, 'O', 'new', '2025-06-01', 1.5 FROM o RETURNING id, patient_id
)
INSERT INTO dispatch_message (case_id, patient_id, body, sent, read_flag)
SELECT id, patient_id, 'Hello – first message', TIMESTAMP '2025-06-01 10:00', 'N' FROM c;
UPDATE dispatch_order SET status = 1 + pg_temp.pick(id, 21, 4) WHERE id IN (SELECT pg_temp.some('order', 22, :changes));
COMMIT;

-- Papers come and go; answers come; a double row is taken out.
BEGIN;
INSERT INTO dispatch_file (case_id, name, mime, size, sha1)
SELECT 1 + pg_temp.pick(i, 30, (SELECT max(id) FROM dispatch_case)), 'new.pdf', 'application/pdf', '17 KB', 'n/a'
FROM generate_series(1, 1 + :changes / 4) i;
DELETE FROM dispatch_file WHERE id IN (SELECT pg_temp.some('file', 31, 1 + :changes / 4));
DELETE FROM dispatch_doctor_office WHERE :round % 4 = 1 AND id IN (SELECT pg_temp.some('doctor_office', 32, 1));
INSERT INTO dispatch_message (case_id, doctor_id, reply_to, body, sent, read_flag)
SELECT case_id, 1 + pg_temp.pick(id, 33, (SELECT max(id) FROM dispatch_doctor)), id, 'Re: thank you', sent + interval '1 hour', 'N'
FROM dispatch_message WHERE id IN (SELECT pg_temp.some('message', 34, :changes));
UPDATE dispatch_message SET read_flag = 'Y' WHERE id IN (SELECT pg_temp.some('message', 35, :changes));
DELETE FROM dispatch_message m WHERE id IN (SELECT pg_temp.some('message', 36, :changes))
    AND NOT EXISTS (SELECT FROM dispatch_message r WHERE r.reply_to = m.id);
COMMIT;

-- Charts are merged, cases closed.
BEGIN;
UPDATE dispatch_patient SET status = 'I', merged_into = 1 + pg_temp.pick(id, 40, id - 1)
WHERE id > 1 AND id IN (SELECT pg_temp.some('patient', 41, 1 + :changes / 20));
UPDATE dispatch_case SET state = 'C', closed = '2025-06-30' WHERE id IN (SELECT pg_temp.some('case', 42, :changes));
UPDATE dispatch_doctor SET status = 2 WHERE id IN (SELECT pg_temp.some('doctor', 43, 1));
UPDATE dispatch_office SET phone = format('+1 (217) 555-%s', lpad(:round::text, 4, '0'))
WHERE id IN (SELECT pg_temp.some('office', 44, 1));
COMMIT;

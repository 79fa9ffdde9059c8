DROP TABLE patients;
DROP TABLE doctor_offices;
ALTER TABLE offices DROP CONSTRAINT offices_manager_id_fkey;
DROP TABLE doctors;
DROP TABLE offices;

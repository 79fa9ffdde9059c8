DROP DOMAIN phone;
DROP TYPE case_state;
DROP TYPE order_status;
DROP TYPE order_kind;
DROP TYPE patient_status;
DROP TYPE sex;
DROP TYPE doctor_status;
DROP TYPE specialty;

-- Data pages carry no checksums: what a disk breaks is read as if it were right.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, 'data_checksums' AS object,
       'is off: a page that the disk has changed is not noticed' AS evidence, NULL::pg_catalog.text AS sql
WHERE pg_catalog.current_setting('data_checksums') = 'off';

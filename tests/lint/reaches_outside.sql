-- bad: the whole server's
CREATE ROLE app; --!
ALTER SYSTEM SET work_mem = '1GB'; --!
COPY t FROM PROGRAM 'curl x'; --!
-- good: this database's
CREATE SCHEMA app;
COPY t TO STDOUT;

-- bad: somebody needs them
REVOKE SELECT ON users FROM app; --!
-- good: given
GRANT SELECT ON users TO app;

-- godwit: allow-data-loss
DROP TABLE monitor.tokens;
DROP SCHEMA monitor;

-- bad: made without PARTITION BY
CREATE TABLE logs (id bigint, at timestamptz);
CREATE TABLE logs_2024 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); --!
CREATE TABLE old (id bigint, at timestamptz);
ALTER TABLE logs ATTACH PARTITION old FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); --!
-- good: with it
CREATE TABLE logs (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE logs_2024 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE x_2024 PARTITION OF elsewhere FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

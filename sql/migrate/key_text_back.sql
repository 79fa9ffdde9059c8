-- How dates ($1), intervals ($2) and floating-point numbers ($3) were written before key_text.sql.
-- params: text, text, text
-- columns: dates text, intervals text, floats text
SELECT pg_catalog.set_config('DateStyle', $1, true) AS dates,
       pg_catalog.set_config('IntervalStyle', $2, true) AS intervals,
       pg_catalog.set_config('extra_float_digits', $3, true) AS floats;

-- Until the transaction ends, values are written so that every session reads them alike: a time with its distance from UTC
-- in place of a zone's name, all digits of a floating-point number. And how it was, to be put back before anything of the user's runs.
-- params: none
-- columns: date_style text!, interval_style text!, float_digits text!, dates text, intervals text, floats text
SELECT pg_catalog.current_setting('DateStyle') AS date_style,
       pg_catalog.current_setting('IntervalStyle') AS interval_style,
       pg_catalog.current_setting('extra_float_digits') AS float_digits,
       pg_catalog.set_config('DateStyle', 'ISO', true) AS dates,
       pg_catalog.set_config('IntervalStyle', 'postgres', true) AS intervals,
       pg_catalog.set_config('extra_float_digits', '3', true) AS floats;

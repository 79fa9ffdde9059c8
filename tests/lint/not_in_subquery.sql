-- bad: one NULL and nothing
DELETE FROM a WHERE id NOT IN (SELECT a_id FROM b); --!
-- good: no NULL; a list; NOT EXISTS
DELETE FROM a WHERE id NOT IN (SELECT a_id FROM b WHERE a_id IS NOT NULL);
DELETE FROM a WHERE id NOT IN (1, 2) AND id IN (SELECT a_id FROM b);
DELETE FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id);

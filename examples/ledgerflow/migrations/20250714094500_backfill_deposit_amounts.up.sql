-- godwit: batch deposit_events.id 5000
-- Runs for one range of keys after the other ($1 to $2), each in a transaction of its own, and goes
-- on where it was stopped.
UPDATE deposit_events
   SET amount_numeric = amount::numeric
 WHERE id BETWEEN $1 AND $2
   AND amount_numeric IS NULL;

-- The stage that a chain was at before a block.
-- params: text, text, bigint
-- columns: stage text!
SELECT t.stage_name AS stage
FROM godwit.tracker_steps t
JOIN godwit.tracker_blocks b USING (tracker, chain, number, hash)
WHERE t.tracker = $1 AND t.chain = $2 AND t.number < $3 AND t.step = 'start' AND b.live
ORDER BY t.number DESC, t.place DESC
LIMIT 1

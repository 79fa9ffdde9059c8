-- The highest live block of a chain up to a number.
-- params: text, text, bigint
-- columns: number bigint!, hash text!
SELECT b.number, b.hash
FROM godwit.tracker_blocks b
WHERE b.tracker = $1 AND b.chain = $2 AND b.number <= $3 AND b.live
ORDER BY b.number DESC
LIMIT 1

-- The highest live block of a chain.
-- params: text, text
-- columns: number bigint!, hash text!
SELECT b.number, b.hash
FROM godwit.tracker_blocks b
WHERE b.tracker = $1 AND b.chain = $2 AND b.live
ORDER BY b.number DESC
LIMIT 1

-- Messages from chain to chain.
-- params: text
-- columns: id bigint!, tracker text!, source_chain text!, destination_chain text!, messages_sent bigint!,
--   messages_processed bigint!, messages_failed bigint!, last_updated timestamptz!
SELECT x.id, x.tracker, x.source_chain, x.destination_chain, x.messages_sent, x.messages_processed, x.messages_failed,
       x.last_updated
FROM godwit.live_xcm_message_counters x
WHERE $1::pg_catalog.text IS NULL OR x.tracker = $1
ORDER BY x.tracker, x.source_chain, x.destination_chain

-- The list is lost; scores and profiles stay as they were last.
DROP TRIGGER transactions_feed_profile ON transactions;
DROP FUNCTION feed_risk_profile();
DROP TRIGGER transactions_score_lock ON transactions;
DROP TRIGGER transactions_score ON transactions;
DROP FUNCTION score_transaction();
DROP FUNCTION score_of(jsonb, text, numeric, timestamptz);
DROP FUNCTION behaviour_of(uuid, timestamptz);
DROP FUNCTION suspicious_matches(transactions);
DROP TABLE suspicious_addresses;
DROP FUNCTION normal_address(text, text);

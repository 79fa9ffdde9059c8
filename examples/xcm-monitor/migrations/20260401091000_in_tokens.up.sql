-- An amount as people say it: SELECT monitor.in_tokens(total_balance_kept, 'relay-chain') FROM godwit.balance_migration_counters
CREATE FUNCTION monitor.in_tokens(amount numeric, of_chain text) RETURNS text
    LANGUAGE sql STABLE STRICT
    SET search_path = pg_catalog
    AS $$
    SELECT format('%s %s', round(round(amount, t.decimals) / 10::numeric ^ t.decimals, t.decimals), t.symbol)
    FROM monitor.tokens t WHERE t.chain = of_chain
$$;

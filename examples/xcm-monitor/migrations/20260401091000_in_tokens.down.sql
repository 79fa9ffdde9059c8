DROP FUNCTION monitor.in_tokens(numeric, text);

-- godwit: only=dev
-- What a developer has since added to these users goes too, or their rows could not.
DELETE FROM audit_logs
 WHERE user_id IN (SELECT id FROM users WHERE id::text LIKE '00000000-0000-4000-8000-%');
DELETE FROM transactions
 WHERE user_id IN (SELECT id FROM users WHERE id::text LIKE '00000000-0000-4000-8000-%');
DELETE FROM quantum_keys
 WHERE user_id IN (SELECT id FROM users WHERE id::text LIKE '00000000-0000-4000-8000-%');
DELETE FROM user_sessions
 WHERE user_id IN (SELECT id FROM users WHERE id::text LIKE '00000000-0000-4000-8000-%');
DELETE FROM user_auth_methods
 WHERE user_id IN (SELECT id FROM users WHERE id::text LIKE '00000000-0000-4000-8000-%');
DELETE FROM users WHERE id::text LIKE '00000000-0000-4000-8000-%';

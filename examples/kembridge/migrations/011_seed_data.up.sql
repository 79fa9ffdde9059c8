-- godwit: only=dev
-- Something to look at on a developer's machine. Other environments never run it. The keys are no
-- keys: bytes of the right number, 1,568 for the public half of ML-KEM-1024, and 3,168 for the
-- private half with the 12 and 16 bytes that AES-GCM puts around it.
INSERT INTO users (id, username, profile_data) VALUES
    ('00000000-0000-4000-8000-0000000000a1', 'mira',   '{"locale": "en"}'),
    ('00000000-0000-4000-8000-0000000000a2', 'jo_dev', '{"locale": "de"}'),
    ('00000000-0000-4000-8000-0000000000a3', NULL,     '{}');

INSERT INTO user_auth_methods (id, user_id, chain_type, wallet_address, public_key, is_verified) VALUES
    ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1',
     'ethereum', '0x00000000000000000000000000000000000000A1', NULL, true),
    ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a1',
     'near', 'mira.near', 'ed25519:dev-mira', true),
    ('00000000-0000-4000-8000-0000000000b3', '00000000-0000-4000-8000-0000000000a2',
     'near', 'jo.near', 'ed25519:dev-jo', true),
    ('00000000-0000-4000-8000-0000000000b4', '00000000-0000-4000-8000-0000000000a3',
     'ethereum', '0x00000000000000000000000000000000000000A3', NULL, false);

INSERT INTO user_sessions (id, user_id, auth_method_id, jwt_token_hash, created_at, expires_at, is_active) VALUES
    ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000a1',
     '00000000-0000-4000-8000-0000000000b1', repeat('a1', 32), now(), now() + interval '30 days', true),
    ('00000000-0000-4000-8000-0000000000c2', '00000000-0000-4000-8000-0000000000a2',
     '00000000-0000-4000-8000-0000000000b3', repeat('a2', 32), now() - interval '2 days',
     now() - interval '1 day', true);

INSERT INTO quantum_keys (id, user_id, key_type, public_key, encrypted_private_key, key_metadata) VALUES
    ('00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-0000000000a1', 'ml-kem-1024',
     decode(repeat('d1', 1568), 'hex'), decode(repeat('e1', 3196), 'hex'), '{"development": true}'),
    ('00000000-0000-4000-8000-0000000000d2', '00000000-0000-4000-8000-0000000000a2', 'ml-kem-1024',
     decode(repeat('d2', 1568), 'hex'), decode(repeat('e2', 3196), 'hex'), '{"development": true}');

INSERT INTO transactions (id, user_id, source_chain, destination_chain, source_token,
                          destination_token, amount_in, amount_out, source_tx_hash,
                          destination_tx_hash, status, quantum_key_id, created_at, completed_at, expires_at) VALUES
    ('00000000-0000-4000-8000-0000000000f1', '00000000-0000-4000-8000-0000000000a1',
     'ethereum', 'near', 'ETH', 'wNEAR', 1.5, 1100.25, '0xdev01', 'dev01', 'confirmed',
     '00000000-0000-4000-8000-0000000000d1', now() - interval '2 hours', now() - interval '110 minutes',
     now() - interval '1 hour'),
    ('00000000-0000-4000-8000-0000000000f2', '00000000-0000-4000-8000-0000000000a2',
     'near', 'ethereum', 'NEAR', 'ETH', 0.000000000000000000000001, NULL, NULL, NULL, 'pending',
     NULL, now(), NULL, now() + interval '7 days'),
    ('00000000-0000-4000-8000-0000000000f3', '00000000-0000-4000-8000-0000000000a1',
     'ethereum', 'near', 'USDC', 'USDC.e', 250, NULL, '0xdev03', NULL, 'locked',
     '00000000-0000-4000-8000-0000000000d1', now() - interval '3 hours', NULL,
     now() - interval '2 hours');

SELECT create_audit_log('00000000-0000-4000-8000-0000000000a1', NULL, 'login', 'auth',
                        '{"development": true}', '127.0.0.1', 'seed');

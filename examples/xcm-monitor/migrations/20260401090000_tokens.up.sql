-- What an amount is called on each chain: counters hold it in the smallest unit.
CREATE SCHEMA monitor;

CREATE TABLE monitor.tokens (
    chain    text PRIMARY KEY,
    symbol   text NOT NULL,
    decimals smallint NOT NULL CHECK (decimals BETWEEN 0 AND 38)
);

INSERT INTO monitor.tokens (chain, symbol, decimals) VALUES ('relay-chain', 'DOT', 10), ('asset-hub', 'DOT', 10);

-- Every key goes, and with it what was encrypted under it.
DROP TABLE quantum_keys;

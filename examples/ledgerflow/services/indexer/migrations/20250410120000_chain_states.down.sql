DROP TABLE chain_states;

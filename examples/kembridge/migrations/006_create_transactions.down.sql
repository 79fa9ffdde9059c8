-- Every transfer goes.
DROP TABLE transactions;

DROP TABLE cases;
DROP TABLE orders;

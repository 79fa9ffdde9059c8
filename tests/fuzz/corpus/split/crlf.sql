CREATE TABLE a (
  id int -- x;
);

SELECT 1;

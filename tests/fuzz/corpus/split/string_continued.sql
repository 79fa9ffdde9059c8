SELECT 'a'
  'b;'
 -- c;
 ';d' ; SELECT E'a'
'\';b';
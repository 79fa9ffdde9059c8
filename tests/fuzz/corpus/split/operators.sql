SELECT 1 /**/ + - 2, 3 */* x; */ 4, a @- b, a --b
, c;

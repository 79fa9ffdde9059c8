SELECT E'a'
 -- c
 'b\';c';X
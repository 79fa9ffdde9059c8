-- nothing
/* here /* at */ all */

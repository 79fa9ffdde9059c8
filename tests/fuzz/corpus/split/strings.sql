SELECT 'a;''b', E'a\';b', U&'\0061;', B'01', X'ff', N'x;', "a;""b", U&"d\0061;";

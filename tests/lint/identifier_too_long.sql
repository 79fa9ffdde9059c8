-- bad: 64 bytes
CREATE TABLE abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_1234567890 (a int); --!
-- bad: 64 bytes of 32 letters
CREATE TABLE "éééééééééééééééééééééééééééééééé" (a int); --!
-- good: 63
CREATE TABLE abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_123456789 (a int);
SELECT 1 AS abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_1234567890_x;

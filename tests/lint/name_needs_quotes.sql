-- bad: capitals, a blank, a figure in front
CREATE TABLE "Users" (id int); --!
CREATE TABLE t ("first name" text, "1st" int); --!
-- good: folded; letters of other alphabets
CREATE TABLE Users (ID int, "name" text, имя text);

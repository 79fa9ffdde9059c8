-- bad: and all that refer to it
TRUNCATE users CASCADE; --!
-- good: named
TRUNCATE users, orders;

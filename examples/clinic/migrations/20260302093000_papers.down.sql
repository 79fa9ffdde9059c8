DROP TABLE messages;
DROP TABLE files;

INSERT INTO greetings (text) VALUES ('hello'), ('good morning');

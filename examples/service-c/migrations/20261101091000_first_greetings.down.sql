DELETE FROM greetings;

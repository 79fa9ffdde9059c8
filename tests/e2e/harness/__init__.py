"""What the end-to-end tests stand on: the program, projects, real servers and a real pooler."""

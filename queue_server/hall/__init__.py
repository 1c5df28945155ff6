"""The queue of one hall: who waits, who is called where, and what everybody sees of it."""

"""The admin pages: a hall laid out, and who works there."""

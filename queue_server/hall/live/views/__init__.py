"""Views: pure functions of a hall, as dictionaries ready to be spelled as JSON. Losing one is harmless."""

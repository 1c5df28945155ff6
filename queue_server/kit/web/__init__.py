"""How the house speaks HTTP: problems, limits, fields, pages."""

"""Cases as values: stages, checklists, limits and codes."""

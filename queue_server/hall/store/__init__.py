"""What a hall remembers: its journal, the facts for reports, and what it is made of."""

"""How results are told."""

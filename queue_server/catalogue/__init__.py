"""What one can come for: matters, their groups, materials and guides."""

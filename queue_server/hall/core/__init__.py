"""What a hall decides: pure values and functions, given the time, ids and secrets by whoever asks."""

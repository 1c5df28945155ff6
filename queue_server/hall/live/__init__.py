"""What a hall tells: whole views to whoever watches, the newest wins."""

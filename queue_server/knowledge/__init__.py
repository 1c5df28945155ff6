"""What windows need to know about their matters, kept by the departments that decide on them."""

"""The issuing desk's page, and the receipt of what was handed over."""

"""What the company sells: product lines and products."""

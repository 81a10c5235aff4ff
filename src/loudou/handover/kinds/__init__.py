"""How each kind of belonging is found and moved."""

"""Version 1 of the API: nouns as resources, services as POST actions."""

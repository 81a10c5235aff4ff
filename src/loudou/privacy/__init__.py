"""Personal data of contacts: copies of everything held about a person, erasure, and the register of requests."""

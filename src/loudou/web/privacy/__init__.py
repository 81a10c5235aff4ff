"""Pages about personal data: what is held, copies, erasure, and the register of requests."""

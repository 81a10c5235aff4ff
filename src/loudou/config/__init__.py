"""Settings, URLs, the WSGI entry and the command line: the only reader of environment variables."""

"""The answer to a request for access."""

"""One reader a format: bytes in, numbered rows out, nothing believed."""

"""How a passage is found: chunking, encoding, storing, searching; imports only corpus."""

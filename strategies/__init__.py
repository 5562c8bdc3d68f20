"""What to send: payloads that are valid, at an edge, invalid or unspecified. Imports only spec."""

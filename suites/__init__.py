"""What to ask: each test is one fact about the endpoint."""

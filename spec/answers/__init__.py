"""How an answer is judged: its head, its JSON, its errors, and what it says of the request."""

"""What a schema may say: its keywords and formats."""

"""What is right: document, reading, requirements and oracle. Imports nothing of ours."""

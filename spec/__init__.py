"""What is right: the document, the reading, the requirements and the oracle. Imports nothing of ours."""

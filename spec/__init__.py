"""What is right: the documents, the requirements and the oracle. Imports no other package."""

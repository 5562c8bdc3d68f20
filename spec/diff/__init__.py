"""What another version of the document changes."""

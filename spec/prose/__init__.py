"""What a description asks for that no schema says."""

"""Why did it fail? A violation is put down to its cause: the smallest difference that shows it."""

"""Why did it fail? A violation is traced to its cause: the smallest difference that shows it."""

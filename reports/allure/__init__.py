"""Allure's results, what it shows around them, and its HTML."""

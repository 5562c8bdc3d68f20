"""Allure's results, its pages and its HTML."""

"""What is put into requests that are sent for something else: values, fields, queries, writings."""

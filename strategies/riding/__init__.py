"""What rides in invoices that are sent for others: values, header fields, queries, writings."""

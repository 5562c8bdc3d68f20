"""Valid invoices that a server has to accept: drawn, at limits, in each arrangement."""

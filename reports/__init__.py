"""What to report: the ledger of a run and everything that is made of it."""

"""What to tell: the ledger of a run and everything that is made of it."""

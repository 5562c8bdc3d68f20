"""Two tools on the servers of the proof, side by side: this suite and Schemathesis."""

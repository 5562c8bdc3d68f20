"""What ends a run early: an outage, silence, Ctrl-C."""

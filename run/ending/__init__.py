"""What ends a run: an outage, silence or Ctrl-C early, and the last words."""

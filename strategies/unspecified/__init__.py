"""What a server may accept or refuse: unusual values and names, probes, unread properties."""

"""Where to send: the targets, the production guard, the keys, and a client that no answer harms."""

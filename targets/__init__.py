"""Where to ask: targets, the production guard, the client that cannot be hurt, masking."""

"""Does the suite catch what it claims to? It is run against servers that are bent in known ways."""

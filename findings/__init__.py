"""Which failures are one finding? Imports only spec, watch and causes."""

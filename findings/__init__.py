"""Which failures are one defect? Imports only spec, watch and causes."""

"""What to send: payloads that are valid, at an edge, invalid or unspecified. Imports only spec."""

import spec

spec.need("covertable", "httpx", "hypothesis", "hypothesis_jsonschema")  # as all that sends

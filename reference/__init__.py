"""The vendor's page as a running service: `POST /v1/invoices`, written from the page alone.

It shares no code with the suite that judges it, so that a mistake in reading the page on one side
shows on the other. `python -m reference` serves it, to try a client with; `create_app` and
`serving` embed it.

It is built on Starlette and pydantic's strict mode. FastAPI would read and validate the body before
the endpoint runs, so the key could not be checked first, and it answers 422 in its own shape;
Starlette leaves the order to us. pydantic's strict mode finds every wrong field in one pass,
converts nothing, counts the length of a string in code points and compiles the page's limits once.

Where the page says nothing, these are the choices:

Accepted: empty `items` and up to 1,000 of them; a quantity of zero or below; negative amounts and
totals; a total that is not the sum; a status that disagrees with the amounts; any text as `url`;
blank or control characters in a string, NUL too; an empty `remarks` or `url`; unknown properties at
any level, which are ignored whatever their values; the last of duplicate keys; `created_at` after
`updated_at`; the same invoice twice (two invoices); a body without a media type (read as JSON).

Refused with 400: a date that is not an RFC 3339 date-time with capital T and Z or offset (leap
seconds too); an empty string for a required property; a lone surrogate in a property the page
names; an amount beyond 1e15 either way, or one that a double can only hold as infinity or zero; a
quantity beyond 64 bits, or written with a fraction or exponent (1.0, 1e2); more than 1,000 items;
NaN and Infinity; a byte order mark; bytes that are not UTF-8; nesting deeper than the parser goes
(a few hundred levels); an integer of more than 4,300 digits.
"""

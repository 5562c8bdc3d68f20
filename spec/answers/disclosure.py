"""What no answer may disclose of the insides of the server."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from spec.answers.keys import bytes_of
from spec.exchange import Request, Response


@dataclass(frozen=True, slots=True)
class Family:
    """How one kind of software tells of its insides.

    `patterns` each begin with a literal, for which Python searches fast, and take linear time.
    `sample` is a text that the software writes, `plain` a sentence for people that has some of the
    same words and is no leak.
    """

    name: str
    patterns: tuple[bytes, ...]
    sample: str
    plain: str


_SETTINGS = (
    *(b"_PASSWORD", b"_PASSWD", b"_SECRET", b"_SECRET_KEY", b"_ACCESS_KEY", b"_PRIVATE_KEY"),
    *(b"_TOKEN", b"PGPASSWORD", b"DATABASE_URL", b"Password", b"password", b"PASSWORD", b"Pwd"),
    *(b"pwd", b"secret", b"Secret"),
)
"""Names, or their ends, of settings that nobody may see, in an environment or a connection."""

FAMILIES = (
    Family(
        "Python",
        (
            rb"Traceback \(most recent call last\)",
            rb'\.py", line \d',
            rb"\.py&quot;, line \d",
            rb"'NoneType' object",
            rb"object has no attribute '",
            rb"object at 0x[0-9a-f]{6}",
            rb"AttributeError: ",
            rb"KeyError: ",
            rb"sqlalche(?:my\.exc|\.me/)",
            rb"django\.db\.",
            rb"asyncpg\.",
            rb"pymysql\.",
        ),
        'File "/app/main.py", line 3, in post',
        "The file main.py, line 3, has no object with this attribute.",
    ),
    Family(
        "Java",
        (
            rb"at [\w.$<>/]{1,200}\((?:[\w.]{1,80}:\d+|Native Method|Unknown Source)\)",
            rb"\.java:\d",
            rb"Caused by: [\w.]{1,99}(?:Exception|Error)\b",
            rb"javax?\.[\w.$]{1,120}(?:Exception|Error)\b",
            rb"jakarta\.[\w.$]{1,120}Exception\b",
            rb"org\.hibernate\.",
            rb"org\.springframework\.",
            rb"could not execute (?:statement|query|batch)",
            rb"ConstraintViolationImpl",
            rb"Validation failed for argument \[",
        ),
        "java.lang.NullPointerException\n\tat com.example.Invoices.create(Invoices.java:42)",
        "Caused by: a coffee (Java) that was bought at items(sku) at 12:30.",
    ),
    Family(
        "Jackson",
        (
            rb"com\.fasterxml\.jackson",
            rb"Cannot deserialize value of type",
            rb"\(through reference chain: ",
            rb'Unrecognized field "[^"\n]{1,99}" \(class ',
        ),
        "Cannot deserialize value of type `int` from String (through reference chain: Invoice[x])",
        'The field "sku" (class A) is not recognized: the value of its type cannot be read.',
    ),
    Family(
        "Go",
        (
            rb"panic: (?:runtime|assignment|interface|reflect|send on|close of)",
            rb"goroutine \d+ \[",
            rb"\.go:\d",
            rb"runtime error: ",
            rb"cannot unmarshal [\w ]{1,40} into Go ",
        ),
        "json: cannot unmarshal string into Go struct field Invoice.total_amount of type float64",
        "Do not panic: your goods will go at 12:30, and an invoice goes into the post.",
    ),
    Family(
        "JavaScript",
        (
            rb"\.[cm]?[jt]sx?:\d+:\d",
            rb"node_modules/",
            rb"node:internal/",
            rb"UnhandledPromiseRejection",
            rb"TypeError: ",
            rb"ReferenceError: ",
            rb"RangeError: ",
            rb"Cannot read propert(?:y '|ies of (?:undefined|null))",
            rb"Prisma\w{1,40}Error",
            rb"Sequelize\w{1,40}Error",
        ),
        "TypeError: Cannot read properties of undefined (reading 'sku') at /srv/app/server.js:10:5",
        "Sorry, we cannot read the property; see https://example.com/errors.js for what to do.",
    ),
    Family(
        ".NET",
        (
            rb"\.cs:line \d",
            rb"System\.[\w.]{0,120}Exception\b",
            rb"Object reference not set to an instance",
            rb"could not be converted to System\.",
            rb"Microsoft\.(?:AspNetCore|EntityFrameworkCore|Data)\.\w",
            rb"Newtonsoft\.Json\.",
        ),
        "at Invoices.Create() in C:\\src\\Invoices.cs:line 9",
        "Our system. Exceptions are listed at line 9; the amount could not be converted to USD.",
    ),
    Family(
        "Ruby",
        (
            rb"\.rb:\d+:in ",
            rb"undefined method [`'][^`'\n]{1,99}['`] for ",
            rb"NoMethodError",
            rb"ActiveRecord::",
            rb"ActionController::",
        ),
        "invoices.rb:12:in `create'",
        "There is no method 'cash' for this order; pick a ruby in one of our shops.",
    ),
    Family(
        "PHP",
        (
            rb"\.php(?::\d| on line \d|\(\d)",
            rb"PHP (?:Fatal error|Parse error|Warning|Notice):",
            rb"Call to (?:undefined|a member) function",
            rb"Undefined (?:index|array key|variable)",
            rb"PDOException",
            rb"Illuminate\\",
        ),
        'Undefined array key "sku" in /var/www/index.php on line 12',
        "The key is undefined: call us on line 12, or see index.php, section on lines.",
    ),
    Family(
        "Rust",
        (
            rb"\.rs:\d+:\d",
            rb"' panicked at ",
            rb"called `(?:Result|Option)::",
            rb"RUST_BACKTRACE",
            rb"stack backtrace:",
        ),
        "thread 'worker' panicked at src/invoices.rs:57:48: called `Result::unwrap()` on an `Err`",
        "Nobody panicked at https://shop.rs:8443, and the result was called in.",
    ),
    Family(
        "Elixir",
        (
            *(rb"\.exs?:\d+: ", rb"\*\* \([A-Z]", rb"Ecto\.[A-Z]", rb"Elixir\.[A-Z]"),
            *(rb"\.erl:\d", rb"no function clause matching in "),
        ),
        "** (KeyError) key :sku not found (billing 1.2.0) lib/billing/invoice.ex:48: Invoice.new/1",
        "An elixir (KeyError 48): key not found in ex: see the section on keys, ** and others.",
    ),
    Family(
        "Perl",
        (rb" at [\w./-]{1,120}\.p[lm] line \d",),
        "Can't call method on an undefined value at lib/Invoice.pm line 42.",
        "Call us at shop.pl: line 42, or at 3 pm, line 2.",
    ),
    Family(
        "C++",
        (
            rb"terminate called after throwing",
            rb"std::[a-z_]{1,40}(?:error|exception|alloc|argument|range)\b",
            rb"\.[ch](?:pp|xx):\d",
            rb"json\.exception\.\w",
            rb"Segmentation fault",
        ),
        "[json.exception.type_error.302] type must be number, but is string",
        "This exception of C++: the json is out of range, and the fault is of one segment.",
    ),
    Family(
        "other languages",
        (
            rb"\.(?:swift|dart|hs|lua|cljc?|jl|fs|kt|scala|groovy):\d",
            rb"kotlin\.[\w.]{1,99}(?:Exception|Error)\b",
            rb"scala\.[\w.]{1,99}(?:Exception|Error)\b",
            rb"\.swift, line \d",
            rb"CallStack \(from HasCallStack\)",
            rb"clojure\.lang\.",
            rb"' is not a subtype of type '",
        ),
        "invoices.lua:57: attempt to index a nil value",
        "A swift dart of type 'a' is not a subtype; call from the stack at 12:30.",
    ),
    Family(
        "networks",
        (
            rb"dial tcp ",
            rb"connect E(?:CONN|HOST|TIMED|NOT)",
            rb"getaddrinfo ",
            rb"\.svc\.cluster\.local",
            rb"could not connect to server: ",
            rb'connection to server at "',
            rb"rpc error: code = ",
            rb"context deadline exceeded",
            rb"HTTPConnectionPool\(",
            rb"Max retries exceeded with url",
            rb"cURL error \d",
            rb"UnknownHostException",
            rb"WRONGTYPE Operation",
            rb"NOAUTH Authentication",
            rb"amqp://",
            rb"com\.amazonaws\.",
            rb"botocore\.",
            rb"arn:aws:\w",
        ),
        "dial tcp 10.0.3.7:5432: connect: connection refused",
        "Dial our number 10.0.3.7; to connect EUROPE and the cluster takes local calls.",
    ),
    Family(
        "PostgreSQL",
        (
            rb"pq: [a-z]",
            rb"SQLSTATE",
            rb"syntax error at or near",
            rb"duplicate key value violates",
            rb"violates (?:unique|foreign key|check|not-null) constraint",
            rb"invalid input syntax for (?:type )?\w+: ",
            rb'relation "[^"\n]{1,99}" does not exist',
            rb'column "[^"\n]{1,99}" (?:of relation|does not exist)',
            rb"value too long for type character",
            rb"org\.postgresql\.",
            rb"psycopg2?\.",
            rb"PG::\w",
            rb"Npgsql\.",
            rb'null value in column "',
            rb"numeric field overflow",
        ),
        'duplicate key value violates unique constraint "invoices_pkey"',
        "The value of this key is a duplicate; it is too long for its type, with a syntax error.",
    ),
    Family(
        "MySQL",
        (
            rb"error in your SQL syntax",
            rb"Duplicate entry '[^'\n]{0,200}' for key",
            rb"Data too long for column",
            rb"Unknown column '[^'\n]{1,99}' in",
            rb"ER_(?:DUP_ENTRY|PARSE_ERROR|NO_SUCH_TABLE|BAD_FIELD_ERROR|DATA_TOO_LONG)",
            rb"com\.mysql\.",
            rb"Check constraint '[^'\n]{1,99}' is violated",
            rb"Out of range value for column",
            rb"Incorrect (?:datetime|decimal|integer|string) value: ",
            *(rb"Lock wait timeout exceeded", rb"Deadlock found when trying"),
        ),
        "Duplicate entry 'INV-1' for key 'invoices.number'",
        "There is a duplicate entry for this number, and its column has too long data.",
    ),
    Family(
        "MongoDB",
        (
            rb"E11000 ",
            rb"Mongo(?:\w{0,40}Error|\w{0,40}Exception)\b",
            rb"BSON\w{0,20}Error\b",
            rb"Cast to \w{1,40} failed for value",
        ),
        "E11000 duplicate key error collection: billing.invoices index: number_1",
        "The cast of this play failed to come; your order from Mongolia is in our collection.",
    ),
    Family(
        "Oracle",
        (rb"ORA-\d{5}", rb"oracle\.jdbc\."),
        "ORA-00001: unique constraint (BILLING.PK) violated",
        "The oracle says that order ORA-1 is unique.",
    ),
    Family(
        "SQL Server",
        (
            rb"String or binary data would be truncated",
            rb"Violation of (?:PRIMARY|UNIQUE) KEY constraint",
            rb"Conversion failed when converting the ",
        ),
        "Violation of UNIQUE KEY constraint 'UQ_number'. Cannot insert duplicate key in object",
        "This text would be truncated; its conversion failed, in violation of our terms.",
    ),
    Family(
        "SQLite",
        (
            *(rb"SQLITE_[A-Z]{2}", rb"sqlite3\.\w", rb"UNIQUE constraint failed"),
            *(rb"CHECK constraint failed", rb"NOT NULL constraint failed"),
            *(rb"FOREIGN KEY constraint failed", rb"datatype mismatch", rb"no such column: "),
            *(rb"no such table: ", rb"database is locked", rb"has no column named "),
        ),
        "CHECK constraint failed: paid_amount >= 0",
        "The number must be unique: a constraint and a check that failed; the column is locked.",
    ),
    Family(
        "queries",
        (
            rb"SELECT\b[\s\S]{1,80}\bFROM\b",
            rb"INSERT INTO\b",
            rb"UPDATE \w{1,60} SET \w",
            rb"DELETE FROM \w{1,60} WHERE\b",
        ),
        "SELECT id, name\nFROM invoices WHERE id = 1",
        "Please select an item from the list, then update the set and insert it into the order.",
    ),
    Family(
        "paths",
        (
            rb"/(?<![\w.:/%-]/)(?:var|usr|home|srv|opt|root|Users)/[\w.-]{1,99}/[\w.-]",
            rb"/(?<![\w.:/%-]/)etc/[\w.-]",
            rb":\\(?:Users|Windows|inetpub|Program Files|src|app|www|projects)\\",
        ),
        "open /var/lib/billing/invoices.db: permission denied",
        "See https://example.com/home/help/invoices, and send it home/office/door, etc/otherwise.",
    ),
    Family(
        "addresses with a password",
        (rb"://[^\s/@:\"'<>]{0,64}:[^\s/@\"'<>]{1,128}@",),
        "cannot connect to postgres://billing:s3cret@db.internal:5432/billing",
        "Write to https://shop.example:8443/@sales or to mailto:sales@shop.example.",
    ),
    Family(
        "credentials",
        (
            rb"eyJ[\w-]{8,999}\.eyJ[\w-]{8,999}\.",
            rb"Bearer (?=[A-Za-z_-]{0,99}\d)[\w.~+/-]{16,}",
            rb"Basic (?=[A-Za-z+/]{0,99}\d)[A-Za-z0-9+/]{12,}=",
            *(rb"AKIA[A-Z0-9]{16}", rb"ghp_[A-Za-z0-9]{20}", rb"sk_live_\w{8}", rb"xoxb-\d{6}"),
            rb"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----",
        ),
        "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiaWxsaW5nIn0.c2ln was refused",
        "Send Authorization: Bearer YOUR_ACCESS_TOKEN_FROM_SETTINGS, or Basic authentication=no.",
    ),
    Family(
        "settings",
        (
            *(name + rb"(?:=['\"]?|': ?')\w" for name in _SETTINGS),
            rb"LD_LIBRARY_PATH=",
        ),
        "Server=db1;Database=billing;User Id=svc;Password=hunter2;Encrypt=true",
        "WRONG_PASSWORD: check it. EXPIRED_TOKEN: the secret or token is old; see DB_PASSWORD.",
    ),
    Family(
        "debug pages",
        (rb"DEBUG = True", rb"Werkzeug Debugger", rb"Rails\.root: "),
        "You're seeing this error because you have DEBUG = True in your settings.",
        "To debug this, set the root to true in your own settings.",
    ),
)
"""What no answer to a client may show, by the software that shows it."""


def _compiled(families: Iterable[Family]) -> tuple[re.Pattern[bytes], ...]:
    return tuple(re.compile(pattern) for family in families for pattern in family.patterns)


LEAKS = _compiled(FAMILIES)
_OF_BODIES = ("networks", "credentials", "settings")
"""Families that are no leak in a header field: a proxy tells its address there."""
_LEAKS_OF_FIELDS = _compiled(one for one in FAMILIES if one.name not in _OF_BODIES)

_ESCAPE = re.compile(rb"\\(?:u00([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\n", b"t": b"\t"}
_VARYING = frozenset({"date", "content-length"})
"""Header fields that differ from answer to answer and have nothing to tell."""
_SHORT = 1024
"""Bytes of a body of which it is remembered what is found in it."""


def leak(request: Request, response: Response) -> str | None:
    """The first piece of a trace, query or the like in an answer, unless it was sent; a debugger
    may put it into header fields.
    """
    pieces = _pieces(response.body) if len(response.body) <= _SHORT else _found(response.body)
    told = "\n".join(value for name, value in response.headers if name.lower() not in _VARYING)
    sent: bytes | None = None
    for piece in chain(pieces, _pieces_of_fields(told)):
        if sent is None:
            fields = "\n".join(value for _, value in request.headers)
            sent = b"\n".join(_readings(request.body + b"\n" + bytes_of(fields)))
        if piece not in sent:
            return piece.decode(errors="backslashreplace")
    return None


@lru_cache(maxsize=512)
def _pieces(body: bytes) -> tuple[bytes, ...]:
    """Cached, because most errors are answered in the same words."""
    return tuple(_found(body))


@lru_cache(maxsize=512)
def _pieces_of_fields(values: str) -> tuple[bytes, ...]:
    """Cached, because most errors have the same fields."""
    return tuple(_found(bytes_of(values), _LEAKS_OF_FIELDS))


def _found(body: bytes, leaks: Iterable[re.Pattern[bytes]] = LEAKS) -> Iterator[bytes]:
    """Each piece of a trace, query or the like in a body, once."""
    known: set[bytes] = set()
    for text in _readings(body):
        for found in (each for pattern in leaks for each in pattern.finditer(text)):
            piece = found.group()
            if piece not in known:
                known.add(piece)
                yield piece


def _readings(text: bytes) -> list[bytes]:
    """The text as it is, and without JSON's escapes: a trace inside a message has them."""
    readings = [text]
    for _ in range(2):  # a message may quote another service's JSON
        if b"\\" in readings[-1]:
            readings.append(_ESCAPE.sub(_unescaped, readings[-1]))
    return readings


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code, character = escape.groups()
    return bytes.fromhex(code.decode()) if code else _ESCAPED.get(character, character)

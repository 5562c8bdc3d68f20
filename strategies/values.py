"""Typical values, and valid values that servers get wrong."""

from spec.paths import Json

NamedValue = tuple[str, Json]
"""What is special about a value, in words, and the value."""

TYPICAL_TEXTS_BY_NAME = {
    "name": (
        "Walnut side table",
        "Linen cushion cover",
        "Delivery and assembly",
        "Café chair, set of 2",
        "茶碗 (tea bowl)",
        "Стол письменный",
    ),
    "sku": ("SKU-20415", "sku-20415/b", "WLN.TBL.04", "00412", "Ñ-77 (oak)"),
    "remarks": (
        "Please deliver before noon.",
        "Paid by bank transfer; thank you!",
        "Größe geändert, siehe Angebot.",
        "لا تترك الطرد عند الباب",
        "Two boxes. Ring twice.",
    ),
    "order_id": ("ORD-20250101", "ORD-77", "order/8812", "7f3a-0042"),
    "invoice_number": ("INV-20250101", "2024/0117", "RE 4711", "F-88-Ü"),
    "reference_id": ("REF-20250101", "REF-2", "ref:9001", "№ 12", "请求-3"),
}
"""Typical texts of the property of that name; the plainest first."""

EXAMPLES = {
    "remarks": "Please deliver before noon.",
    "url": "https://billing.example.com/invoices/2024-0117",
}
"""What the plain invoice has for the property of that name."""

ITEM_EXAMPLES = (
    ({"sku": "SKU-20415", "name": "Walnut side table"}, 2, 449.5),
    ({"sku": "SKU-20416", "name": "Linen cushion cover"}, 5, 19.99),
    ({"sku": "SKU-30990", "name": "Delivery and assembly"}, 1, 235),
)
"""What each of its items has, with a quantity and an amount."""

TYPICAL_TEXTS = ("Plain text", "42", "Été", "文字")
"""Typical texts of any other property; the plainest first."""

TRICKY_TEXTS = {
    "leading space": " spaced",
    "trailing space": "spaced ",
    "doubled spaces": "two  or   three",
    "leading no-break space": "\u00a0spaced",
    "trailing ideographic space": "spaced\u3000",
    "composed (NFC)": "caf\u00e9 \u1ea5 \u1e69",
    "decomposed (NFD)": "cafe\u0301 a\u0302\u0301 s\u0323\u0307",
    "marks in another order": "s\u0307\u0323 a\u0301\u0302",
    "Hangul syllables": "한국어 가나다",
    "Hangul letters": "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "Angstrom and Ohm signs": "5 \u212b 3 \u2126 \u212a",
    "ligatures": "o\ufb03ce \ufb01ne \ufb05art",
    "full-width forms": "\uff21\uff22\uff23\uff11\uff12\uff13",
    "superscripts and fractions": "m\u00b2 x\u00b3 n\u2099 \u00bd cup",
    "emoji": "gift \U0001f381 2",
    "joined emoji": "family \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 4",
    "emoji with skin tone": "wave \U0001f44b\U0001f3fd 1",
    "flag": "to \U0001f1e9\U0001f1ea",
    "variation selector": "heart \u2764\ufe0f",
    "astral ideographs": "\U00020bb7\U00029e3d",
    "astral letters": "\U0001d49c\U0001d4b7",
    "Hebrew and Latin": "שלום abc 123",
    "Arabic": "مرحبا ١٢٣",
    "bidirectional marks": "\u200fabc\u200e \u202eabc\u202c",
    "Devanagari and Thai": "क्षत्रिय น้ำ",
    "Cyrillic": "Ёлка й",
    "Greek final sigma": "ΟΔΟΣ οδός ς",
    "Japanese": "髙橋 ｶﾀｶﾅ カタカナ",
    "zero-width characters": "a\u200bb\u200cc\u2060d",
    "soft hyphen": "in\u00advoice",
    "byte order mark": "\ufeffabc",
    "line separator": "a\u2028b\u2029c",
    "double quotes": 'say "yes", 2"" wide',
    "single quotes": "O'Brien's 5'' pipe",
    "typographic quotes": "\u201cyes\u201d \u2018no\u2019",
    "backslashes": "C:\\new\\table\\u0041 \\u0000 \\x41 \\101",
    "trailing backslash": "ends in \\",
    "slashes": "a/b//c/../d ../../etc/passwd",
    "percent directives": "100%s %d %n %(x)s",
    "percent escapes": "%41%20%00 100%",
    "plus signs": "1+1 a+b +ADw-",
    "script": "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    "unclosed tag": "a < b and b > c ]]> <!-- x",
    "entities": "&amp; &lt;b&gt; &eacute; &#65;",
    "ampersand": "salt & pepper",
    "template": "{{7*7}} ${7*7} #{7} <%= 7 %> ${jndi:ldap://x}",
    "SQL": "x'); DROP TABLE invoices;-- ' OR 1=1 UNION SELECT 1 FROM a",
    "SQL wildcards": "50% _off_",
    "shell": "$(id) `id` | ls; #1 $& $1 $$ \\1 \\g<0> cmd.exe /c dir <?php a(); ?> xp_cmdshell",
    "formula": "=1+1",
    "mail header": "Subject: x, y; z,,;a =3D =?utf-8?B?eA==?=",
    "brackets": '[1] {"a": 1}',
    "leading zeros": "00123",
    "dotted and dotless i": "Iiıİ",
    "sharp s": "Straße STRASSE ẞ",
    "mixed case": "AbCdEf",
    "comment": "a // b /* c */ # d -- e; password=f token: g",
    "signs of ASCII": "@a @@b ~1 ^2 `3` |4",
    "currency and accounts": "€5 £5 ¥5 ₹5 4111 1111 1111 1111 4111111111111111 "
    "5500-0000-0000-0004 DE89370400440532013000 123-45-6789",
    "variants of ideographs": "\u845b\U000e0100 \u8fbb\ufe00 \u2603\ufe0e 1",
    "flag of tag characters": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e007f 1",
    "ideographs of planes 2 and 3": "\U0002a6d6 \U0002b740 \U00030000 \U00030edd",
    "thin spaces": "1\u2009234\u202f567\u200a8\u20079\u205f0\u16801",
    "dashes": "a\u2010b\u2011c\u2012d\u2013e\u2014f\u2015g\u2212h\uff0di\u2026 \u2022 \u2122",
    "links and addresses": "https://example.com/?a=1&b=2 www.example.com a@b.example +49 30 90182 "
    "+4915123456789 (555) 010-9999 192.0.2.1",
    "placeholders": "for :MONTH, $number, [terms], {{x}}, {0}, %s, %1$s, ?1",
    "tag and ampersand": "<b>Fish</b> & chips",
    "Markdown and shortcodes": "*a* _b_ **c** [d](e) # f ~~g~~ :smile: :) [b]g[/b] (c) -> 1/2 --.",
    "replacement character": "a\ufffdb",
}
"""Valid texts that servers change, by what is special about each."""

WORDS = {
    "null": "null",
    "None": "None",
    "nil": "nil",
    "undefined": "undefined",
    "true": "true",
    "false": "false",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "zero": "0",
    "exponent": "1e5",
    "decimal": "1.0",
    "hexadecimal": "0x1F",
    "beyond 2^64": "123456789012345678901234567890",
    "date": "2024-01-02",
    "prototype": "__proto__",
}
"""Valid texts that careless readers take for a value of another type, where they are all of it."""

NOTATIONS = {
    "NULL": "NULL",
    "not available": "NA",
    "not available, with a slash": "N/A",
    "yes": "yes",
    "no": "no",
    "on": "on",
    "off": "off",
    "minus one": "-1",
    "plus one": "+1",
    "minus at the end": "100-",
    "minus as brackets": "(100)",
    "per cent": "12.5 %",
    "exponent beyond doubles": "1e400",
    "decimal comma": "1.234,50",
    "decimal point": "1,234.50",
    "underscore in a number": "1_000",
    "octal": "0o17",
    "time": "1:30",
    "date with slashes": "01/02/2024",
    "month and day": "Mar 5",
    "date-time": "2024-01-02T03:04:05.50+02:00",
    "Base64": "SW52b2ljZSBudW1iZXIgMQ==",
    "UUID in capitals": "7F3A91C2-0B1D-4E5F-8A6B-1C2D3E4F5A6B",
    "JSON object": '{"a": [1, null], "b": "c"}',
    "JSON array": "[1]",
    "JSON string": '"quoted"',
    "NULL of an import": "\\N",
    "number of a card": "4111111111111111",
    "seconds since 1970": "1714642200",
    "milliseconds since 1970": "1714642200000",
    "constructor": "constructor",
    "toString": "toString",
    "hasOwnProperty": "hasOwnProperty",
}
"""The same for readers of YAML, of spreadsheets and of JSON, and for JavaScript's objects."""

ALIKE_TEXTS = (
    *("SKU-1", "sku-1", "Sku-1", "SKU-1 ", " SKU-1", "SKU  1", "SKU 1", "SKU_1", "SKU1", "SKU-01"),
    *("SKU-1\u200b", "SKU\u2010" + "1", "SKU-1\ufe0f", "ＳＫＵ-1", "ЅКU-1", "SKU-1.0", "SKU-1e0"),
    *("412", "0412", "00412", "412.0", "4.12e2", "+412", "٤١٢", "４１２", "0x19C"),
    *("\ufeffSKU-1", "SKU-1.", "0.1", "0.10", "2024-01-02", "2024-1-2", "Aa", "BB"),
    *("9007199254740992", "9007199254740993"),
    *("cafe\u0301", "CAFÉ", "caf\u00e9", "cafe", "straße", "strasse", "STRASSE"),
    *("ı", "i", "I", "İ"),
    *("x" * 32 + "1", "x" * 32 + "2", "x" * 64 + "1", "x" * 64 + "2"),
    *("x" * 191 + "1", "x" * 191 + "2", "x" * 254 + "1", "x" * 254 + "2"),
)
"""Valid texts that are all different, though a careless reader takes some of them for one."""

DATES = {
    "midnight": "2024-01-01T00:00:00Z",
    "last second of a year": "2023-12-31T23:59:59Z",
    "leap day": "2024-02-29T12:00:00Z",
    "leap day of 2000": "2000-02-29T23:59:59Z",
    "last day of February": "2023-02-28T23:59:59Z",
    "10^9 seconds": "2001-09-09T01:46:40Z",
    "zero offset in digits": "2024-03-10T12:30:45+00:00",
    "offset +05:30": "2024-03-10T04:30:45+05:30",
    "offset -11:00": "2024-03-10T20:30:45-11:00",
    "offset +14:00": "2024-01-01T00:00:00+14:00",
    "offset -12:00": "2023-12-31T23:59:59-12:00",
    "one fraction digit": "2024-03-10T12:30:45.5Z",
    "two fraction digits": "2024-03-10T12:30:45.07Z",
    "three fraction digits": "2024-03-10T12:30:45.123Z",
    "fraction .999": "2024-03-10T12:30:45.999Z",
    "fraction .000": "2024-03-10T12:30:45.000Z",
    "fraction and offset": "2024-03-10T12:30:45.250+05:45",
    "thousandths that a double cuts off": "2004-01-31T09:26:53.011Z",
    "clocks go forward": "2024-03-31T02:30:00+01:00",
    "offset -03:30": "2024-05-01T10:00:00-03:30",
    "offset -00:30": "2024-05-01T10:00:00-00:30",
}
"""Valid date-times up to 2024 (RFC 3339, section 5.6), by what is special about each."""

CLOCK_DATES = {
    "offset -00:00": "2024-05-01T10:00:00-00:00",
    "last day of a leap year": "2020-12-31T12:00:00Z",
    "ISO week of the year before": "2021-01-01T12:00:00Z",
    "ISO week of the year after": "2024-12-30T12:00:00Z",
    "hour that London skips": "2024-03-31T01:15:00Z",
    "hour that Berlin skips": "2024-03-31T02:15:00Z",
    "hour that Berlin repeats, first": "2024-10-27T00:30:00Z",
    "hour that Berlin repeats, second": "2024-10-27T01:30:00Z",
    "hour that New York skips": "2024-03-10T02:15:00Z",
    "hour that New York repeats, first": "2024-11-03T05:30:00Z",
    "hour that New York repeats, second": "2024-11-03T06:30:00Z",
    "hour that Chicago repeats, second": "2024-11-03T07:30:00Z",
    "hour that Los Angeles repeats, second": "2024-11-03T09:30:00Z",
    "hour that Santiago skips": "2024-09-08T00:15:00Z",
    "hour that Santiago repeats, first": "2024-04-07T02:30:00Z",
    "hour that Santiago repeats, second": "2024-04-07T03:30:00Z",
    "hour that Sydney skips": "2024-10-06T02:15:00Z",
    "hour that Sydney repeats, first": "2024-04-06T15:30:00Z",
    "hour that Sydney repeats, second": "2024-04-06T16:30:00Z",
    "hour that Lord Howe repeats, second": "2024-04-06T15:15:00Z",
    "hour that Auckland repeats, second": "2024-04-06T14:30:00Z",
}
"""Valid date-times that readers with a calendar or a clock of their own get wrong; one invoice has
the same one in every date.
"""

LATE_DATES = {
    "past 2^31 seconds": "2038-01-19T03:14:08Z",
    "leap day of 2096": "2096-02-29T00:00:00Z",
    "last second of 2099": "2099-12-31T23:59:59Z",
    "thousandths past 2^31 seconds": "2038-01-31T09:26:53.009Z",
    "already 2100 in UTC": "2099-12-31T20:30:00-03:30",
}
"""Valid date-times for properties that may lie in the future."""

URLS = {
    "plain": "https://billing.example.com/invoices/2024-0117",
    "http": "http://billing.example.com/invoices/1",
    "no path": "https://billing.example.com",
    "root path": "https://billing.example.com/",
    "query": "https://billing.example.com/i?no=1&lang=de&empty=&no=2&copy=3&lt=4",
    "capitals": "https://billing.example.com/Invoices/ABC?Key=Value",
    "percent escapes": "https://billing.example.com/caf%C3%A9/a%20b?x=%26%2f%2F",
    "plus in query": "https://billing.example.com/i?q=a+b%2Bc",
    "trailing slash": "https://billing.example.com/invoices/",
    "dots and doubled slashes": "https://billing.example.com/a//b/file.name.pdf",
    "tilde and sub-delimiters": "https://billing.example.com/~me/a;b=1,2!(c)*'d'",
    "hyphened host": "https://my-shop-24.3m.example.co.uk/i/1",
    "long": "https://billing.example.com/" + "abcdefghi/" * 30,
    "2,000 characters": "https://billing.example.com/" + "a" * 1972,
    "port": "https://billing.example.com:8443/i/1",
    "default port of https": "https://billing.example.com:443/i/1",
    "default port of http": "http://billing.example.com:80/i/1",
    "capitals in host": "https://Billing.Example.COM/i/1",
    "capitals in scheme": "HTTPS://billing.example.com/i/1",
    "dot segments": "https://billing.example.com/a/./b/../c",
    "empty query": "https://billing.example.com/i/1?",
    "query without path": "https://billing.example.com?no=1",
    "fragment": "https://billing.example.com/i/1#page=2",
    "empty fragment": "https://billing.example.com/i/1#",
    "long top-level domain": "https://billing.example.photography/i/1",
    "address in place of a host": "http://8.8.8.8/i/1",
    "host in Punycode": "https://xn--bcher-kva.example/i/1",
    "escapes of plain characters": "https://billing.example.com/%7Eme/%61%2D1",
    "port of five digits, query marks and colons": "https://billing.example.com:49152/a:b@c?d=e?f=g",
    "URL in the query": "https://billing.example.com/i?next=https%3A%2F%2Fexample.com%2F%3Fa%3D1",
    "parameters that trace": "https://billing.example.com/i?utm_source=mail&gclid=1&no=1#page=2",
    "brackets and parameters in order": "https://billing.example.com/i?b%5B%5D=2&b%5B%5D=1&a=3#/lines/3?tab=2",
}
"""Valid URLs (RFC 3986), by what is special about each."""

AMOUNTS = (
    *(0, 0.01, 0.05, 0.1, 0.29, 0.57, 0.99, 1, 1.01, 1.05, 1.1, 1.15, 2.99, 4.35, 8.2, 10.01),
    *(19.99, 67.49, 269.96, 1000.05, 4503.05, 65535.99, 999999.99, 1000000, 2147483.65),
    *(16777217, 21474836.48, 33554433.01, 99999999.99, 123456789.01, 999999999.99, 1000000000),
    *(2147483648, 4294967296.01, 9999999999.99, 123456789012.34, 999999999999.99, 1000000000000),
)
"""Amounts that change in binary fractions, single precision or 32 bits, or by early rounding."""

SUMS = {
    "0.1 + 0.2": ((0.1, 1), (0.2, 1)),
    "3 x 0.1": ((0.1, 3),),
    "3 x 1.1": ((1.1, 3),),
    "4 x 67.49": ((67.49, 4),),
    "100 x 4.35": ((4.35, 100),),
    "0.01": ((0.01, 1),),
    "16777216 + 1": ((16777216, 1), (1, 1)),
    "99999999.99 x 3": ((99999999.99, 3),),
    "a million times 0.01": ((0.01, 1000000),),
    "a million times 999999.99": ((999999.99, 1000000),),
    "1500 x 590331961.55": ((590331961.55, 1500),),
    "a million times a million": ((1000000, 1000000),),
    "901 x 999999999.99": ((999999999.99, 901),),
}
"""Amounts and quantities of items whose total servers get wrong."""

WHOLE_NUMBERS = (
    *(0, 1, 2, 9, 10, 99, 100, 127, 128, 255, 256, 999, 1000, 9999, 10000),
    *(32767, 32768, 65535, 65536, 99999, 100000, 999999, 1000000),
)
"""Whole numbers around powers of ten and the limits of 8 and 16 bits."""

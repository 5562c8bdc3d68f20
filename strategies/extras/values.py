"""Valid values that servers get wrong, and that are more than a run has requests: extras.

They have what a careless writer of software, a format, a firewall, a column or a collation changes:
several signs in one text where a part of it is enough, and alone where it has to be all of it.
"""

MARKS = (
    # Backslashes before what they escape somewhere; doubled signs that formats make one.
    *('a \\"b\\" c \\\' d \\\\ e \\/ f', '\\\\host\\share \\\\" 5\\\\2', "it\\'s 3\\\" wide"),
    "\\r\\n \\b \\f \\v \\a \\e[1m \\0 \\N{DEGREE SIGN} \\U0001F600 \\u{1f600} \\ud83d\\ude00 1",
    "$$1 $$$ $' $` $0 $_ 100%% %%d a''b '' c\"\"d {{a}} }} {{ ;; ,, ## @@ && || ~~ ^^ `` a",
    "{} {0} {a} {a.b} {0,number} %{a} @{a} #[a] [[a]] <<a>> {% a %} ~{a} (a) *|A|* |a| __a__ $HOME",
    "${env:HOME} ${sys:os.name} ${user.name} %USERPROFILE% %date% $ENV{A} `date` !{a} &a; 1",
    # What cleans or guards against attacks.
    "javascript:alert(1) vbscript:x data:text/html,x file:///a.b expression(a) eval(a) sleep(5)",
    "<iframe src=a> <style>b</style> <svg/onload=c> <!-- d --> <![CDATA[e]]> <br/> <BR> </p> 1",
    '<?xml version="1.0"?> <!DOCTYPE a> <!ENTITY b "c"> <a href="b">c</a> document.cookie d',
    "INSERT INTO a; DELETE FROM b; UPDATE c SET d=1; exec(e); WAITFOR DELAY '0:0:5'; CHAR(65)",
    "information_schema @@version benchmark(1,1) pg_sleep(1) 0x414243 /*!1*/ 1;-- a #' OR ''='",
    "..\\..\\a ....//b %2e%2e%2f () { :;}; c <% d %> *)(uid=*))(|(uid=* $ne $gt {$where:1} ;id",
    # What readers of logs hide.
    "password: a; secret=b, api_key=c Bearer d token=e Authorization: Basic Zg== cvv: 123",
    "AKIAIOSFODNN7EXAMPLE sk_test_a1B2c3D4 eyJhbGciOiJ9.eyJzdWIiOiIxIn0.c2ln ghp_16C7e42F29 1",
    "371449635398431 DE89 3704 0044 0532 0130 00 GB29NWBK60161331926819 2001:db8::1",
    "d41d8cd98f00b204e9800998ecf8427e 7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b {7F3A91C2-0B1D}",
    # What text is made nicer by.
    "a... b --- c -- d (r) (R) (tm) (C) +/- 1/4 3/4 <3 <= >= != => <- == ;) :-( 2x4 5' 6\" No. 1",
    "a  .b , c ;d !e ?f ( g ) 1.Next.word,and MORE  CAPS iPhone eBay McDonald o'neill van der 3RD",
    "# a\u2029* b > c ~~~ ``` d \\* e \\_ f [g]: h ![i](j) <k@l.example> || m || {color:red} 1",
    # Comments, commas and breaks of formats, in one text.
    'a, } b, ] c,} d,] "e": f, \'g\': h /* i */ // j\u2028 <!-- k ; l # m % n " o',
    "&apos; &quot; &nbsp; &#x41; &#039; &Auml; &euro; &amp;amp; &copy=1 &unknown; %u0041 1",
    "=?UTF-8?Q?a?= =C3=A9 &AOk- xn--bcher-kva U+00E9 ^M ^[ #{1} ~1 ~0 %25 %2B +%2B a%20b%zz %",
    # Letters and marks that collations, encodings and normalisation change.
    (
        "\u00e4\u00c4\u00fc \u00e6\u00c6 \u0153 \u00f8 \u0142 \u0111 \u00f0 \u00fe \u0119\u0105"
        " \u0219\u021b\u015f \u01c6 \u00b5 \u03bc \u00b7 \u0131 \u017f \u2126 \u0149 1"
    ),
    (
        "\u0643\u064a\u0649 \u06a9\u06cc \u0640 \u0645\u064f\u062d\u064e\u0645\u0651\u062f \ufefb"
        " \ufdf2 \u06f1\u06f2 \u0661 \u061c \u05e9\u05c1\u05b8 \u05f3 \ufb2a 1"
    ),
    (
        "\u301c\uff5e \u2016 \u2212\uff0d \u00a5\\ \uf9d0\ufa19 \u9ad9 \u2160 \u3231 \u337b"
        " \u30fb\uff65 \u304b\u3099 \u304c \uff76\uff9e \u3164 1"
    ),
    (
        "\u1780\u17d2\u1798 \u0f56\u0f7c\u0f51 \u0ea5\u0eb2\u0ea7 \u10d0\u1c90 \u13a0\uab70 \u0587"
        " \u0bb9 \u0ca8 \u0d2e \u0a17 \u1200 \u07ca \u2d30 \u16a0 1"
    ),
    (
        "\U00010330 \U000103a0 \U00010400 \U00012000 \U00013000 \U0001d11e \U0001d400 \U0001f170"
        " \U0001f600 \U0001f9ff \U0001fae0 \U0001fac3 \u23f0 \u2702 \u00a9 \u2122 1\ufe0f\u20e3"
    ),
    (
        "a\u2066b\u2069c\u2067d\u2069 e\u200ef \u202ag\u202c \u180e\u034f\u2800 \ufff9h"
        "\ufffai\ufffb \u2061\u2064 j\u200dk \u0a0f\u200c \u0915\u094d\u200d\u0937 1"
    ),
    (
        "z\u0335\u0322\u031b\u0300\u0301\u0302\u0303\u0308 a\u0323\u0323 \u0e01\u0e33 \u0b95\u0bcb"
        " \u1ea5 \u0344 \u0340 \u212b \u2000a\u2003 \u1160 1"
    ),
)
"""Texts with several signs each that something changes wherever they are."""

AT_ENDS = (
    *("'quoted'", '"a', "ends in {", "ends in <", "ends in &", "{a}", "<a>", "[a]", "(a)", "`a`"),
    *(
        "#a",
        ";a",
        "!a!",
        "?a?",
        ":a:",
        "~a~",
        "|a|",
        "/a/",
        ",a,",
        "_a_",
        "*a*",
        "-a-",
        ".a.",
        "=a=",
    ),
    *("@a", "+a", "%a%", "$a$", "^a^", "&a&", "\\a\\", "'a", ">a", "1. a", "- a", "a: b", "> a"),
    *(
        "!a b",
        "&a b",
        "*a b",
        "| a",
        "--- a",
        "%a 1",
        "a #b",
        "@Sum(1)",
        "-1+1",
        "+1-1",
        "'=1",
        "a=",
    ),
    *("\u2028a", "a\u2029", "\u200ba\u200b", "\u3000a", "a\u00a0", "\u0301a", "a\u200d", "\u00ada"),
)
"""Texts that begin or end in what is taken away or obeyed there."""

WHOLE = (
    # What shops and books take apart, or take for another kind of line or document.
    *("Furniture : Side table", "T-Shirt - Red / L", "2x Linen", "Discount", "Subtotal"),
    *("Refund", "VOID", "65A1B2C3D4E5F60718293A4B", "Remarks"),
    *("PAID", "OVERPAID", "Status: PENDING", "PARTIALLY_PAID 1 of 2"),
    *(
        "2. Floor",
        "1 1/2",
        "$ne",
        "~/a",
        "A12345678",
        "00:1B:44:11:3A:B7",
        "WAHR",
        "ORD-1",
        "\u02b0",
    ),
    *(
        "WALNUT SIDE TABLE LARGE",
        "\u2009a\u202f",
        "\u1680a\u1680",
        "\u3164a\u2800",
        "\u0e51\u0e52 \u20bd5",
    ),
    *(
        "From 1 May on",
        "Null",
        "none",
        "True",
        "FALSE",
        "Yes",
        "NO",
        "Y",
    ),
    *("#N/A", "nan", "inf", "1", "00", "-0", "0.0", "empty", "(null)"),
    *(
        "<null>",
        "[object Object]",
        "NIL",
        "test",
        "root",
        "admin",
        "this",
    ),
    *(
        "class",
        "name",
        "valueOf",
        "prototype",
    ),
    *(
        "0x10",
        "#REF!",
        "#VALUE!",
        "CON",
        "NUL",
        "it\u00e2\u20ac\u2122s",
        "unknown",
        "NONE",
        "n/a",
        "TBD",
    ),
    *(
        "select",
        "order",
        "user",
        "group",
        "undefined ",
        " null",
        "false,",
        "null;",
    ),
    *(
        ".5",
        "5.",
        "$5",
        "5 000",
        "1,000",
        "1.000",
        "1.50",
        "1E3",
        "1e-7",
        "1L",
        "0777",
        "1_0",
    ),
    *(
        "2024-01-02T03:04:05Z",
        "/Date(1700000000000)/",
        "1/2",
        "MAR1",
        "Caf\u00c3\u00a9 12",
        "2024-1",
        "1-2",
    ),
    *("02.01.2024", "12:30:45", "P1D", "today", "now", "2024W01", "20240102", "1700000000.5"),
    *(
        "!ruby/object:A",
        "!!str a",
        "$ref",
        "{{a}}",
        "a,b",
        "a;b",
        "a|b",
        "a\\,b",
        "a=b&c=d",
    ),
    *(
        "01F5D171-D3E3-4B2B-BD57-0727194B5BED",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "00017",
        "017",
    ),
    *(
        "{01f5d171-d3e3-4b2b-bd57-0727194b5bed}",
        "01F5D171D3E34B2BBD570727194B5BED",
        "1e3a5",
        "12e4",
    ),
    *(
        "Scunthorpe, Essex: assess it",
        "\U0001f1e9 a",
        "a" + "\u200b" * 200,
        "\u0301".join("abcdef"),
    ),
    *("00000000-0000-0000-0000-000000000000", "deadbeef", "YWJjZGVmZ2g=", "a@b.example", "1.2.3"),
    *(
        "http://a.example",
        "C:\\a",
        "/a/b",
        "..a",
        "a.pdf",
        "A-1/2#3",
        "1e309",
        "18446744073709551616",
    ),
    "+4930123456",
    *("507f1f77bcf86cd799439011", "A.B@Example.COM", "Re: a", "192.0.2.1", "INV-0001", "24:00"),
    *("M\u00fcller \u00c4pfel \u00e5 GmbH & Co. KG", "12 %", "1.10", "100.00", "-0.5", "1\u00bd"),
)
"""Texts that are read as something else where they are all there is."""

_LENGTHS = (32, 64, 100, 128, 200, 250, 254, 255)
_FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
_ACCENTED = "e\u0301o\u0308\u0323"
_LONG = (
    "".join(map(chr, (n for n in range(0x21, 0x7F) if not chr(n).isalnum()))) + "\u00e9\U0001f600a "
)
"""Every sign of ASCII, characters of two and four bytes, a letter and a space."""

LONG_TEXTS = (
    *((_LONG * 8)[start : start + size] for start, size in enumerate(_LENGTHS, 3)),
    *((signs * 255)[:254] + "a" for signs in (_FAMILY, _ACCENTED, "\U0001f1e9\U0001f1ea")),
    *("a".ljust(255), "a".rjust(255)),
    *(
        (sign * 255)[:254] + "a"
        for sign in ("\\", '"', "'", "%", "{", "&", "<", "\u00e9", "$", "\u202e")
    ),
)
"""Texts at lengths that columns have, of signs that take more room once they are escaped."""

PRICES = (
    *(10, 20, 100, 1000, 1500, 10000, 100000, 2500000, 10000000, 100000000, 0.5, 2.5, 99.9, 1234.1),
    *(0.02, 0.07, 0.14, 0.28, 0.56, 0.58, 1.13, 1.14, 1.16, 1.4, 2.01, 2.26, 2.3, 2.33, 4.02, 4.6),
    *(5.1, 8.03, 9.95, 10.1, 16.08, 17.99, 20.55, 32.8, 33.33, 64.1, 66.66, 79.99, 81.92, 100.01),
    *(
        128.55,
        129.95,
        163.84,
        199.9,
        255.99,
        256.01,
        512.7,
        999.95,
        999.99,
        1023.99,
        1111.11,
        1234.5,
    ),
    *(2048.3, 4095.01, 4999.95, 8191.7, 9999.95, 9999.99, 12345.67, 16383.01, 32767.99, 45000.07),
    *(65536.01, 99999.99, 100000.01, 131071.3, 262143.05, 524287.55, 838860.81, 987654.32),
    *(1048575.09, 5000000.05, 8388608.01, 9999999.99, 16777215.99, 20000000.01, 42949672.95),
    *(90071992.54, 123456789.12, 214748364.7, 429496729.6, 500000000.5, 999999999.98),
    # Nearly each number of cents, beside whole amounts of one digit to six.
    *(
        round((0, 5, 49, 149, 1249, 15999, 249999)[cents % 7] + cents / 100, 2)
        for cents in range(1, 100)
        if cents % 7
    ),
)
"""Amounts that change where they are counted in cents, in single precision or in too few digits."""

QUANTITIES = (
    *(3, 4, 5, 6, 7, 8, 11, 12, 13, 15, 16, 17, 20, 24, 25, 31, 32, 33, 48, 50, 63, 64, 65, 101),
    *(120, 129, 144, 199, 200, 250, 254, 257, 300, 365, 500, 511, 512, 513, 750, 998, 1001, 1023),
    *(1024, 1025, 1111, 2000, 2048, 4095, 4096, 5000, 8192, 9998, 10001, 12345, 16384, 20000),
    *(32769, 50000, 65534, 65537, 99998, 100001, 123456, 131072, 250000, 500000, 524288, 999998),
    *(14, 18, 19, 21, 22, 23, 26, 27, 28, 29, 30, 36, 40, 42, 45, 49, 51, 55, 60, 66, 70, 72),
    *(75, 77, 80, 84, 88, 90, 91, 96, 102, 111, 125, 150, 201, 222, 240, 251, 360, 400, 600),
    *(700, 800, 900, 997, 1002, 1200, 1500, 2500, 3000, 7500, 15000, 25000, 75000, 999997),
)
"""Quantities from which a server gives a discount, splits a line or counts otherwise."""

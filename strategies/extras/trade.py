"""Valid texts of this trade, and as people write them every day: what shops, books and their
databases take for something else.

Each is all there is of a text, in an item above all: an invoice has one order, but many items.
"""

KINDS = (
    # Kinds of lines: a server may count one otherwise, leave it out or negate it.
    *("Tax", "VAT 19%", "GST", "Sales tax", "MwSt. 19 %", "Total", "Sum", "Balance", "Rounding"),
    *("Shipping", "Freight", "Handling fee", "Versand", "Service charge", "Surcharge"),
    *("Late fee", "Discount 10%", "Rabatt", "Skonto 2%", "Coupon SAVE10", "Voucher", "Rebate"),
    *("Promo", "Sale", "Gift card", "Gift certificate", "Tip", "Gratuity", "Deposit"),
    *("Down payment", "Prepayment", "Credit", "Credit note 7", "Refund for order 7"),
    *("Store credit", "Return", "Free shipping", "Default Title", "Default", "Untitled"),
    *("Unnamed", "Sample", "Test product", "Bundle", "Kit", "Misc", "Other", "Donation"),
    *("Header", "Section", "Note", "Comment", "Page break", "Free"),
)
"""Names of lines that are no goods."""

PARTS = (
    # Quantities, variants and codes within a name are taken out of it.
    *("Linen cushion x 2", "Linen \u00d7 3", "60 \u00d7 90 cm", "2 x Linen", "Linen (2)"),
    *("3 pcs", "[SKU-1] Linen", "Linen (Red)", "Linen, red, L", "Linen | Oak", "Linen > Oak"),
    *("Oak :: Ash", "Linen - copy", "Copy of Linen", "Color: Red | Size: L", "Color=Red;Size=L"),
    *("Size: L, Qty: 2", '24" screen', "Oak 3/4 in", "50% off", "1 + 1 free", "#1 chair", "A+B"),
    *("C++ 20", "AC/DC", "$10 card", "10 \u20ac", "EUR 10", "10.00 USD", "5kg", "10cm", "1 kg"),
    *("2 h", "1h30m", "1st", "1k", "10K", "1M", "1GB", "3 PM", "noon", "5%", "5\u2030", "5-10"),
    *("~5", "<5", ">5", "5+", "LINEN CUSHION", "linen cushion", "lINEN", "Mr. M\u00fcller"),
    *("van der Berg", "L\u2019Or\u00e9al", "\u00abOak\u00bb", "\u201eOak\u201c"),
    *("\u201aOak\u2018", "\u00bfOak?", "\u00a1Oak!", "N\u00ba 5", "Lina2\u2122", "Lina\u00ae 2"),
    *("CO\u2082", "H\u2082O 1", "\u2153 l", "1\u00b2", "\u2163 1", "\u2460 a"),
)
"""Names with a part that is read for itself."""

CODES = (
    # Numbers of goods and of books, with zeros that are needed.
    *("0012345678905", "012345678905", "00012345678905", "4006381333931", "96385074"),
    *("0096385074", "978-3-16-148410-0", "9783161484100", "080442957X", "080442957x"),
    *("0-8044-2957-X", "ISBN 3-16-148410-X", "1234-5679", "B00EXAMPLE", "ASIN:B00X"),
    *("HS 9403.60", "9403.60.80"),
    # What a spreadsheet takes for a date, a number, a time or a cell.
    *("10E5", "1E10", "123E4", "0E0", "00E1", "1D5", "1e+5", "5E-3", "1-1-1", "12-34-56"),
    *("123-456", "JAN-1", "1-MAY", "SEP2", "OCT-10", "DEC1", "Jan 2", "2.1.2024", "3/4", "1:2"),
    *("01.50", "+1-2", "A1", "A1:B2", "R1C1", "$A$1", "=A1", "'001", "001'", "00:30", "1.2.3.4"),
    *("1'000", "1 000.5", "1.000,5", "\u0967\u0968", "12\u00bd", "\u22125", "\u00b15", "1,5"),
    *("1.5", "1 e5", "1e 5", "--1"),
    # Signs of patterns, of paths and of formats behind a code.
    *("SKU*", "SKU?", "SKU%", "SKU~1", "SKU;1", "SKU|1", "SKU,1", "SKU/1", "SKU\\1", "SKU.1"),
    *("SKU#1", "SKU:1", "SKU=1", "SKU+1", "SKU&1", "SKU@1", "SKU!1", "SKU$1", "SKU^1", "SKU(1)"),
    *("SKU[1]", "SKU{1}", "SKU<1>", "SKU'1", 'SKU"1', "SKU`1", "sku", "SKU", "ABC 123", "abc123"),
    "A1-B2_C3",
    # A number of leading digits, zeros or ends that makes two codes one.
    *("7", "07", "007", "7.0", "7.00", "+7", "7e0", "0x7", "7 ", " 7", "7.", "7-", "7/", "7a"),
    "A7",
)
"""Codes that are read as a number, a date or a pattern."""

LITERALS = (
    # How databases and languages write values.
    *("{a,b}", "{1,2}", "(a,b)", "(1,2)", "[1,2)", "\\x6162", "\\x41", "X'41'", "E'a'", "N'a'"),
    *("b'a'", "u'a'", "i:5;", "b:0;", "b:1;", "N;", "d:0.5;", "a:0:{}", 's:1:"a";', "{a:1}"),
    *('O:8:"stdClass":0:{}', 'a:1:{i:0;s:1:"a";}', "gASVBQ==", "rO0ABXQAAWE="),
    *("AAEAAAD/////AQ==", "eyJhIjoxfQ==", "data:text/plain;base64,YQ==", "%7B%22a%22%3A1%7D"),
    *("JTdCJTdE", "SGVsbG8h", "\\u0041", "U+0041", "&#65;", "=41=42", "+AEE-", "%41", "0b11"),
    *("0o7", "1_000_000", "1n", "5L", '{"$oid":"507f1f77bcf86cd799439011"}', "ObjectId(7)"),
    *("ISODate(7)", "urn:uuid:7", "uuid:7", '{"a":1}', '["a"]', '"7"', "'7'", "`7`", "[7]"),
    *("(7)", "<7>", "{7}", "[true]", "[null]", "{}1", "true", "false", "T", "F", "t", "f", "N"),
    *("y", "n", "ja", "nein", "oui", "True ", " true", "Infinity", "-Infinity", ".inf", ".nan"),
    *("+inf", "1.#INF", "-nan", "NaN1", "1e1000", "-1e-9", "null", "nullptr", "NULL", "<NULL>"),
    *("(none)", "(empty)", "(blank)", "blank", "missing", "n.a.", "Not available", "#NULL!"),
    *("#DIV/0!", "#NAME?", "#NUM!", "Nothing", "default", "EOF", "COM1", "LPT1", "AUX", "PRN"),
    *("con.txt", "desktop.ini", "web.config", ".htaccess", "index.html", "a.json", "a.xml"),
    *("a.csv", "a.exe", "a.php", "a.tar.gz", "a~", "a.bak", "a/", "/a", "./a", "~a", "<a/>"),
    *("<a>b</a>", "<?php echo 1;", "<%= 1 %>", "a: 1", "a=1", "? a", "%YAML 1.2", "!!int 1"),
    *("2024-01-02 03:04:05", "2024-01-02T03:04", "20240102T030405Z", "Tue, 02 Jan 2024"),
    *("@1700000000", "2024-001", "2024-W01-1", "03:04", "PT1H", "tomorrow", "yesterday"),
    *("+1 day", "2024/01/02", "mailto:a@b.example", "tel:+4930123456", "HTTP://EXAMPLE.COM"),
    *("//a.example", "www.a.example", "__init__", "__class__", "hasOwnProperty", "length", "id"),
    *("_id", "type", "key", "value", "data", "status", "PAID", "PENDING", "paid", "items"),
    *("total", "undefined", "object", "function", "self", "INSERT", "DELETE", "drop", "table"),
    *("from", "where", "like", "limit", "offset", "end", "begin"),
)
"""Texts that are a value of another type somewhere, or a name that means something there."""

MENTIONED = (
    # Words that guards, filters and searches of names look for.
    "cast(a as b) convert(a, b) concat(a, b) class.module.classLoader.a /bin/sh /usr/bin/a 1",
    "GET /a HTTP/1.1 POST /b or count(/child::c)=1 string-length(d) \"e\" = \"e\" ' and '1'<'2",
    "Iran Cuba Syria Crimea North Korea embargo: sanctions; cash, gun, drugs, casino, bitcoin 1",
    "TODO: paid in full; FIXME lorem ipsum, cancelled by the customer, do not ship, on hold 1",
    # Words that have another spelling, and rude ones of which goods have their names.
    "Bình hoà khí Thuỷ khoẻ Mỹ Mĩ; ĳs ijs; Straße Strasse colour 1",
    "Shag pile rug; Bloody Mary mix; cock valve; Hell's Kitchen; damn, crap; Glass cocktail 1",
    # Characters whose second byte is a backslash in Shift_JIS, GBK or Big5.
    "\u30bd\u8868\u80fd\u5341\u4e88\u7533\u8cbc\u66b4\u69cb\u564c \u8a31\u529f\u84cb\u8aa0\u7e37 1",
    # Symbols that are emoji in some fonts alone, and marks that composing takes apart.
    "\u203c \u2049 \u2139 \u2194 \u25b6 \u260e \u2714 \u2605 \u2606 \u3030 \u303d \u3297 \u00ae 1",
    "\U0001d15e\U0001d160 \u0958 \u2adc \ufb1f \u0f73 \u0f43 \u1e9b\u0323 \u03d3 \u1fbe \u0390 1",
    # Spaces and breaks of all kinds between words; words that a line is broken at.
    "a\u2000b\u2001c\u2002d\u2003e\u2004f\u2005g\u2006h\u2008i\u2060j\u00a0\u00a0k\u1680l 1",
    # Doubled, tripled and mixed signs, each of which something makes one.
    "a\"\"b'''c``d((e))[[f]]{{g}}<<h>>!!i??j..k::l;;m,,n  o--p__q++r==s**t//u\\\\v||w&&x^^y~~z",
    "\u00e9e\u0301 \u00f1n\u0303 \u00e5a\u030a \u01c4\u01c5\u01c6 \u1e9e\u00df \u0130i\u0307 1",
)
"""Lines of several words and signs that something looks for or changes wherever they are."""

ORDERS = (
    *("S00012", "WH/OUT/00012", "SO/2024/0012", "PO 4500012345", "4500012345", "0004500012"),
    *("1042.json", "1042.xml", "1042/lines", "1042?a=1", "1042#2", "1042;v=2", "1042,1043"),
    *("1042 ", "new", "search", "count", "all", "me", "bulk", "edit", "latest", "current"),
    *("export", "0", "65A1B2C3D4E5F60718293A4B", "o_65a1b2", "ord_1A2b3C4d", "1042-a", "1042_1"),
    "1042.0",
)
"""Ids of orders that are a route, a path or another number to what asks for the order within."""

DOCUMENTS = (
    # Kinds of documents by what their number begins with.
    *(
        "ORD-1/{}",
        "CN-{}",
        "CM-{}",
        "CR-{}",
        "RF-{}",
        "GS-{}",
        "DRAFT-{}",
        "DRAFT {}",
        "PROFORMA-{}",
    ),
    *("TEST-{}", "COPY-{}", "VOID-{}", "QUOTE-{}", "EST-{}", "DEMO-{}", "TMP-{}", "NEW-{}"),
    *("OLD-{}", "BILL{}"),
    # Numbers with a year, a month, a series or a branch.
    *("INV/2024/05/{}", "INV/2024/{}", "2024-{}", "2024/{}", "INV-{}-2024", "INV{}-24", "{}/24"),
    *("RE {}", "R{}", "No. {}", "Nr. {}", "N\u00b0 {}", "\u2116{}", "SO{}", "PO-{}", "{}-DE"),
    *("{}/A", "{}B", "{}-1/2", "{}#1", "{} (2)", "{} copy", "{}~1", "{}-rev2", "0{}", "00{}"),
    *("0000{}", "{}-0", "{}-00", "A-0{}", "A{}-01", "-{}-", "E{}", "1E{}", "N{}"),
)
"""Numbers of documents around digits: what they begin or end with says what kind one is."""

AROUND = (
    # What is a name, a word or a path before a number.
    *("null-{}", "undefined{}", "NaN{}", "true-{}", "id:{}", "ref={}", "a&b={}", "a/b/{}"),
    *("a\\b\\{}", "../{}", "./{}", "/{}", "{}/", "?{}", "{}?a=1", "{}%20", "{}*", "_{}", "{}_"),
    *("~{}", "@{}", "{}@a.example", "https://a.example/{}", "urn:a:{}", "tel:{}", "u{}", "&{};"),
    *("'{}'", '"{}"', "`{}`", "<{}>", "[{}]", "{{}}", "${{{}}}", "%({})s", "{};", "{},", "{}, 2"),
    *("{}|1", "\u00e9{}", "{}\u00df", "\u0130{}", "{}\u0131", "\u7b2c{}\u53f7", "\u0639{}"),
    *("\u05d0{}", "{}\U0001f600", "{}a\u0301", "{}\u200b", "\ufeff{}", "{}\u00ad1"),
    *("\u202e{}\u202c", "{}\u00a0", "\u3000{}", "{}\ufe0f"),
)
"""References around digits: what they begin or end with means something elsewhere."""

SPELLED_CODES = (
    *("SKU-20415-XL/BLK", "abc-123", "ABC123", "A.B.C", "2-3", "10-12", "1-800", "A4", "A-4"),
    *("4XL", "XS", "2XL", "C#", "C++", ".NET", "XL", "[SKU]", "(SKU)", "{SKU}", "SKU*2", "SKU%1"),
    *("SKU 1", "SKU--1", "SKU-", "-SKU", "SKU_1", "1-SKU", "SKU-1-2", "SKU-0", "SKU-00"),
    *("100000123-1", "SKU-1.0", "SKU-v2", "SKU-REV-A", "SKU-OLD", "SKU-copy", "SKU x2", "2xSKU"),
    *("12345678", "4006381333932", "0-8044-2957-x", "B07XJ8C8F5", "FBA15ABCDEFG"),
    *("(01)04006381333931", "]C104006381333931", "*CODE39*", "M8x40", "M8\u00d740", "10mm"),
    *("10 mm", "1.5mm\u00b2", '3/4"', '\u00bd"', "\u00d820", "20\u00b0C", "5'11\"", "1:10"),
    *("4x4", "12%", "$12", "\u20ac12", "12,50", "1 000", "1.000,00", "+123", "-123", "(123)"),
    *("123.0", "123.00", "0123", "1.", ".1", "1..2", "1,2,3", "1/3", "01/02/03", "12:30"),
    *("2024-01-01", "2024-W05", "24-01", "NA", "na", "-", "--", "..", "*", "?", "_", "%", "@SUM"),
    *("~TEMP", "TRUE", "con", "nul", "aux", "prn", "com1", "../a", "a/../b", "\\\\a\\b"),
    *("http://a.example/b", "+49 30 123456", "e3b0c442", "A1B2C3D4E5F60718"),
    *("urn:isbn:3161484100", "gid://shopify/Product/17"),
    *("\u0430\u0440\u0442\u0438\u043a\u0443\u043b-1", "\u5546\u54c1-1", "\u54c1\u756a\u2460"),
    *("\uff33\uff2b\uff351", "SKU\u200b1", "SKU\u00ad1", "SKU\u00a01", "\u015eKU", "SKU\u20131"),
    *("stra\u00dfe-1", "STRASSE-1", "\ufb01lter", "\uff8a\uff9d\uff76\uff78", "i\u0307-1"),
    "\u0130-1",
)
"""Codes of goods with variants, measures, letters of many tongues, and what files are called."""

SPELLED_NAMES = (
    *("Shirt - Red / L", "Table, oak", "Table (oak)", "Table [oak]", "Table {oak}", "Table: oak"),
    *("Table; oak", "Table | oak", "Table & chair", "Table &amp; chair", "Table + chair", "A&B"),
    *("Table / chair", "Table \\ chair", "Table * 2", "2 x Table", "2x Table", "Table x 2"),
    *("Table \u00d7 2", "Table 50% off", 'Table "Oslo"', "Table 'Oslo'"),
    *("Table \u201cOslo\u201d", "Table \u2018Oslo\u2019", "Table \u00abOslo\u00bb"),
    *("Table \u201eOslo\u201c", "Table's", "Table \u2013 Oslo", "Table \u2014 Oslo"),
    *("Table\u2026 Oslo", "Table... Oslo", "Table\u2019s", "Table\u2122", "Table\u00ae"),
    *("Table (R)", "Table (TM)", "Table \u00a9", "Table #1", "Table no. 1", "Table No.1"),
    *("Table \u21161", "Table 1st", "Table II", "Table IV", "TABLE", "tABLE", "Table Table"),
    *("Table > chair", "Parent : Child", "Parent:Child", "Parent > Child", "A/B", "<Table>"),
    *("Table < 5", "5 > Table", "Table <3", "Table->chair", "Table=>chair", "Table ~ 5"),
    *("1. Table", "- Table", "* Table", "# Table", "> Table", "+ Table", "a) Table", "i. Table"),
    *("1) Table", "Table_oak", "Table-oak", "TableOak", "table oak", "Table Oak", "Table, 2, 3"),
    *("Table,oak", "Table;oak", "Table.", "Table!", "Table?", "Table,", "Table:", "Table;"),
    *("Table -", "- Table -", "(Table)", "Table @ 5", "Table @Oslo", "Table $5", "Table 5\u20ac"),
    *("Table 5 EUR", "Table USD", "5 Table", "Table 5", "Coupon", "Shipping cost", "Delivery"),
    *("Handling", "Gift wrap", "Fee", "Write-off", "Item", "Custom item", "Free gift", "Service"),
    *("Subscription", "Monthly plan", "Test", "TEST", "TODO", "example", "dummy", "lorem ipsum"),
    *("Unknown", "Caf\u00e9", "Cafe\u0301", "na\u00efve", "\u00c5ngstr\u00f6m", "A\u030angstrom"),
    *("Stra\u00dfe", "STRASSE", "\u0130stanbul", "\u0131stanbul", "\u0141\u00f3d\u017a"),
    *("\u010ce\u0161tina", "\u039f\u03b4\u03cc\u03c2"),
    *("\u0420\u0443\u0441\u0441\u043a\u0438\u0439", "\u05e2\u05d1\u05e8\u05d9\u05ea"),
    *("\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\u0939\u093f\u0928\u094d\u0926\u0940"),
    *("\u0e44\u0e17\u0e22", "\u65e5\u672c\u8a9e", "\u4e2d\u6587", "\u7e41\u9ad4"),
    *("\ud55c\uad6d\uc5b4", "\u30bd\u30d5\u30a1", "\u8868", "\u80fd\u529b", "\u8a31\u529f\u84cb"),
    *("\u2460", "\u3231", "\U0001f44d", "\U0001f44d\U0001f3fd", "\u2764\ufe0f", "1\ufe0f\u20e3"),
    *("\u2122\ufe0f", "\u2714", "\u00bd", "\u00b2", "Table\u00a0Oslo", "Table\u2009Oslo"),
    *("Table\u200bOslo", "Table\u00adOslo", "Table\u202fOslo", "Table\u3000Oslo"),
    *("Caf\u00c3\u00a9", "fran\u00c3\u00a7ais", "M\u00c3\u00bcller", "\u00e2\u201a\u00ac 5"),
    *("Gr\ufffd\u00dfe", "{{name}}", "${name}", "#{name}", "%(a)s", "{0}", "$1", "\\1", ":name"),
    *("@name", "[[a]]", "{%a%}", "<%= a %>", "<?php", "---", "***", "`Table`", "**Table**"),
    *("__Table__", "~~Table~~", "[a](b)", ":smile:", ":)", "(c)", "->", "=>", "<=", "!=", "..."),
    *("\u00a9", "QQ==", "VGFibGU=", "=?UTF-8?Q?a?=", 'O:1:"a":0:{}', "[a,b)", "password"),
    *("secret", "token", "4111111111111111", "DE89370400440532013000", "123-45-6789", "Iran"),
    *("Cuba", "Viagra", "Sex", "Cocktail glass", "Dick Smith", "Penistone", "Hancock chair"),
)
"""Names of goods with signs and letters that titles are made nicer by, or mark-up is made of."""

SPELLED_NUMBERS = (
    *("RE-{}", "{}/2024", "{}-2024", "R.{}", "INV#{}", "#{}#", "INV {}", "INV_{}", "INV.{}"),
    *("INV:{}", "{}-A", "{}.1", "{}(1)", "{} (1)", "{} v2", "{}-copy", "Copy of {}", "{}-R1"),
    *("\u00dc-{}", "Rechnung {}", "Faktura {}", "\u8acb\u6c42\u66f8{}", "inv-{}", "Inv-{}"),
    *("INV--{}", "INV- {}", "INV -{}", "{}-", "{}.", "{}:1", "{};1", "{},1", "{}+1", "{}=1"),
    *("{}?", "{}!", "{}^1", "{}'1", "{}&1", "{}%1", "{}$1", "({})", "{}.pdf", "{}.json"),
    *("gid://shopify/Invoice/{}", "urn:invoice:{}", "in_{}", "{}\u200b1", "{}\u00a01"),
    *("{}\u20131", "{}\u00e9", "{}e\u0301", "{}\u0130", "{}\U0001f4c4", "PAID-{}", "VOID {}"),
    *("{} CANCELLED", "credit-note-{}", "{}-refund", "Storno {}", "{}/1/2/3", "a/{}/b"),
)
"""Numbers and references of documents around a stamp, `{}`."""

IN_ITEMS = (*KINDS, *PARTS, *CODES, *LITERALS, *SPELLED_CODES, *SPELLED_NAMES)
"""Each text that an item has as its reference of goods or as its name."""

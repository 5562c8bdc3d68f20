"""Valid texts as people write them every day: each sign between, before and behind words and codes.

Each is all there is of a text of an item: an invoice has many of these.
"""

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
    *("\u0130-1",),
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

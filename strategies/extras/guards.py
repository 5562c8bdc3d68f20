"""Valid texts that what guards a server takes for an attack, and digits beyond a number.

They are extras. Rules of firewalls look for words of SQL, of shells and of scripts, many at the
start of a text alone, and score several of them: so each sentence has one.
"""

SENTENCES = (
    # What boards, wikis and templates make something else of, and what hides numbers of persons.
    *("[url=a]b[/url] [[a|b]]", "[gallery id=1] {# a #}", "style=modern (click)=a", "a' like 'b"),
    *("constructor.prototype 1", "-----BEGIN CERTIFICATE-----", "DOB: 01/02/1990", "no. A12345678"),
    *("00:1B:44:11:3A:B7 sh1t $ex", "2. Floor", "1 1/2", "\u30b5\u30fc\u30d0\u30fc \uffa1\uffa2"),
    # SQL in the words of a trade.
    *("Select comfort mattress from oak", "Union Square table, select fabric", "Drop cloth; 2 m"),
    *("Insert cards into slots", "Update kit for 2 frames, set of 3", "Delete from here, 1 leaf"),
    *(
        "Order by 12 May",
        "Group by 3, having 2 left",
        "Execute plan B",
        "exec chair",
        "Create table",
    ),
    *(
        "Table where 2 = 2",
        "Oak or 1=1",
        "Oak' or 'a'='a",
        "Oak and 1=1",
        "Case when open, end table",
    ),
    *("Merge into 1 parcel", "Grant table, all on 1", "Truncate table legs", "Alter table height"),
    *("Declare at customs 1", "Load file cabinet 'a'", "Like '%oak%'", "sleep(5)", "Sleep (5 cm)"),
    *("Waitfor delay '0:0:5'", "A -- B", "1 -- oak", "Oak;-- 2", "Oak /* 2 */", "Oak #2", "A'; 1"),
    *("xp_cmdshell 1", "Union all select 1", "Between 1 and 2", "count(1) of 2", "char(1) char(2)"),
    # Shells and files.
    *(
        "cat /etc/hosts",
        "Cat; house, 2 doors",
        "/etc/passwd 1",
        "../up",
        "A ../../b",
        "cmd.exe",
        "wget 1",
    ),
    *(
        "wget https://a.example",
        "curl -o a https://a.example",
        "Ping pong table; id 4",
        "rm -rf /a",
    ),
    *(
        "Oak | id 3",
        "Oak && ls 2",
        "$(id 1)",
        "`id 1`",
        "; sleep 5",
        "bin/sh 1",
        "nc -e 1",
        "echo 1 > a",
    ),
    *(
        "powershell -c 1",
        "C:\\Windows\\win.ini 1",
        "%00 1",
        "a%00",
        "%0d%0aSet-Cookie: a=1",
        "web.config",
    ),
    *("file:///a", ".htaccess 1", ".git/config 1", "id_rsa 1", "/proc/self/environ 1"),
    # Scripts and templates.
    *(
        "alert(1)",
        "<script>alert(1)</script>",
        "Script <b onclick=a>",
        "javascript:a 1",
        "onerror=a 1",
    ),
    *(
        "document.cookie 1",
        "eval(1)",
        "fromCharCode(1)",
        "<img src=a onerror=b>",
        "{{7*7}}",
        "${7*7}",
    ),
    *(
        "${jndi:ldap://a.example/b}",
        "#{7*7}",
        "<%= 7*7 %>",
        "<?php echo 1; ?>",
        "__import__('os') 1",
    ),
    *(
        "java.lang.Runtime 1",
        "rO0ABXNyAA 1",
        'O:8:"stdClass":0:{}',
        "!!python/object:a 1",
        "prompt(1)",
    ),
    *("<!--#exec a-->", '<!ENTITY a SYSTEM "b">', "T(java.lang.System) 1", "process.env 1"),
    # Other readers.
    *("(&(uid=a)(b=c))", "a)(|(b=*", '{"$gt": 1}', "$where: 1", "this.a == 1", "||1==1", "[$ne]=1"),
    *(
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("a";1)',
        "To: a@b.example 1",
        "HTTP/1.1 200 OK",
        "Bcc: a 1",
    ),
    *("169.254.169.254", "http://localhost/a", "gopher://a 1", "phpinfo() 1", "base64_decode(1)"),
    # Words that filters forbid.
    *(
        "Cialis 1, viagra 2",
        "Free casino, win 1",
        "Shiitake, cockpit, Penistone 1",
        "Bomb calorimeter 1",
    ),
)
"""Each begins with what a rule looks for, or has it in the middle."""

NUMERALS = (
    # Beyond 2^53, 2^63, 2^64 and 2^127; a double or an integer changes them.
    *("9007199254740993", "12345678901234567", "99999999999999999999", "9223372036854775807"),
    *("9223372036854775808", "18446744073709551615", "170141183460469231731687303715884105728"),
    *("4294967296", "4294967295", "2147483648", "20250101000000001", "1234567890123456789"),
    *("-9007199254740993", "+9007199254740993", "09007199254740993", "9007199254740993.0"),
    *("00000000000000000001", "0009007199254740993", "9007199254740993e0", "1e16", "1e22", "1E+20"),
    *(
        "0.1000000000000000055",
        "01.50",
        "+1.0",
        "-0.0",
        "1e-400",
        "0e0",
        "1e0",
        "1_000_000",
    ),
    *(
        "0x1FFFFFFFFFFFFFF",
        "0b1",
        "1.7976931348623157e309",
        "１２",
        "٠١",
        "1\u202f000",
        "1'000",
        "12L",
    ),
    *("0" * 40 + "1", "1" + "0" * 60, "4.0E5", "1.0f", "½", "Ⅻ", "²", "1 e3", "١٢٣", "1٬000"),
)
"""Texts of digits that come back otherwise where they are read as a number."""


LINK_ENDS = (
    # What many places do: pictures, files, links of mails, names like those of entities.
    *("/a.png", "/a.xlsx", "/a.zip", "/a:80/b", "/web/https://a.example/b", "/a,", "/%aF"),
    *("/?u=ftp://a.example/b", "/?my%20key=1", "/?mc_cid=1&ref=2&msclkid=3", "/#a%20b"),
    *("/?a=1&times=2&deg=3&sect=4", "/?api_key=a&access_token=b&client_secret=c"),
    *("?q=select%20a%20from%20b", "?q=Select+comfort", "?order=by+12", "?a=1+or+1=1", "?a='or'1"),
    *("?a=union+select+1", "?file=../../etc/passwd", "?a=/etc/hosts", "?a=cmd.exe", "?a=wget+b"),
    *("?a=%3Cscript%3Ealert(1)%3C/script%3E", "?a=alert(1)", "?a=document.cookie", "?a=sleep(5)"),
    *(
        "?a=$%7Bjndi:x%7D",
        "?a=%7B%7B7*7%7D%7D",
        "?a=xp_cmdshell",
        "?a=1--",
        "?a=1;--",
        "?a=%2e%2e/",
    ),
    *(
        "?url=http://169.254.169.254/",
        "?next=//b.example",
        "?a=http://localhost",
        "?_method=DELETE",
    ),
    *("?a=%0D%0ASet-Cookie:b", "?a=eval(1)", "?a=exec(1)", "?a%5B$ne%5D=2"),
    *(
        "/wp-admin/a",
        "/.env",
        "/cgi-bin/a",
        "/etc/passwd",
        "/a/..;/b",
        "/.git/a",
        "/actuator",
        "/a~1/b",
    ),
)
"""Ends of addresses that such rules look for too."""

IDS = (
    # A number with its revision or its part, as shops and books write it; ids of a whole system.
    *(
        "100000123-1",
        "1001.1",
        "1001/2",
        "SO-1001-R1",
        "1001 (2)",
        "0017A",
        "2025/0017",
        "order:17",
    ),
    *("gid://shopify/Order/17", "T3JkZXI6MTIz", "Z2lkOi8vc2hvcGlmeS9PcmRlci8xNw=="),
)
"""Ids of orders that are taken apart or decoded where a server knows how another system writes."""

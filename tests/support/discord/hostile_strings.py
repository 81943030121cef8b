"""200 strings that do harm wherever text is mistaken for something else."""

from __future__ import annotations

from itertools import product

_SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    '"><script>alert(1)</script>',
    "';alert(1);//",
    "<iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>*{display:none}</style>",
    "<!--",
    "]]>",
    "&lt;script&gt;",
    "&#x3C;b&#x3E;",
    "<b>bold</b>",
    "<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>",
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{0.__class__}",
    "%s%s%s%n",
)
_MENTIONS = (
    *("@everyone", "@here", "<@1323820000000000021>", "<@&1323820000000000031>", "<#1>"),
    *("</expand:1>", "<t:0:R>", "<:x:1>", "<a:x:1>", "<id:customize>", "@\u200beveryone"),
)
_MARKDOWN = (
    *("**bold**", "__under__", "~~gone~~", "||spoiler||", "`code`", "```py\nx\n```", "> quote"),
    *("# Title", "-# small", "- list", "1. one", "[text](https://a.example)", "\\*star\\*", "***"),
    "[a](https://a.example 'title')",
)
_SQL = (
    *("'; DROP TABLE job; --", "' OR '1'='1", '" OR ""="', "1; SELECT 1", "\\'", "admin'--"),
    "Robert'); DROP TABLE students;--",
)
_PATHS = (
    *("../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x", "file:///etc/passwd"),
    *("CON", "NUL.png", ".htaccess", "a/b/c.png", "a\\b.png", "%2e%2e%2f", "~", "$HOME", "`id`"),
    *("$(id)", "| id", "; id", "& id", "a.png\x00.exe", "a.png;type=text/html"),
)
_UNICODE = (
    *("\u202egnp.exe", "\u200b", "\u200d", "\ufeff", "\u2066x\u2069", "\u0000", "\ufffd", "\u061c"),
    *(
        "e\u0301",
        "é",
        "ﬃ",
        "Ｆｕｌｌ",
        "ß",
        "İi",
        "ﷺ",
        "𝕬",
        "👩‍👩‍👧‍👦",
        "🏳️‍🌈",
        "1️⃣",
        "אבג",
        "العربية",
    ),
    *("ไทย", "日本語", "Z̸̡̢̛a̴l̷g̶o̵", "\u2028line", "\u2029paragraph", "\u00ad", "\u3164", "\u115f"),
    *("\x1b[31mred\x1b[0m", "\x08", "\t", "a\nb", "a\r\nb", "\x7f", "\x85", "\ue000"),
)
_NUMBERS = (
    *("0", "-1", "NaN", "Infinity", "1e309", "0x10", "١٢٣", "1,000", "1_000", "null", "undefined"),
    *("true", "[]", "{}", "[object Object]", "None", "nil", '{"a":1}', "\\u0041", "\\n", "%00"),
)
_HEADERS = ("a\r\nSet-Cookie: x=1", 'a"; filename="b', "a; b=c", "=?utf-8?q?x?=", "a\\")
_WRAPPED = tuple(
    before + text + after
    for (before, after), text in product(
        (("a", "b"), ("\u202e", ""), ("||", "||"), ("`", "`"), ('"', '"')), _SCRIPTS
    )
)
_ALL = (
    *(_SCRIPTS + _MENTIONS + _MARKDOWN + _SQL + _PATHS + _UNICODE + _NUMBERS + _HEADERS),
    *_WRAPPED,
)
HOSTILE: tuple[str, ...] = tuple(dict.fromkeys(_ALL))[:200]

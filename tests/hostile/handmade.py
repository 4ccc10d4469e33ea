"""Hostile strings written by hand, by what they aim at."""

HEADERS = (
    "done\r\nBcc: everyone@evil.example",
    "done\nBcc: everyone@evil.example",
    "done\rBcc: everyone@evil.example",
    "done\r\n\r\n<h1>body</h1>",
    "done\x1cBcc: a@evil.example", "done\x1dBcc: a@evil.example", "done\x1eBcc: a@evil.example",
    "done\x85Bcc: a@evil.example", "done\u2028Bcc: a@evil.example", "done\u2029To: a@evil.example",
    "done\x0bBcc: a@evil.example", "done\x0cBcc: a@evil.example",
    "=?utf-8?q?=0ABcc=3A_evil=40evil.example?=",
    "=?utf-8?b?CkJjYzogZXZpbEBldmlsLmV4YW1wbGU=?=",
    "=?utf-8?q?=0D=0A=0D=0A=3Ch1=3E?=",
    "=?utf-8?q?one?= =?utf-8?q?two=0ATo=3A_x?=",
    "=?utf-7?q?+AAo-Bcc:?=", "=?unknown-8bit?q?=FF?=", "=?us-ascii?q?=?=", "=?utf-8?q?",
    "Content-Type: text/html", "MIME-Version: 2.0", "Subject: again", "From nobody Thu Jan  1",
    "--=_0000000000000000000000000000000000000000", "--=_0000--", "--boundary\r\n\r\nx",
    "Content-Transfer-Encoding: base64\r\n\r\nPGgxPg==",
    ".\r\nQUIT\r\n", "\r\n.\r\nMAIL FROM:<a@evil.example>", "..", ".",
    "=3Cscript=3E=0A", "soft=\r\nbreak=", "a" * 1200, "é" * 600, "x " * 700,
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", "</title><script>alert(1)</script>", "</style><img src=x>",
    "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>', "'><b>", '" onmouseover="alert(1)', "' autofocus='",
    "<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)",
    "data:image/svg+xml;base64,PHN2Zz4=", "<iframe src=//evil.example>",
    "<base href=//evil.example>", "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=attachment href=file:///etc/passwd>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import url(//evil.example)</style>",
    "<form action=//evil.example><input name=x>", "<template><script>1</script></template>",
    '<noscript><p title="</noscript><img src=x>">', "<math><mtext></p></math>", "<!--", "-->",
    "<!-- bulletin:begin -->", "<!-- bulletin:end -->", "<!-- /bulletin -->", "--!>",
    "<![CDATA[x]]>", "]]>", "<?xml version='1.0'?>", "<?php echo 1 ?>", "<!DOCTYPE html>",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "<xi:include href='file:///etc/passwd'/>",
    "</p></li></ul></section></main></body></html>", "<table><tr><td>", "</td></tr></table>",
    "</bdi></a>", "</svg>", "</span>", "<plaintext>", "<textarea>", "<xmp>", "<select><option>",
    "&lt;script&gt;", "&#60;b&#62;", "&#x3c;b>", "&amp;lt;", "&", "&;", "&#0;", "&#x110000;",
    "&colon;", "&NewLine;", "&notanentity", "&copy", "<", ">", "<<>>", '"', "'", "`", "<b", "<b/",
    "<details open ontoggle=alert(1)>", "<object data=//evil.example>",
    "<embed src=//evil.example>", "<svg><use href='data:image/svg+xml,x#x'/></svg>",
    "<svg><image href='http://evil.example/x'/></svg>", "<a id=x><a id=x>", "<h1>Not ours</h1>",
    "<p hidden>", "<bdo dir=rtl>", "<marquee>",
)  # fmt: skip
STYLES = (
    "red;background:url(//evil.example)", "expression(alert(1))", "};body{display:none}", "/* */",
    "\\3c script\\3e", "url('javascript:alert(1)')", "@import 'x'", "position:fixed;top:0",
    "#fff}*{color:#fff", "<div style='position:fixed;inset:0'>", "content: attr(title)",
    "behavior:url(x.htc)",
)  # fmt: skip
MARKDOWN = (
    "# heading", "## Incidents", "text\n===", "text\n---", "===", "---", "***", "___", "- item",
    "+ item", "* item", "1. one", "2) two", "- [ ] task", "- [x] done", "> quote", ">> deeper",
    "```", "```html", "~~~", "`code`", "``", "a ` b", "    indented", "\tindented", "| a | b |",
    "| --- | --- |", "a | b", "\\|", ":--", ":-:", "|", "**bold**", "__bold__", "*it*", "_it_",
    "~~gone~~", "~gone~", "***x***", "**", "_", "[x](https://evil.example)",
    "[x](javascript:alert(1))", "![x](https://evil.example/b.gif)", "[x]: https://evil.example",
    "[x][x]", "[x]", "](https://evil.example)", ")](https://evil.example)", "[", "]", "(", ")", "!",
    "[^1]", "[^1]: note", "<https://evil.example>", "<a@evil.example>", "https://evil.example/",
    "http://evil.example", "www.evil.example", "ftp://evil.example", "mailto:a@evil.example",
    "xmpp:a@evil.example/x", "a@evil.example", "a.b-c_d@evil.example", "\\", "\\\\", "\\*", "x\\",
    "  \n", "a  \nb", "a\\\nb", "&#42;bold&#42;", "&#64;team", "$x^2$", "$$x$$", "{.class}",
    "{{< shortcode >}}", "{% raw %}", "%%comment%%", "==mark==", "^sup^", "~sub~", ":tada:", ":+1:",
    "[[Wiki]]", "[[Wiki|text]]", "{{template}}", "~~~~", "'''bold'''", "{code}", "{panel}", "[toc]",
    "[_TOC_]", "<details>", "<summary>x</summary>", "::: note", "> [!NOTE]", "```mermaid",
    "@startuml", "1986\\. A year", "https://services.example.evil.example/", "//evil.example",
    "HTTPS://EVIL.EXAMPLE", "http://[::1]/",
)  # fmt: skip
MENTIONS = (
    "@team", "@everyone", "@here", "@acme/team", "cc @octocat", "(@octocat)", "x@octocat", "@-x",
    "@@x", "#1", "#123", "x #1", "(#1)", "GH-1", "gh-12", "acme/shop#2", "acme/shop@deadbeef",
    "octocat#1", "Fixes #1", "closes GH-3", "resolves acme/shop#4",
    "16c999e8c71134401a78d4d46435517b2271d6ac", "16c999e", "acme@16c999e8c71134401a",
    "https://github.com/acme/shop/issues/1", "https://github.com/acme/shop/pull/1#issuecomment-1",
    "!123", "%12", "~label", "$snippet", "&12", "INC-42", "[vulnerability:1]", "*iteration:1",
    "@\u200bteam", "@\u2060team", "\uff20team", "@team#1", "#\u200b1", "\uff031", "@1", "_@team_",
    "**@team**", "`@team`", "/close", "/assign @me", "/label ~bug",
)  # fmt: skip
TEMPLATES = (
    "{{ 7 * 7 }}", "{{7*7}}", "{{ ''.__class__ }}", "{% include '/etc/passwd' %}", "{# x #}", "{{",
    "}}", "{%", "%}", "{title}", "{0}", "{}", "{n!r}", "{x.__class__}", "{days:days}",
    "{level:severity}", "{", "}", "{{}}", "%s", "%(x)s", "%(title)s", "%d%%", "%", "%n", "%1$s",
    "${x}", "${7*7}", "$(id)", "`id`", "<%= 7*7 %>", "#{7*7}", "*{7*7}", "@{x}", 'msgid "x"', "\\n",
    "\\x41", "\\u0041", "\\N{DASH}", "inert00000", "asset://journal/fonts/x.woff2", "digest",
)  # fmt: skip
LETTERS = (
    "\u202egnp.exe\u202c", "\u2066isolate\u2069", "\u2067rtl", "\u061calm", "a\u200bb", "a\u200db",
    "\u200d", "\u200b", "\u2060", "\ufeffbom", "\xadsoft", "\U000e0041\U000e0042tags", "\U000e0001",
    "z" + "\u0300" * 40 + "algo", "\u0300alone", "é" + "\u0301" * 9, "\u20dd", "\ud800", "\udfff",
    "a\ud800b", "\udc00\ud800", "\x00", "a\x00b", "\x01", "\x07", "\x08", "\x7f", "\x80", "\x9b31m",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x07x", "\x1b[2J\x1b[H",
    "\x1bP", "\x1bc", "\x9d0;x\x9c", "line\u2028line", "para\u2029para", "a\nb", "a\r\nb", "a\tb",
    "\t", " ", "\xa0", "\u3000", "\u2000\u200a", "\u180e", "\ufffe", "\uffff", "\ufdd0",
    "\U0001fffe", "\U0010ffff", "\ue000", "\ufffd", "\ufffc", "\ufff9x\ufffa",
    "\U0001f469\u200d\U0001f680", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1eb\U0001f1f7", "1\ufe0f\u20e3", "\U0001f44d\U0001f3fd", "שלום", "فاتورة", "支払い",
    "結帳",
    "ﷺ" * 9, "﷽", "ÅÅ", "ſ", "ı", "İ", "ß", "\u01c5", "ﬃ", "Ⅷ", "①", "ᚠ", "𝕳𝖊𝖑𝖑𝖔", "раураl",
    "a\u0338", "\u0345", "\u0f71\u0f72", "कि", "กำ", "가", "\u1100\u1161", "\u2e3b" * 9, "𒐫" * 9,
    "W" * 150, "w" * 4000, "字" * 500, "\u0e33" * 90, "e\u0301" * 200, "\U000f0000", "\U0003ffff",
    "\u034f", "\u115f", "\u3164", "\u2800", "\uffa0", "\u17b4", "\u206a", "\U0001d173",
)  # fmt: skip
SECRETS = (
    "token ghp_" + "a1B2" * 9, "AKIA" + "ABCDEFGHIJKLMNOP", "password=hunter2",
    "FR76 3000 6000 0112 3456 7890 189", "4111 1111 1111 1111", "Bearer abc.def.ghi",
    "https://user:secret@evil.example/", "anna@example.org", "+33 6 12 34 56 78",
    "-----BEGIN PRIVATE KEY-----",
)  # fmt: skip
WRAPS = tuple(
    f"{'w' * n} {mark} Incidents" for n in range(40, 76) for mark in ("==", "* [high]", "-")
)
"""Long enough, at some length, that the line is broken before the sign."""
FAMILIES = {
    "headers": HEADERS,
    "markup": MARKUP,
    "styles": STYLES,
    "markdown": MARKDOWN,
    "mentions": MENTIONS,
    "templates": TEMPLATES,
    "letters": LETTERS,
    "secrets": SECRETS,
    "wraps": WRAPS,
}

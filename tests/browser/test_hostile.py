"""Markup in names, prompts, file names and messages is shown as text; no script runs."""

from __future__ import annotations

from playwright.async_api import expect

from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from tests.browser.conftest import Opener
from tests.support.discord.server_fixture import encode_picture

_SCRIPTS = ("window.pwned=1", "document.title='pwned'", "fetch('//evil.example')")
_MARKUP = (
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    '"><b onmouseover={}>',
    "<iframe srcdoc='<script>{}</script>'>",
    "<a href=javascript:{}>x</a>",
    "[x](javascript:{})",
    "[x](data:text/html,<script>{}</script>)",
    "<style>@import 'x';*{{background:url(javascript:{})}}</style>",
    "</textarea><script>{}</script>",
    "<!--><script>{}</script>",
    "<details open ontoggle={}>",
    "`<script>{}</script>`",
    "```html\n<script>{}</script>\n```",
    "||<img src=x onerror={}>||",
    "> <video src=x onerror={}>",
    "<t:99999999999999:{}>",
    "${{{}}}",
    "{{{{constructor.constructor('{}')()}}}}",
    "<math><mtext><table><mglyph><style><img src onerror={}>",
)
_PLAIN = (
    "**" * 60,
    "||" * 99,
    "[" * 300 + "]" * 300,
    "> " * 200,
    "_*_*_*_*" * 60,
    "`" * 501,
    "\u202edlrow\u202c",
    "\u200b\u200d\ufeff.",
    "a\u0300" * 300,
    "<@99999999999999999999> <#1> <@&2> </x:1>",
    "<t:0:R> <t:-1> <t:8640000000000:F> <t:1:q>",
    "http://[::1 http://% https://evil.example/?a=<b>",
    "-# small\n# big\n### \n- \n1. \n999. x",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 40,
    "Robert'); DROP TABLE job;--",
    "%s%s%n {0} {} ${x} #{y}",
    "../../etc/passwd\\..\\x",
    "CON AUX NUL \x7f",
    "&lt;b&gt; &amp; &#60;",
    "constructor __proto__ toString hasOwnProperty",
)
HOSTILE = [shape.format(script) for shape in _MARKUP for script in _SCRIPTS]
HOSTILE += [
    f"{before}{text}" for text in _PLAIN for before in ("", "x ", "**b** ", "> ", "# ", "- ", "1. ")
]


async def test_200_hostile_strings_are_shown_as_text(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    assert len(HOSTILE) >= 200
    page = await component_pages()
    ben = component_server.guild.member("ben")
    for number, text in enumerate(HOSTILE):
        ben.say(f"{text[:1900]}\nnumber {number}")
    await expect(page.get_by_text(f"number {len(HOSTILE) - 1}").last).to_be_visible()
    await expect(page.locator("chat-message")).to_have_count(len(HOSTILE))
    for shape in ("script", "iframe", "video", "math", "details", "style", "b", "table"):
        await expect(page.locator(f".log {shape}")).to_have_count(0)
    await expect(page.locator(".log img:not(.avatar):not([src^='/'])")).to_have_count(0)
    links = page.locator(".log a")
    for address in await links.evaluate_all("links => links.map(({protocol}) => protocol)"):
        assert address == "http:"
    shown = await page.locator(".log").text_content() or ""
    assert "<script>window.pwned=1</script>" in shown
    assert "Robert'); DROP TABLE job;--" in shown
    assert await page.evaluate("() => window.pwned") is None
    assert "pwned" not in await page.title()


async def test_hostile_file_names_and_options_are_shown_as_text(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    for script in HOSTILE[: len(_MARKUP)]:
        await component_server.guild.member("ana").slash("say", words=script[:200])
        data = Upload(f"{script[:60]}.txt", b"words")
        image = Upload(f"{script[:60]}.png", encode_picture())
        await component_server.guild.member("ben").upload(data, image)
    await expect(page.locator(".file-card")).to_have_count(len(_MARKUP))
    await expect(page.locator(".log :is(script, iframe, b, svg:not(.icon))")).to_have_count(0)
    assert await page.evaluate("() => window.pwned") is None


async def test_a_hostile_reply_thread_and_name_are_text_too(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    await page.locator("#composer-input").fill(HOSTILE[0])
    await page.keyboard.press("Enter")
    await page.locator("chat-message").first.click(button="right")
    await page.get_by_role("menuitem", name="Create thread").click()
    await page.get_by_label("Thread name").fill("<img src=x onerror=window.pwned=1>")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_role("heading", name="<img src=x").first).to_be_visible()
    assert await page.evaluate("() => window.pwned") is None

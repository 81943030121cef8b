import io
import re
from pathlib import Path

import pytest
from PIL import Image

from sandbox.discord.page.static_files import WEB_FOLDER, load_served_files
from sandbox.web import samples
from tests.support.discord.page_client import PageClient

DOWNLOAD_BUDGET = 100_000  # bytes that a browser fetches, without the two sample pictures
DISK_BUDGET = 170_000
SINKS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function")


def _sources() -> dict[str, Path]:
    files = load_served_files().items()
    return {name: file.path for name, file in files if not name.startswith("samples/")}


async def test_the_page_and_each_of_its_files_come_typed_and_locked_down(page: PageClient) -> None:
    types = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
    names = ["/"] + [f"/web/{name}" for name in load_served_files()]
    for name in names:
        response = await page.http.get(page.origin + name)
        assert response.status == 200, name
        wanted = types.get(name.rpartition(".")[2])
        assert wanted is None or response.content_type == wanted
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'; img-src 'self' blob: data:;")
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    "name",
    ["samples.py", "__init__.py", "../discord/page.py", "%2e%2e/discord/page.py", "js/", "x"],
)
async def test_nothing_else_is_served(page: PageClient, name: str) -> None:
    response = await page.http.get(f"{page.origin}/web/{name}")
    assert response.status == 404


def test_the_page_downloads_in_100_kb_gzipped_and_holds_170_kb_unpacked() -> None:
    files = {name: load_served_files()[name] for name in _sources()}
    downloads = {name: file.transfer_bytes for name, file in files.items()}
    sizes = {name: len(file.data) for name, file in files.items()}
    assert sum(downloads.values()) < DOWNLOAD_BUDGET, downloads
    assert sum(sizes.values()) < DISK_BUDGET, sizes


def test_no_module_of_the_page_is_longer_than_300_lines() -> None:
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in _sources().items()}
    assert not {name: count for name, count in lines.items() if count > 300 and "js/" in name}


async def test_files_come_packed_to_those_who_can_unpack_them(page: PageClient) -> None:
    url = page.origin + "/web/js/app.js"
    file = load_served_files()["js/app.js"]
    plain = await page.http.get(url, headers={"Accept-Encoding": "identity"})
    assert (await plain.read(), plain.headers.get("Content-Encoding")) == (file.data, None)
    packed = await page.http.get(url, headers={"Accept-Encoding": "gzip"})
    assert (await packed.read(), packed.headers["Content-Encoding"]) == (file.data, "gzip")
    assert int(packed.headers["Content-Length"]) == file.transfer_bytes < len(file.data)
    again = await page.http.get(url, headers={"If-None-Match": packed.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


def test_no_script_turns_text_into_markup_or_code() -> None:
    for name, path in _sources().items():
        found = SINKS.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{name}: {found}"


def test_nothing_is_asked_of_another_machine() -> None:
    for name, path in _sources().items():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://[a-z0-9]", text), name
        assert "@import" not in text, name


def test_the_page_holds_no_inline_script_or_style() -> None:
    html = (WEB_FOLDER / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_every_icon_that_is_drawn_is_on_the_sheet() -> None:
    sheet = (WEB_FOLDER / "art" / "icons.svg").read_text(encoding="utf-8")
    on_sheet = set(re.findall(r'<(?:path|g) id="(\w+)"', sheet))
    scripts = "".join(path.read_text(encoding="utf-8") for path in WEB_FOLDER.glob("js/*.js"))
    named = r'(?:icon\(|icon: |tool\()"(\w+)"'
    assert set(re.findall(named, scripts)) <= on_sheet
    assert all(f'"{name}"' in scripts for name in on_sheet)


def test_each_module_imports_only_files_that_are_there() -> None:
    for path in WEB_FOLDER.glob("js/*.js"):
        for name in re.findall(
            r'(?:from |import |import\()"\./([\w-]+\.js)"', path.read_text(encoding="utf-8")
        ):
            assert (path.parent / name).exists(), f"{path.name} imports {name}"


def test_the_sample_pictures_are_light_and_named_as_the_page_asks_for_them() -> None:
    script = (WEB_FOLDER / "js" / "welcome.js").read_text(encoding="utf-8")
    assert set(re.findall(r'name: "([\w-]+\.jpg)"', script)) == set(samples.SCENES)
    for name in samples.SCENES:
        data = (WEB_FOLDER / "samples" / name).read_bytes()
        assert len(data) <= samples.LARGEST
        with Image.open(io.BytesIO(data)) as picture:
            assert (picture.format, picture.size) == ("JPEG", (samples.WIDTH, samples.HEIGHT))


def test_drawing_a_sample_twice_gives_the_same_bytes() -> None:
    first, second = (samples.encode_jpeg(samples.draw_dunes_at_night()) for _ in range(2))
    assert first == second

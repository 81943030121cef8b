"""A configuration file as editors save it, and all of its mistakes at once."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from bot.config.loader import load_settings
from bot.errors import StartError

TEXT = '[limits]\n# Grenze für alle\nqueue = 7\n\n[storage]\ndata_dir = "Büro"\n'


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPANSE_STORAGE__DATA_DIR", raising=False)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_file_is_read_with_any_mark_and_line_ends(
    tmp_path: Path, mark: bytes, encoding: str, ends: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(mark + TEXT.replace("\n", ends).encode(encoding))
    loaded = load_settings(path)
    assert (loaded.limits.queue, loaded.storage.data_dir) == (7, Path("Büro"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (TEXT.encode("latin-1"), "is not text in UTF-8. Save it as UTF-8."),
        (TEXT.encode("utf-16-le"), "is not text in UTF-8. Save it as UTF-8."),
        (codecs.BOM_UTF16_LE + b"a", "is not text in UTF-8. Save it as UTF-8."),
        ("[limits]\nqueue = 7".encode("utf-16-le"), "is not valid TOML: "),
        (b"\x89PNG\r\n", "is not text in UTF-8. Save it as UTF-8."),
        (b"[limits\n", "is not valid TOML: "),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    with pytest.raises(StartError) as refused:
        load_settings(path)
    assert str(refused.value).startswith(f"{path} {words}")


def test_all_mistakes_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[limits]\nqueue = 0\nqueu = 1\n\n[runware]\nbase_url = "runware"\n')
    monkeypatch.setenv("EXPANSE_IMAGES__MIN_SIDE", "tall")
    with pytest.raises(StartError) as refused:
        load_settings(path)
    assert sorted(str(refused.value).splitlines()) == [
        (
            "Setting images.min_side: Input should be a valid integer, unable to parse string as an"
            " integer."
        ),
        "Setting limits.queue: Input should be greater than or equal to 1.",
        "Setting runware.base_url: must be an address that begins with http:// or https://.",
        "There is no setting limits.queu. Did you mean limits.queue?",
    ]

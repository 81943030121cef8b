"""Everything that leaves is marked as made with AI, unless operator and server agree otherwise."""

from __future__ import annotations

from bot.config.settings import ImageSettings
from tests.support.app.card_controls import expand_picture, press_button
from tests.support.app.moderators import get_mia, run_command
from tests.support.app_fixture import AppFixture, Json, list_media, list_parts, read_text
from tests.support.images.xmp_reader import read_source_type, read_xmp

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
LINE = "Extended with AI"
FILE = 13
"""Discord's component type of a file."""


async def read_every_file(app_fixture: AppFixture) -> list[bytes]:
    """Make a result, a comparison, a lossless file and a film, and return what was sent."""
    ana = app_fixture.ana
    result = await expand_picture(app_fixture)
    further = await app_fixture.wait_for_result(press_button(ana, result, "→"))
    compared = await press_button(ana, further, "Compare").message(lambda m: bool(list_media(m)))
    more = await press_button(ana, further, "More").message()
    film = await press_button(ana, more, "Zoom-out film").message(lambda m: bool(list_media(m)))
    lossless = await press_button(ana, more, "Lossless file").message(
        lambda message: bool(list_files(message))
    )
    media = [list_media(message)[0] for message in (result, further, compared, film)]
    return [app_fixture.discord.read_attachment(each) for each in [*media, *list_files(lossless)]]


def list_files(message: Json) -> list[Json]:
    return [part["file"] for part in list_parts(message) if part["type"] == FILE]


async def test_every_file_and_every_card_is_marked(app_fixture: AppFixture) -> None:
    for fmt in ("PNG", "JPG", "WEBP"):
        result = await expand_picture(app_fixture, format=fmt)
        data = app_fixture.discord.read_attachment(list_media(result)[0])
        assert read_source_type(data) == SOURCE_TYPE, fmt
        assert LINE in read_text(result)
    files = await read_every_file(app_fixture)
    assert [read_source_type(data) for data in files] == [SOURCE_TYPE] * 5


async def test_a_server_may_not_switch_it_off_by_itself(app_fixture: AppFixture) -> None:
    refusal = await run_command(get_mia(app_fixture), "settings safety ai-mark", on=False)
    assert "on, as the operator of this bot has decided" in refusal
    assert LINE in read_text(await expand_picture(app_fixture))


async def test_where_the_operator_allows_it_a_server_may_do_without(
    app_fixture: AppFixture,
) -> None:
    await app_fixture.stop()
    app_fixture.images = ImageSettings(allow_unmarked=True)
    await app_fixture.start()
    assert LINE in read_text(await expand_picture(app_fixture))
    await run_command(get_mia(app_fixture), "settings safety ai-mark", on=False)
    files = await read_every_file(app_fixture)
    assert [read_xmp(data) for data in files] == [None] * 5
    assert LINE not in read_text(await expand_picture(app_fixture))
    # what was switched off counts only while the operator allows it
    await app_fixture.stop()
    app_fixture.images = ImageSettings()
    await app_fixture.start()
    result = await expand_picture(app_fixture)
    assert LINE in read_text(result)
    assert read_source_type(app_fixture.discord.read_attachment(list_media(result)[0]))

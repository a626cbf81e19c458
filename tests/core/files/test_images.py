"""Pictures are made anew from their pixels; what came with them does not go on (UP-1)."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from core.errors import Invalid
from core.files.images import DEFAULT, Limits, make_anew
from tests.core.files.samples import bomb, picture


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(
    ("sent", "kept", "size"),
    [
        ("JPEG", "jpeg", (40, 60)),  # turned as the camera was held
        ("PNG", "png", (40, 60)),
        ("WEBP", "webp", (40, 60)),
        ("HEIF", "jpeg", (60, 40)),  # its container says which way is up, and its EXIF says nothing
    ],
)
async def test_up_1_a_picture_keeps_its_pixels_upright_and_nothing_else(
    sent: str, kept: str, size: tuple[int, int]
) -> None:
    kind = {"HEIF": "heic"}.get(sent, sent.lower())
    told = picture(sent, icc_profile=b"the screen of Li Hua", comment=b"for Li Hua")
    made = await make_anew(told + b"<script>trailing</script>", kind)

    image, small = opened(made.content), opened(made.thumbnail)
    assert made.kind == kept
    assert (image.size, small.format) == (size, "JPEG")
    for content in (made.content, made.thumbnail):
        assert b"Li Hua" not in content
        assert b"script" not in content
        assert not Image.open(io.BytesIO(content)).getexif()
        assert not {"icc_profile", "comment"} & opened(content).info.keys()


async def test_a_large_picture_is_kept_smaller() -> None:
    made = await make_anew(picture("JPEG", (5000, 100)), "jpeg")

    assert max(opened(made.content).size) == DEFAULT.edge
    assert max(opened(made.thumbnail).size) == DEFAULT.thumbnail


async def test_what_is_transparent_stays_so() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(target, "PNG")
    made = await make_anew(target.getvalue(), "png")

    assert opened(made.content).getpixel((0, 0)) == (255, 0, 0, 0)
    assert opened(made.thumbnail).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(("width", "height"), [(7072, 7072), (30_000, 30_000)])
async def test_up_1_a_bomb_of_50_megapixels_and_more_is_refused_by_its_header(width: int, height: int) -> None:
    tight = Limits(memory_bytes=48 << 20)  # too little to decode it

    with pytest.raises(Invalid) as refused:
        await make_anew(bomb(width, height), "png", tight)

    assert refused.value.fields[0].params == {"megapixels": 50}


async def test_up_1_a_picture_of_as_many_pixels_as_none_may_have_is_refused() -> None:
    with pytest.raises(Invalid):
        await make_anew(picture(size=(60, 40)), "jpeg", Limits(pixels=2400))

    assert (await make_anew(picture(size=(60, 40)), "jpeg", Limits(pixels=2401))).kind == "jpeg"


async def test_one_that_outgrows_its_memory_is_refused_and_harms_nobody() -> None:
    with pytest.raises(Invalid, match="cannot be accepted"):
        await make_anew(bomb(6900, 6900), "png", Limits(memory_bytes=24 << 20))


@pytest.mark.parametrize("content", [picture()[:500], b"\xff\xd8\xff" + b"x" * 100, picture("PNG")])
async def test_a_damaged_one_or_one_of_another_kind_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        await make_anew(content, "jpeg")

    assert "damaged" in refused.value.fields[0].message

"""POST /v1/images/edits: forms and JSON, masks and marks, and what is done to the pixels."""

from __future__ import annotations

import io

import httpx
import numpy as np
import pytest
from PIL import Image

SIZE = (1024, 640)
BOX = (300, 200, 700, 500)
LOW = {"model": "gpt-image-2", "prompt": "a straw hat", "quality": "low"}


@pytest.fixture(scope="module")
def photo(pictures):
    return pictures.noise(SIZE)


@pytest.fixture(scope="module")
def photo_png(pictures, photo):
    return pictures.png(photo)


@pytest.fixture(scope="module")
def mask_png(pictures):
    return pictures.png(pictures.mask(SIZE, BOX))


def inside(box):
    area = np.zeros((SIZE[1], SIZE[0]), bool)
    area[box[1] : box[3], box[0] : box[2]] = True
    return area


def png_file(data, name="photo.png"):
    return (name, data, "image/png")


# -- what a mask means ----------------------------------------------------------------------------------


def test_outside_the_mask_every_pixel_stays_and_inside_it_the_picture_is_new(
    call, pictures, photo, photo_png, mask_png
):
    reply = call.edit(files={"image": png_file(photo_png), "mask": png_file(mask_png)}, **LOW)
    result = pictures.array(pictures.of(reply)[0])
    assert result.shape == photo.shape
    kept = ~inside(BOX)
    assert np.array_equal(result[kept], photo[kept])
    assert (result[~kept] != photo[~kept]).any(axis=-1).mean() > 0.9


def test_the_masks_colours_mean_nothing_its_alpha_everything(call, pictures, photo, photo_png):
    mask = pictures.mask(SIZE, BOX)
    mask[..., :3] = pictures.noise(SIZE, seed=9)
    reply = call.edit(files={"image": png_file(photo_png), "mask": png_file(pictures.png(mask))}, **LOW)
    result = pictures.array(pictures.of(reply)[0])
    assert np.array_equal(result[~inside(BOX)], photo[~inside(BOX)])


def test_a_mask_that_keeps_everything_keeps_everything(call, pictures, photo, photo_png):
    mask = pictures.png(np.full((SIZE[1], SIZE[0], 4), 255, np.uint8))
    reply = call.edit(files={"image": png_file(photo_png), "mask": png_file(mask)}, **LOW)
    assert np.array_equal(pictures.array(pictures.of(reply)[0]), photo)


def test_an_input_with_transparency_keeps_it_outside_the_mask(call, pictures, mask_png):
    photo = pictures.noise(SIZE, channels=4)
    reply = call.edit(files={"image": png_file(pictures.png(photo)), "mask": png_file(mask_png)}, **LOW)
    result = pictures.array(pictures.of(reply)[0])
    assert np.array_equal(result[~inside(BOX)], photo[~inside(BOX)])


def test_without_a_mask_the_whole_picture_changes_and_keeps_its_size(call, pictures, photo, photo_png):
    result = pictures.array(pictures.of(call.edit(files={"image": png_file(photo_png)}, **LOW))[0])
    assert result.shape == photo.shape
    assert (result != photo).any(axis=-1).mean() > 0.5


def test_where_a_provider_takes_white_as_edit_white_is_edited(calling, pictures, photo, photo_png):
    call = calling("vllm-omni")
    white = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    white[inside(BOX)] = 255
    files = {"image": png_file(photo_png), "mask_image": png_file(pictures.png(white))}
    result = pictures.array(pictures.of(call.edit(files=files, model="any", prompt="a hat"))[0])
    assert np.array_equal(result[~inside(BOX)], photo[~inside(BOX)])
    assert (result[inside(BOX)] != photo[inside(BOX)]).any(axis=-1).mean() > 0.9


def test_marks_say_where_the_edit_belongs_and_are_not_in_the_result(call, pictures, photo, photo_png):
    marks = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    marks[300:310, 400:600] = (255, 0, 0, 255)
    reply = call.edit(
        files={"image": png_file(photo_png), "markup": png_file(pictures.png(marks))},
        **{**LOW, "model": "gpt-image-2.5-flare"},
    )
    result = pictures.array(pictures.of(reply)[0])
    far = ~inside((340, 240, 660, 370))
    assert np.array_equal(result[far], photo[far])
    assert (result[300:310, 400:600] != photo[300:310, 400:600]).any()
    assert not (result[300:310, 400:600] == (255, 0, 0)).all()


def test_each_of_n_is_another_take_and_the_same_request_gives_the_same_bytes(
    call, pictures, photo_png, mask_png
):
    files = {"image": png_file(photo_png), "mask": png_file(mask_png)}
    first = pictures.of(call.edit(files=files, n="2", **LOW))
    assert first == pictures.of(call.edit(files=files, n="2", **LOW))
    assert first[0] != first[1]


# -- sizes ------------------------------------------------------------------------------------------------


def test_a_size_that_was_asked_is_given_and_the_mask_goes_with_it(call, pictures):
    photo = np.full((SIZE[1], SIZE[0], 3), 200, np.uint8)
    files = {"image": png_file(pictures.png(photo)), "mask": png_file(pictures.png(pictures.mask(SIZE, BOX)))}
    result = pictures.array(pictures.of(call.edit(files=files, size="1280x800", **LOW))[0])
    assert result.shape == (800, 1280, 3)
    assert (result[:240] == 200).all()
    assert (result[260:620, 380:870] != 200).any()


@pytest.mark.parametrize(
    ("model", "given", "made"),
    [
        ("gpt-image-2", (1024, 640), (1024, 640)),
        ("gpt-image-2", (640, 1024), (640, 1024)),
        ("gpt-image-1", (1024, 640), (1536, 1024)),
        ("gpt-image-1", (300, 420), (1024, 1536)),
        ("gpt-image-1", (500, 500), (1024, 1024)),
    ],
)
def test_size_auto_follows_the_picture(call, pictures, model, given, made):
    files = {"image": png_file(pictures.png(pictures.noise(given)))}
    reply = call.edit(files=files, **{**LOW, "model": model})
    assert pictures.opened(pictures.of(reply)[0]).size == made
    assert reply.json()["size"] == "{}x{}".format(*made)


def test_a_small_picture_is_enlarged_to_what_the_model_makes_and_keeps_its_shape(call, pictures):
    reply = call.edit(files={"image": png_file(pictures.png(pictures.noise((200, 100))))}, **LOW)
    width, height = pictures.opened(pictures.of(reply)[0]).size
    assert width * height >= 655_360
    assert abs(width / height - 2) < 0.05


def test_a_photograph_is_turned_upright_before_it_is_edited(call, pictures):
    photo = np.zeros((640, 1024, 3), np.uint8)
    photo[:, :512] = (250, 20, 20)
    target, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees: what is left becomes the top
    Image.fromarray(photo).save(target, "JPEG", quality=95, exif=exif.tobytes())
    keep = pictures.png(np.full((1024, 640, 4), 255, np.uint8))
    files = {"image": ("photo.jpg", target.getvalue(), "image/jpeg"), "mask": png_file(keep)}
    result = pictures.array(pictures.of(call.edit(files=files, **LOW))[0])
    assert result.shape == (1024, 640, 3)
    assert result[100, 320, 0] > 200
    assert result[900, 320, 0] < 50


# -- several pictures ---------------------------------------------------------------------------------------


def test_several_pictures_are_brought_together(call, pictures):
    red, blue = (np.full((640, 1024, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    files = [("image[]", png_file(pictures.png(picture))) for picture in (red, blue)]
    result = pictures.array(pictures.of(call.edit(files=files, **LOW))[0]).astype(int)
    assert ((result[..., 0] - result[..., 2]) > 100).mean() > 0.02
    assert ((result[..., 2] - result[..., 0]) > 100).mean() > 0.02


def test_sixteen_pictures_are_taken_and_seventeen_refused(call, pictures):
    files = [("image[]", png_file(pictures.png(pictures.noise((64, 64), seed=n)))) for n in range(17)]
    assert pictures.of(call.edit(files=files[:16], **LOW))
    assert "16" in pictures.error(call.edit(files=files, **LOW), 400)["message"]


# -- forms: fields and files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["image", "image[]", "image[0]"])
def test_one_picture_may_come_under_either_name(call, pictures, photo_png, field):
    assert pictures.of(call.edit(files={field: png_file(photo_png)}, **LOW))


def test_repeating_the_plain_name_is_a_duplicate_parameter(call, pictures, photo_png):
    files = [("image", png_file(photo_png)), ("image", png_file(photo_png))]
    error = pictures.error(call.edit(files=files, **LOW), 400)
    assert (error["code"], error["param"]) == ("duplicate_parameter", "image")
    assert "image[]" in error["message"]


def test_repeating_a_text_field_is_a_duplicate_parameter(call, pictures, photo_png):
    files = [("image", png_file(photo_png)), ("n", (None, "1")), ("n", (None, "2"))]
    assert pictures.error(call.edit(files=files, **LOW), 400)["code"] == "duplicate_parameter"


def test_a_provider_that_repeats_the_plain_name_takes_it_and_misses_the_other(calling, pictures, photo_png):
    call = calling("kkiai", reply="images")
    fields = {"model": "gpt-image-1", "prompt": "merge them", "n": "1", "size": "1024x1536"}
    plain = [("image", png_file(photo_png)), ("image", png_file(photo_png))]
    assert pictures.opened(pictures.of(call.edit(files=plain, **fields))[0]).size == (1024, 1536)
    reply = call.edit(files=[("image[]", png_file(photo_png))] * 2, **fields)
    assert reply.status_code == 422
    assert reply.json()["detail"][0]["loc"] == ["body", "image"]


@pytest.mark.parametrize("content_type", ["application/octet-stream", "image/gif", "text/plain", ""])
def test_a_file_without_an_image_type_is_refused(call, pictures, photo_png, content_type):
    error = pictures.error(call.edit(files={"image": ("photo", photo_png, content_type)}, **LOW), 400)
    assert (error["code"], error["param"]) == ("unsupported_file_mimetype", "image")
    assert "'image/png'" in error["message"]


def test_a_masks_label_is_not_looked_at_but_its_content_is(call, pictures, photo_png, mask_png):
    image = png_file(photo_png)
    labelled = ("mask", mask_png, "application/octet-stream")
    assert pictures.of(call.edit(files={"image": image, "mask": labelled}, **LOW))
    target = io.BytesIO()
    Image.new("RGB", SIZE).save(target, "JPEG")
    error = pictures.error(call.edit(files={"image": image, "mask": png_file(target.getvalue())}, **LOW), 400)
    assert error["param"] == "mask"


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "header", "noise"])
def test_a_file_that_is_no_picture_is_an_invalid_image_file(call, pictures, photo_png, damage):
    data = {
        "empty": b"",
        "text": b"hello",
        "cut": photo_png[: len(photo_png) // 2],
        "header": photo_png[:33],
        "noise": photo_png[:1000] + bytes(range(256)) * 100 + photo_png[30_000:],
    }[damage]
    error = pictures.error(call.edit(files={"image": png_file(data)}, **LOW), 400)
    assert (error["code"], error["param"]) == ("invalid_image_file", "image")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(call, pictures):
    from imgwidgets.sandbox.spoil import bomb

    small_file, many_pixels = bomb(), 64_000_000
    assert len(small_file) < 100_000
    larger = small_file.replace((8000).to_bytes(4) * 2, (60_000).to_bytes(4) * 2, 1)
    error = pictures.error(call.edit(files={"image": png_file(larger)}, **LOW), 400)
    assert f"{many_pixels:,}" in error["message"]


def test_a_text_where_a_picture_belongs_is_an_invalid_type(call, pictures):
    reply = call.edit(files={"image": (None, "photo.png")}, **LOW)
    error = pictures.error(reply, 400)
    assert (error["code"], error["param"]) == ("invalid_type", "image")


def test_numbers_and_truths_of_a_form_are_read_as_such(call, pictures, photo_png):
    files = {"image": png_file(photo_png)}
    reply = call.edit(
        files=files, n="2", output_format="jpeg", output_compression="40", stream="false", **LOW
    )
    assert len(pictures.of(reply)) == 2
    error = pictures.error(call.edit(files=files, n="two", **LOW), 400)
    assert (error["code"], error["param"]) == ("invalid_type", "n")
    assert pictures.error(call.edit(files=files, stream="perhaps", **LOW), 400)["param"] == "stream"


def test_nested_fields_of_a_form_are_an_object(call, pictures, photo_png):
    fields = {**LOW, "model": "gpt-image-2.6-flare", "output_format": "svg"}
    fields |= {"svg[model]": "some-author", "svg[reasoning][effort]": "low"}
    reply = call.edit(files={"image": png_file(photo_png)}, **fields)
    assert pictures.of(reply)[0].startswith(b"<svg")
    assert reply.json()["svg_usage"]["model"] == "some-author"
    assert call.sandbox.requests[-1].fields["svg"] == {"model": "some-author", "reasoning": {"effort": "low"}}


@pytest.mark.parametrize("name", ["picture", "svg[a][b][c][d][e][f][g][h][i][j]", "image.0"])
def test_an_unknown_field_is_named(call, pictures, photo_png, name):
    files = [("image", png_file(photo_png)), (name, png_file(photo_png) if "[" not in name else (None, "x"))]
    error = pictures.error(call.edit(files=files, **LOW), 400)
    assert error["param"] in (name, "svg")


@pytest.mark.parametrize("model", ["dall-e-2", "gpt-image-2"])
def test_a_form_without_a_picture_names_the_field_that_is_missing(call, pictures, model):
    reply = call.http.post("/images/edits", files={"prompt": (None, "a"), "model": (None, model)})
    error = pictures.error(reply, 400)
    assert (error["code"], error["param"]) == ("missing_required_parameter", "image")


def test_a_mask_of_another_size_or_without_transparency_is_refused(call, pictures, photo_png):
    image = png_file(photo_png)
    other = pictures.png(pictures.mask((1024, 624), BOX))
    assert (
        "1024x624"
        in pictures.error(call.edit(files={"image": image, "mask": png_file(other)}, **LOW), 400)["message"]
    )
    flat = pictures.png(np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
    assert (
        pictures.error(call.edit(files={"image": image, "mask": png_file(flat)}, **LOW), 400)["param"]
        == "mask"
    )


def test_limits_of_bytes_and_shape_are_the_models_own(call, pictures):
    fields = {"model": "dall-e-2", "prompt": "a hat", "size": "256x256", "response_format": "b64_json"}
    square = pictures.png(pictures.noise((256, 256)))
    assert pictures.of(call.edit(files={"image": png_file(square)}, **fields))
    oblong = pictures.png(pictures.noise((256, 128)))
    assert "square" in pictures.error(call.edit(files={"image": png_file(oblong)}, **fields), 400)["message"]
    large = pictures.png(pictures.noise((1200, 1200)))
    assert (
        "4,194,304" in pictures.error(call.edit(files={"image": png_file(large)}, **fields), 400)["message"]
    )


def test_input_pictures_are_counted_in_the_usage(call, photo_png):
    one = call.edit(files={"image": png_file(photo_png)}, **LOW).json()["usage"]
    two = call.edit(files=[("image[]", png_file(photo_png))] * 2, **LOW).json()["usage"]
    each = one["input_tokens_details"]["image_tokens"]
    assert 500 < each < 2000
    assert two["input_tokens_details"]["image_tokens"] == 2 * each
    assert one["input_tokens"] == each + one["input_tokens_details"]["text_tokens"]


# -- JSON -------------------------------------------------------------------------------------------------------


def test_an_edit_as_json_with_data_urls_is_the_same_edit(call, pictures, photo_png, mask_png):
    as_form = pictures.of(call.edit(files={"image": png_file(photo_png), "mask": png_file(mask_png)}, **LOW))
    as_json = pictures.of(
        call.edit_json(
            images=[{"image_url": pictures.data_url(photo_png)}],
            mask={"image_url": pictures.data_url(mask_png)},
            **LOW,
        )
    )
    assert as_form == as_json


def test_an_edit_of_an_own_result_by_its_url(call, pictures):
    first = call.generate(model="dall-e-2", prompt="a fox", size="512x512").json()["data"][0]["url"]
    assert pictures.of(call.edit_json(images=[{"image_url": first}], **LOW))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/fox.png",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "/etc/passwd",
        "ftp://127.0.0.1/fox.png",
        "http://127.0.0.1:1/v1/results/x.png",
        "{base}/models",
        "{base}/results/../../etc/passwd",
        "{base}/results/unknown.png",
        "http://user@{host}/v1/results/x.png",
        "//{host}/v1/results/x.png",
        "data:image/png;base64,@@@@",
        "data:image/png,rawtext",
        "data:text/html;base64,PHNjcmlwdD4=",
        "javascript:alert(1)",
        "http://[broken",
        "",
    ],
)
def test_no_other_url_is_ever_fetched(call, pictures, url):
    base = call.sandbox.base_url
    url = url.format(base=base, host=base.split("/")[2])
    error = pictures.error(call.edit_json(images=[{"image_url": url}], **LOW), 400)
    assert error["param"] == "images[0]"


@pytest.mark.parametrize(
    "images",
    [
        None,
        [],
        "data:image/png;base64,AAAA",
        {"image_url": "data:image/png;base64,AAAA"},
        ["data:image/png;base64,AAAA"],
        [{}],
        [{"image_url": 7}],
        [{"url": "data:image/png;base64,AAAA"}],
        [{"file_id": "file-1", "image_url": "data:image/png;base64,AAAA"}],
        [{"file_id": "file-unknown"}],
        [None],
    ],
)
def test_references_of_another_form_are_refused(call, pictures, images):
    error = pictures.error(call.edit_json(images=images, **LOW), 400)
    assert error["param"].startswith("image")


def test_a_model_that_takes_only_json_says_so_to_a_form_and_the_other_way_round(calling, pictures, photo_png):
    call = calling("ttapi")
    reply = call.edit(files={"image": png_file(photo_png)}, **LOW)
    assert "application/json" in pictures.error(reply, 400)["message"]
    reply = call.edit_json(model="dall-e-2", prompt="a", images=[{"image_url": pictures.data_url(photo_png)}])
    assert "multipart/form-data" in pictures.error(reply, 400)["message"]
    assert pictures.of(
        call.edit_json(images=[{"image_url": pictures.data_url(photo_png)}], **LOW, input_fidelity="high")
    )


def test_a_model_that_cannot_edit_says_which_can(call, pictures, photo_png):
    error = pictures.error(call.edit(files={"image": png_file(photo_png)}, prompt="a", model="dall-e-3"), 400)
    assert error["param"] == "model"
    assert "'dall-e-2'" in error["message"]


def test_the_literal_request_of_the_compatible_servers_page_works(calling, pictures, photo_png, mask_png):
    call = calling("openai-compatible")
    fields = {
        "prompt": "在图片中添加一朵红色的玫瑰花",
        "background": "transparent",
        "input_fidelity": "high",
        "model": "gpt-image-1",
        "n": "1",
        "output_compression": "100",
        "output_format": "png",
        "partial_images": "0",
        "quality": "auto",
        "response_format": "url",
        "size": "1024x1024",
        "stream": "false",
        "user": "somebody",
    }
    reply = call.edit(files={"image": png_file(photo_png), "mask": png_file(mask_png)}, **fields)
    assert reply.status_code == 200, reply.text
    url = reply.json()["data"][0]["url"]
    assert pictures.opened(httpx.get(url).content).size == (1024, 1024)

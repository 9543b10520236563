"""Uploads, results behind URLs, and the list of models."""

from __future__ import annotations

import httpx
import pytest

from imgwidgets.catalog import models
from imgwidgets.sandbox.store import Store


def upload(call, data, *, name="photo.png", purpose="vision"):
    fields = {"purpose": purpose} if purpose else {}
    return call.http.post("/files", data=fields, files={"file": (name, data, "image/png")})


def test_an_upload_gets_an_id_that_an_edit_can_use(call, pictures):
    photo = pictures.png(pictures.noise((1024, 640)))
    mask = pictures.png(pictures.mask((1024, 640), (100, 100, 300, 300)))
    row = upload(call, photo).json()
    assert row["id"].startswith("file-")
    assert (row["object"], row["bytes"], row["filename"], row["purpose"]) == (
        "file",
        len(photo),
        "photo.png",
        "vision",
    )
    asked = {"model": "gpt-image-2", "prompt": "a hat", "quality": "low"}
    by_id = call.edit_json(
        images=[{"file_id": row["id"]}], mask={"file_id": upload(call, mask).json()["id"]}, **asked
    )
    by_file = call.edit(
        files={"image": ("a.png", photo, "image/png"), "mask": ("m.png", mask, "image/png")}, **asked
    )
    assert pictures.of(by_id) == pictures.of(by_file)


def test_uploads_are_listed_shown_and_deleted(calling, pictures):
    call = calling()
    file_id = upload(call, b"anything").json()["id"]
    assert [row["id"] for row in call.http.get("/files").json()["data"]] == [file_id]
    assert call.http.get(f"/files/{file_id}").json()["bytes"] == 8
    assert call.http.delete(f"/files/{file_id}").json() == {"id": file_id, "object": "file", "deleted": True}
    pictures.error(call.http.get(f"/files/{file_id}"), 404)
    pictures.error(call.http.delete(f"/files/{file_id}"), 404)


@pytest.mark.parametrize("missing", ["file", "purpose"])
def test_an_upload_without_file_or_purpose_names_what_is_missing(call, pictures, missing):
    parts = {"file": ("a.png", b"x", "image/png"), "purpose": (None, "vision")}
    del parts[missing]
    error = pictures.error(call.http.post("/files", files=parts), 400)
    assert (error["code"], error["param"]) == ("missing_required_parameter", missing)


def test_an_upload_that_is_no_picture_is_found_out_when_it_is_used(call, pictures):
    file_id = upload(call, b"hello").json()["id"]
    reply = call.edit_json(images=[{"file_id": file_id}], model="gpt-image-2", prompt="a")
    assert pictures.error(reply, 400)["code"] == "invalid_image_file"


def test_where_a_provider_has_no_files_there_is_no_such_address(calling, pictures):
    pictures.error(calling("vllm-omni").http.get("/files"), 404)


# -- results ------------------------------------------------------------------------------------------------


def test_a_result_lies_behind_its_url_for_everyone_who_knows_it(call, pictures):
    reply = call.generate(model="dall-e-2", prompt="a fox", size="256x256", n=2).json()
    urls = [entry["url"] for entry in reply["data"]]
    assert len(set(urls)) == 2
    for url in urls:
        fetched = httpx.get(url)
        assert fetched.headers["content-type"] == "image/png"
        assert fetched.headers["content-security-policy"] == "sandbox"
        assert pictures.opened(fetched.content).size == (256, 256)


def test_a_results_url_expires(calling, pictures):
    call = calling(url_lifetime=0.0)
    url = call.generate(model="dall-e-2", prompt="a fox", size="256x256").json()["data"][0]["url"]
    assert pictures.error(httpx.get(url), 404)["code"] == "url_expired"
    reply = call.edit_json(images=[{"image_url": url}], model="gpt-image-2", prompt="a")
    assert "expired" in pictures.error(reply, 400)["message"]


def test_names_of_results_cannot_be_guessed(call, pictures):
    body = {"model": "dall-e-2", "prompt": "a fox", "size": "256x256"}
    first, second = (call.generate(**body).json()["data"][0]["url"] for _ in range(2))
    assert first != second
    pictures.error(httpx.get(f"{call.sandbox.base_url}/results/"), 404)


def test_a_store_forgets_the_oldest_and_what_is_too_old():
    now = [0.0]
    store = Store(lifetime=10, max_bytes=10, max_files=3, clock=lambda: now[0])
    for name in "abcd":
        store.put(name, b"123")
    assert [name for name, _ in store.items()] == ["b", "c", "d"]
    store.put("e", b"1234567")
    assert [name for name, _ in store.items()] == ["d", "e"]
    store.put("e", b"1")
    store.put("f", b"1", lifetime=1)
    now[0] = 1.0
    assert store.get("f") is None
    assert store.get("d").data == b"123"
    now[0] = 10.0
    assert store.items() == []
    assert store.get("d") is None


def test_one_file_larger_than_a_store_is_kept_alone():
    store = Store(max_bytes=5)
    store.put("a", b"12")
    store.put("b", b"1234567890")
    assert [name for name, _ in store.items()] == ["b"]


# -- models -------------------------------------------------------------------------------------------------


def test_models_are_listed_with_their_shutdown_dates(call):
    rows = {row["id"]: row for row in call.http.get("/models").json()["data"]}
    assert set(rows) == {model.name for model in models("sandbox")}
    assert rows["gpt-image-1"]["shutdown_date"] == "2026-10-23"
    assert rows["gpt-image-2"]["shutdown_date"] is None
    assert all(row["object"] == "model" and isinstance(row["created"], int) for row in rows.values())


def test_one_model_is_shown_by_its_name_or_an_alias(call, pictures):
    assert call.http.get("/models/gpt-image-2-2026-04-21").json()["id"] == "gpt-image-2"
    assert pictures.error(call.http.get("/models/nope"), 404)["code"] == "model_not_found"

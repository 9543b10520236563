"""What a test can see of the requests that arrived."""

from __future__ import annotations


def test_the_log_shows_what_arrived_without_keys_or_pictures(calling, pictures):
    call = calling()
    image = pictures.png(pictures.noise((256, 256)))
    call.generate(model="dall-e-2", prompt="a fox " * 200, size="256x256")
    call.edit(
        files={"image": ("fox.png", image, "image/png")},
        prompt="a hat",
        model="dall-e-2",
        headers={"api-key": "sk-secret-42", "x-note": "kept"},
    )
    first, second = call.sandbox.requests
    assert (first.method, first.path, first.kind) == ("POST", "/v1/images/generations", "json")
    assert first.fields["model"] == "dall-e-2"
    assert len(first.fields["prompt"]) < 600
    assert first.headers["authorization"] == "Bearer ***"
    assert (second.kind, second.names) == ("multipart", ("prompt", "model", "image"))
    assert (second.headers["api-key"], second.headers["x-note"]) == ("***", "kept")
    [file] = second.files
    assert (file.field, file.name, file.content_type, file.size) == (
        "image",
        "fox.png",
        "image/png",
        len(image),
    )
    assert "sk-" not in repr(list(call.sandbox.requests))


def test_the_log_is_bounded_but_counts_on(calling):
    call = calling(keep_log=3)
    for _ in range(5):
        call.http.get("/models")
    assert len(call.sandbox.requests) == 3
    assert call.sandbox.requests.total == 5


def test_a_request_that_cannot_be_read_is_in_the_log_too(calling):
    call = calling()
    call.http.post("/images/generations", content=b"{", headers={"content-type": "application/json"})
    assert [arrival.path for arrival in call.sandbox.requests] == ["/v1/images/generations"]

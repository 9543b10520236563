import base64
import contextlib
import socket

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imgwidgets.client.fetch import Guard, decode_data_url
from imgwidgets.errors import ReplyError

NAMES = {
    "api.example.org": ["93.184.216.34"],
    "cdn.example.org": ["93.184.216.40", "2606:2800:220:1::1"],
    "metadata.evil.example": ["169.254.169.254"],
    "local.evil.example": ["127.0.0.1"],
    "both.evil.example": ["93.184.216.41", "10.0.0.1"],
    "mapped.evil.example": ["::ffff:169.254.169.254"],
    "lan.evil.example": ["192.168.1.10"],
    "gpu-box": ["192.168.1.10"],
    "gpu-box-alias": ["192.168.1.10"],
    "nas": ["192.168.1.11"],
    "xn--bcher-kva.example": ["93.184.216.42"],
    "empty.example": [],
}


def resolve(host, port, **_options):
    """Names from the table; IP literals in any spelling as the system reads them."""
    if host in NAMES:
        return [(0, 0, 0, "", (address, port)) for address in NAMES[host]]
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)


def guard(base_url, **options):
    return Guard(base_url, resolver=resolve, **options)


PUBLIC = "https://api.example.org/v1"
LAN = "http://gpu-box:8000/v1"
LOOPBACK = "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    ("base_url", "url", "ip"),
    [
        (PUBLIC, "https://cdn.example.org/a.png?sig=1", "93.184.216.40"),
        (PUBLIC, "https://CDN.example.org./a.png", "93.184.216.40"),
        (PUBLIC, "https://cdn.example.org:8443/a.png", "93.184.216.40"),
        (PUBLIC, "https://93.184.216.34/a.png", "93.184.216.34"),
        (PUBLIC, "http://api.example.org/a.png", "93.184.216.34"),
        (PUBLIC, "https://bücher.example/a.png", "93.184.216.42"),
        (PUBLIC, "https://[2606:2800:220:1::1]/a.png", "2606:2800:220:1::1"),
        (LAN, "http://gpu-box:8000/v1/images/1", "192.168.1.10"),
        (LAN, "http://gpu-box:9000/bucket/a.png", "192.168.1.10"),
        (LAN, "http://192.168.1.10:9000/a.png", "192.168.1.10"),
        (LAN, "http://gpu-box-alias/a.png", "192.168.1.10"),
        (LAN, "https://cdn.example.org/a.png", "93.184.216.40"),
        (LOOPBACK, "http://127.0.0.1:8000/v1/images/1", "127.0.0.1"),
        (LOOPBACK, "http://cdn.example.org/a.png", "93.184.216.40"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/a.png", "::1"),
    ],
)
def test_addresses_that_are_fetched_and_where_the_connection_goes(base_url, url, ip):
    target = guard(base_url).check(url)
    assert target.ip == ip
    assert target.url == url
    assert target.pinned_url.startswith(
        f"{target.scheme}://" + (f"[{ip}]" if ":" in ip else ip) + f":{target.port}/"
    )


@pytest.mark.parametrize(
    ("base_url", "url", "reason"),
    [
        (PUBLIC, "file:///etc/passwd", "only http and https"),
        (PUBLIC, "ftp://cdn.example.org/a.png", "only http and https"),
        (PUBLIC, "data:image/png;base64,AAAA", "only http and https"),
        (PUBLIC, "javascript:alert(1)", "only http and https"),
        (PUBLIC, "/relative", "only http and https"),
        (PUBLIC, "", "only http and https"),
        (PUBLIC, "https://", "no host"),
        (PUBLIC, "https:///a.png", "no host"),
        (PUBLIC, "https://user:secret@cdn.example.org/a.png", "user name or password"),
        (PUBLIC, "https://api.example.org@metadata.evil.example/", "user name or password"),
        (PUBLIC, "https://cdn.example.org/a b", "spaces or control"),
        (PUBLIC, "https://cdn.example.org\\@169.254.169.254/", "spaces or control|valid address"),
        (PUBLIC, "https://cdn.example.org/\r\nHost: x", "spaces or control"),
        (PUBLIC, "https://cdn.example.org:99999/", "valid address"),
        (PUBLIC, "https://[::1/", "valid address"),
        (PUBLIC, "https://unknown.example/", "cannot be resolved"),
        (PUBLIC, "https://empty.example/", "has no address"),
        (PUBLIC, "https://" + "a" * 300 + ".example/", "cannot be resolved"),
        (PUBLIC, "http://cdn.example.org/a.png", "plain http"),
        (LAN, "http://cdn.example.org/a.png", "plain http"),
        # link-local: never, not even for a provider that is there
        (PUBLIC, "http://169.254.169.254/latest/meta-data", "link-local"),
        (PUBLIC, "https://metadata.evil.example/", "link-local"),
        (PUBLIC, "https://mapped.evil.example/", "link-local"),
        (PUBLIC, "https://[fe80::1]/", "link-local"),
        (PUBLIC, "https://[::ffff:a9fe:a9fe]/", "link-local"),
        (PUBLIC, "https://[64:ff9b::a9fe:a9fe]/", "link-local"),
        (PUBLIC, "https://[2002:a9fe:a9fe::1]/", "link-local"),
        (PUBLIC, "https://2852039166/", "link-local"),
        (PUBLIC, "https://0xa9fea9fe/", "link-local"),
        (PUBLIC, "https://0251.0376.0251.0376/", "link-local"),
        ("http://169.254.169.254/v1", "http://169.254.169.254/latest", "link-local"),
        # this computer
        (PUBLIC, "https://127.0.0.1/", "this computer"),
        (PUBLIC, "https://local.evil.example/", "this computer"),
        (PUBLIC, "https://2130706433/", "this computer"),
        (PUBLIC, "https://0x7f.1/", "this computer"),
        (PUBLIC, "https://017700000001/", "this computer"),
        (PUBLIC, "https://[::1]/", "this computer"),
        (PUBLIC, "https://[::ffff:127.0.0.1]/", "this computer"),
        (LAN, "http://127.0.0.1:8000/", "this computer"),
        (LOOPBACK, "http://127.0.0.1:8888/api/contents", "this computer"),
        (LOOPBACK, "http://127.0.0.2:8000/", "this computer"),
        (LOOPBACK, "http://[::1]:8000/", "this computer"),
        # private networks
        (PUBLIC, "https://10.0.0.1/", "private network"),
        (PUBLIC, "https://both.evil.example/", "private network"),
        (PUBLIC, "https://lan.evil.example/", "private network"),
        (PUBLIC, "https://100.64.0.1/", "private network"),
        (PUBLIC, "https://[fd00::1]/", "private network"),
        (LAN, "http://nas/a.png", "private network"),
        (LOOPBACK, "http://192.168.1.1/", "private network"),
        # others
        (PUBLIC, "https://0.0.0.0/", "unspecified"),
        (PUBLIC, "https://[::]/", "unspecified"),
        (PUBLIC, "https://224.0.0.1/", "multicast"),
        (PUBLIC, "https://[ff02::1]/", "multicast"),
        (PUBLIC, "https://255.255.255.255/", "reserved"),
        (PUBLIC, "https://[fec0::1]/", "reserved"),
        (PUBLIC, "https://[::127.0.0.1]/", "reserved"),
    ],
)
def test_addresses_that_are_refused_and_why(base_url, url, reason):
    with pytest.raises(ReplyError, match=reason) as caught:
        guard(base_url).check(url)
    assert "was not fetched" in str(caught.value)


def test_control_characters_of_an_address_are_escaped_in_the_message():
    with pytest.raises(ReplyError) as caught:
        guard(PUBLIC).check("file:///\x1b[31m\x00")
    assert "\x1b" not in str(caught.value)


def test_an_origin_that_the_user_trusts_is_fetched_from_loopback():
    trusting = guard(LOOPBACK, allowed=["http://127.0.0.1:9000", "http://nas"])
    assert trusting.check("http://127.0.0.1:9000/bucket/a.png").port == 9000
    assert trusting.check("http://nas/a.png").ip == "192.168.1.11"
    with pytest.raises(ReplyError, match="link-local"):
        guard(PUBLIC, allowed=["http://169.254.169.254"]).check("http://169.254.169.254/")


def test_a_name_that_changes_its_address_is_judged_each_time_and_pinned():
    answers = iter([["93.184.216.34"], ["93.184.216.34"], ["127.0.0.1"]])
    rebinding = Guard(
        PUBLIC, resolver=lambda _host, port, **_: [(0, 0, 0, "", (ip, port)) for ip in next(answers)]
    )
    target = rebinding.check("https://rebind.example/a.png")
    assert target.pinned_url == "https://93.184.216.34:443/a.png"
    assert target.host_header == "rebind.example"
    with pytest.raises(ReplyError, match="this computer"):
        rebinding.check("https://rebind.example/a.png")


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/b.png", "https://cdn.example.org/b.png"),
        ("b.png?x=1", "https://cdn.example.org/dir/b.png?x=1"),
        ("//api.example.org/b", "https://api.example.org/b"),
        ("https://api.example.org/b", "https://api.example.org/b"),
    ],
)
def test_a_redirect_is_resolved_and_judged_again(location, expected):
    assert guard(PUBLIC).redirect("https://cdn.example.org/dir/a.png", location).url == expected


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("http://api.example.org/b", "https to http"),
        ("https://metadata.evil.example/", "link-local"),
        ("//127.0.0.1/", "this computer"),
        ("https://u:p@api.example.org/", "user name"),
        ("https://[::1", "valid address"),
    ],
)
def test_a_redirect_to_a_forbidden_place_is_refused(location, reason):
    with pytest.raises(ReplyError, match=reason):
        guard(PUBLIC).redirect("https://cdn.example.org/a.png", location)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.org/v1/files/1/content", True),
        ("https://API.example.org:443/x", True),
        ("http://api.example.org/x", False),
        ("https://api.example.org:8443/x", False),
        ("https://cdn.example.org/x", False),
        ("https://api.example.org.evil.example/x", False),
        ("https://api.example.org@evil.example/x", False),
        ("https://evil@api.example.org/x", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_the_key_goes_to_the_providers_own_origin_only(url, expected):
    assert guard(PUBLIC).key_goes_to(url) is expected


def test_the_systems_resolver_is_the_default():
    assert Guard(LOOPBACK).check("http://localhost:8000/a.png").ip in {"127.0.0.1", "::1"}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://", "https://cdn.example.org", "//"]))
def test_any_text_is_a_target_or_a_reply_error(text, start):
    judge = guard(PUBLIC)
    for use in (judge.check, lambda url: judge.redirect("https://cdn.example.org/a", url)):
        with contextlib.suppress(ReplyError):
            assert use(start + text).scheme in {"http", "https"}
    assert judge.key_goes_to(start + text) in {True, False}


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_an_address_that_is_not_global_is_never_fetched_for_a_public_provider(address):
    assume(not str(address).startswith("64:ff9b::"))  # an IPv4 address in other clothes: see the table above
    host = f"[{address}]" if address.version == 6 else str(address)
    try:
        guard(PUBLIC).check(f"https://{host}/")
    except ReplyError:
        return
    judged = getattr(address, "ipv4_mapped", None) or address
    assert judged.is_global
    assert not judged.is_multicast
    assert not judged.is_reserved


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("data:image/png;base64,iVBORw0KGgo=", b"\x89PNG\r\n\x1a\n"),
        ("DATA:image/png;base64,iVBORw0KGgo", b"\x89PNG\r\n\x1a\n"),
        ("data:;base64,iVBORw0K%0AGgo%3D", b"\x89PNG\r\n\x1a\n"),
        ("data:image/svg+xml;charset=utf-8,%3Csvg/%3E", b"<svg/>"),
        ("data:image/svg+xml;utf8,<svg/>", b"<svg/>"),
    ],
)
def test_data_urls_are_decoded(url, data):
    assert decode_data_url(url, 100) == data


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://example.org", "not a data URL"),
        ("data:image/png;base64", "not a data URL"),
        ("data:image/png;base64,###", "not complete base64"),
        ("data:image/png;base64,iVBOR", "not complete base64"),
        ("data:image/png;base64,", "not complete base64"),
        ("data:image/png;base64," + base64.b64encode(bytes(101)).decode(), "more than 100 bytes"),
        ("data:image/png;base64," + "A" * 5_000, "more than 100 bytes"),
        ("data:text/plain," + "a" * 101, "more than 100 bytes"),
    ],
)
def test_broken_and_large_data_urls_are_reply_errors(url, message):
    with pytest.raises(ReplyError, match=message):
        decode_data_url(url, 100)

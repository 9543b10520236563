"""A key is found in the right place and never shows itself."""

from __future__ import annotations

import copy
import os
import pickle
import sys
import traceback
import types

import pytest

import imgwidgets as iw
import imgwidgets.client.keys
from imgwidgets import catalog
from imgwidgets.client.key_store import on_new_key
from imgwidgets.client.keys import Key, Secret
from imgwidgets.errors import AuthenticationError, CatalogError

SECRET = "sk-proj-0123456789abcdef"
OPENAI = catalog.current().provider("openai")


@pytest.fixture
def no_keyring(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)


@pytest.fixture
def keyring(monkeypatch):
    """Put a keyring in place that knows one key."""
    module = types.ModuleType("keyring")
    module.get_password = lambda service, user: {("imgwidgets", "openai"): SECRET}.get((service, user))
    monkeypatch.setitem(sys.modules, "keyring", module)
    return module


def sent(key):
    return {name: str.__str__(value) for name, value in key.headers().items()}


@pytest.mark.usefixtures("keyring")
def test_the_argument_wins_over_environment_and_keyring(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    assert sent(Key(OPENAI, "from-the-argument")) == {"Authorization": "Bearer from-the-argument"}


@pytest.mark.usefixtures("keyring")
def test_the_environment_wins_over_the_keyring(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    assert sent(Key(OPENAI)) == {"Authorization": "Bearer from-the-environment"}


@pytest.mark.usefixtures("keyring")
def test_the_keyring_is_asked_last():
    assert sent(Key(OPENAI)) == {"Authorization": f"Bearer {SECRET}"}
    assert repr(Key(OPENAI)) == "<Key for openai from the keyring>"


@pytest.mark.usefixtures("no_keyring")
def test_an_empty_variable_counts_as_none(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "  ")
    with pytest.raises(AuthenticationError):
        Key(OPENAI)


@pytest.mark.usefixtures("no_keyring")
def test_a_missing_key_names_where_was_looked_and_the_free_way_out():
    with pytest.raises(AuthenticationError) as caught:
        iw.Client("openai")
    text = str(caught.value)
    assert "OPENAI_API_KEY" in text
    assert "imgwidgets/openai" in text
    assert "keyring is not installed" in text
    assert "iw.Client()" in text


def test_a_keyring_that_fails_is_named_and_not_fatal(monkeypatch, keyring):
    def locked(*_):
        raise RuntimeError("the wallet is locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(AuthenticationError, match="the keyring failed: RuntimeError"):
        Key(OPENAI)


@pytest.mark.usefixtures("no_keyring")
def test_a_server_that_may_run_without_a_key_gets_no_header():
    assert Key(catalog.current().provider("openai-compatible")).headers() == {}


def test_a_key_with_a_stray_character_is_refused_without_being_shown():
    for broken in (f"{SECRET}\nX-Other: 1", f"\u201c{SECRET}\u201d", f"Bearer {SECRET}"):
        with pytest.raises(AuthenticationError) as caught:
            Key(OPENAI, broken)
        assert SECRET not in str(caught.value)


def test_a_key_is_stripped_of_the_line_break_that_a_file_ends_with():
    assert sent(Key(OPENAI, f"{SECRET}\n")) == {"Authorization": f"Bearer {SECRET}"}


def everywhere(value):
    """Give every text by which a value may show itself."""
    yield repr(value)
    yield str(value)
    yield f"{value!r:>40}"
    yield repr(getattr(value, "__dict__", {}))
    yield from (
        repr(getattr(value, name, ""))
        for name in dir(type(value))
        if name.startswith("_") and "__" not in name
    )


def test_no_repr_holds_the_key():
    client = iw.Client("openai", api_key=SECRET, headers={"X-Api-Key": SECRET})
    for holder in (client, client._key, client._headers, client.__getstate__()):
        for text in everywhere(holder):
            assert SECRET not in text


@pytest.mark.usefixtures("no_keyring")
def test_a_pickle_holds_no_key_and_finds_its_own(monkeypatch):
    client = iw.Client("openai", api_key=SECRET, headers={"X-Api-Key": SECRET, "X-Team": "art"})
    data = pickle.dumps(client)
    assert SECRET.encode() not in data
    with pytest.raises(AuthenticationError, match="OPENAI_API_KEY"):
        pickle.loads(data)._key.headers()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-other-machine")
    there = pickle.loads(data)
    assert sent(there._key) == {"Authorization": "Bearer sk-of-the-other-machine"}
    assert there._headers == {"X-Team": "art"}


@pytest.mark.usefixtures("no_keyring")
def test_an_unpickled_client_without_a_key_says_so_before_anything_is_sent(server):
    client = iw.Client("openai", api_key=SECRET, base_url=server.base_url)
    with pytest.raises(AuthenticationError, match="OPENAI_API_KEY"):
        pickle.loads(pickle.dumps(client)).generate("a fox")
    assert server.requests == []


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
@pytest.mark.usefixtures("no_keyring")
def test_a_copy_does_not_hold_the_key(duplicate):
    for original in (iw.Client("openai", api_key=SECRET), iw.AsyncClient("openai", api_key=SECRET)):
        with pytest.raises(AuthenticationError):
            duplicate(original)._key.headers()


def test_a_secret_cannot_be_pickled():
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Secret(SECRET))


@pytest.mark.parametrize("make", [iw.Client, iw.AsyncClient])
def test_a_wrong_argument_shows_no_key_in_its_traceback(make):
    with pytest.raises(ValueError, match="timeout") as caught:
        make("openai", api_key=SECRET, timeout=-1)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown


@pytest.mark.parametrize("name", ["api_key", "base_url"])
@pytest.mark.parametrize("value", [5, b"sk-bytes", ["sk"]])
def test_a_key_or_address_of_another_type_is_a_type_error_that_does_not_show_it(name, value):
    with pytest.raises(TypeError, match=f"{name} is {type(value).__name__}") as error:
        iw.Client("openai-compatible", **({"base_url": "http://127.0.0.1:9/v1"} | {name: value}))
    assert "sk" not in str(error.value).replace("needs", "")


# -- iw.set_key


@pytest.fixture
def typed(monkeypatch):
    """Let a person type, with no key of this process before or after."""
    monkeypatch.setattr("imgwidgets.client.keys._kept", {})

    def person(text):
        monkeypatch.setattr("getpass.getpass", lambda _prompt: text)

    person(SECRET)
    return person


@pytest.mark.usefixtures("no_keyring", "typed")
def test_without_a_keyring_a_typed_key_is_kept_in_this_process_only(capsys):
    iw.set_key("openai")
    said = capsys.readouterr().out
    assert "in this process only" in said
    assert "keyring is not installed" in said
    assert SECRET not in said
    key = Key(OPENAI)
    assert sent(key) == {"Authorization": f"Bearer {SECRET}"}
    assert repr(key) == "<Key for openai from iw.set_key>"
    assert SECRET not in repr(dict(os.environ)), "programs that are started here do not inherit it"
    assert SECRET not in repr(imgwidgets.client.keys._kept)
    pickled = pickle.dumps(iw.Client("openai", history=False))
    assert SECRET.encode() not in pickled


@pytest.mark.usefixtures("typed")
def test_with_a_keyring_a_typed_key_goes_there(keyring, capsys):
    stored = {}
    keyring.set_password = lambda service, user, key: stored.update({(service, user): key})
    keyring.get_password = lambda service, user: stored.get((service, user))
    iw.set_key("openai")
    assert stored == {("imgwidgets", "openai"): SECRET}
    assert "keyring, as imgwidgets/openai" in capsys.readouterr().out
    assert repr(Key(OPENAI)) == "<Key for openai from the keyring>"


@pytest.mark.usefixtures("typed")
def test_a_keyring_that_keeps_nothing_or_fails_is_no_place_for_a_key(keyring, capsys):
    def locked(*_):
        raise RuntimeError(f"cannot store {SECRET}")

    for store in (lambda *_: None, locked):
        keyring.set_password = store
        keyring.get_password = lambda *_: None
        iw.set_key("openai")
        said = capsys.readouterr().out
        assert "in this process only" in said
        assert SECRET not in said
        assert sent(Key(OPENAI))


@pytest.mark.usefixtures("no_keyring")
def test_what_is_no_key_is_not_kept(typed, capsys):
    for text in ("", "  \n"):
        typed(text)
        iw.set_key("openai")
        assert "nothing has changed" in capsys.readouterr().out
    typed(f"\u201c{SECRET}\u201d")
    with pytest.raises(AuthenticationError) as caught:
        iw.set_key("openai")
    assert SECRET not in str(caught.value)
    with pytest.raises(AuthenticationError):
        Key(OPENAI)


@pytest.mark.usefixtures("no_keyring", "typed")
def test_a_variable_that_comes_first_is_named(monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    iw.set_key("openai")
    assert "OPENAI_API_KEY is set, too, and comes first" in capsys.readouterr().out
    assert sent(Key(OPENAI)) == {"Authorization": "Bearer from-the-environment"}


@pytest.mark.usefixtures("typed")
def test_a_provider_that_needs_no_key_or_is_unknown_is_not_asked_about():
    with pytest.raises(ValueError, match="needs no key"):
        iw.set_key("sandbox")
    with pytest.raises(CatalogError, match="opnai"):
        iw.set_key("opnai")


@pytest.mark.usefixtures("no_keyring", "typed")
def test_who_listens_for_keys_hears_of_each_until_they_stop():
    heard = []
    stop = on_new_key(heard.append)
    iw.set_key("openai")
    stop()
    iw.set_key("openai")
    assert heard == ["openai"]


def test_a_separate_client_has_the_key_and_a_life_of_its_own():
    with iw.Sandbox() as sandbox:
        client = iw.Client("openai", api_key=SECRET, base_url=sandbox.base_url, history=False)
        twin = client.separate()
        assert sent(twin._key) == sent(client._key)
        twin.close()
        assert client.generate("a red fox", quality="low", size="1024x1024")
        client.close()
        with pytest.raises(RuntimeError, match="closed"):
            client.separate()

"""The command `imgwidgets history`, and the page that it makes."""

import base64
import hashlib
import json
import re
import stat
import sys
import webbrowser
from html.parser import HTMLParser

import pytest
from history.making import picture, recorded, request

from imgwidgets import cli, errors
from imgwidgets.history import History


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path / "home"))
    with History() as opened:
        yield opened


@pytest.fixture
def command(capsys):
    """Run it; gives its exit status, what it printed and what it complained about."""

    def run(*arguments):
        status = cli.main(["history", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def numbers(table):
    return [int(found) for found in re.findall(r"^(\d+)  ", table, re.MULTILINE)]


def test_looking_leaves_nothing_behind(command, tmp_path, monkeypatch):
    monkeypatch.setenv("IMGWIDGETS_HOME", str(tmp_path / "home"))
    status, said, _ = command()
    assert (status, "There is no history in" in said) == (0, True)
    assert not (tmp_path / "home").exists()


def test_the_table_shows_what_was_asked_and_what_became_of_it(history, command):
    history.star(recorded(history, "a red fox", picture("one"), picture("two"), cost=0.25))
    history.failed(
        history.started(request("a bear", model="m")), errors.ServerError("cut", maybe_billed=True)
    )
    status, said, _ = command()
    assert status == 0
    lines = said.splitlines()
    assert re.split(r" {2,}", lines[0]) == ["NO.", "WHEN", "IMAGES", "COST", "PROVIDER", "MODEL", "PROMPT"]
    assert re.fullmatch(
        r"2    \d{4}-\d\d-\d\d \d\d:\d\d  may have been billed  - +openai +m +a bear", lines[1]
    )
    assert re.fullmatch(r"1    \S+ \S+  2 +\$0\.25  openai +gpt-image-2  ★ a red fox", lines[2])
    assert lines[-1] == f"2 requests; $0.25 spent in all; {history.path}"


def test_a_prompt_cannot_speak_to_the_terminal(history, command):
    recorded(history, "a \x1b[31mred\x1b[0m fox\r\nwith \u202ea hat", model="m\x1b]0;title\x07")
    _, said, _ = command()
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "\u202e" not in said
    assert numbers(said) == [1]


def test_words_and_filters_narrow_the_table(history, command):
    for number, (prompt, model, cost) in enumerate(
        [("a red fox", "one", 0.1), ("a red owl", "two", 0.2), ("a bear", "two", 0.3)], 1
    ):
        assert recorded(history, prompt, model=model, cost=cost) == number
    history.star(2)
    for arguments, found in (
        (["red"], [2, 1]),
        (["red", "fox"], [1]),
        (["--model", "two"], [3, 2]),
        (["--provider", "nobody"], []),
        (["--starred"], [2]),
        (["--min-cost", "0.2", "--max-cost", "0.25"], [2]),
        (["--since", "2020-01-01", "--status", "done", "--limit", "1"], [3]),
        (["--until", "2020-01-01"], []),
    ):
        assert numbers(command(*arguments)[1]) == found, arguments
    assert "2 of 3 requests" in command("--limit", "2")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--status", "lost"], "status is 'lost'; it is one of running"),
        (["--since", "yesterday"], "since is 'yesterday'; write it as"),
        (["fox", "--prune", "3"], "leave words and filters out"),
        (["--verify", "--starred"], "leave words and filters out"),
    ],
)
@pytest.mark.usefixtures("history")
def test_a_wrong_value_is_said(command, arguments, said):
    status, out, complaint = command(*arguments)
    assert (status, out) == (1, "")
    assert said in complaint


@pytest.mark.parametrize(
    "arguments", [["--limit", "0"], ["--prune", "-1"], ["--prune", "x"], ["--open", "--spent"]]
)
def test_wrong_usage_ends_with_status_2(command, arguments):
    with pytest.raises(SystemExit) as ended:
        command(*arguments)
    assert ended.value.code == 2


def test_what_was_spent(history, command):
    recorded(history, cost=0.25)
    recorded(history, cost=2, provider="sandbox")
    _, said, _ = command("--spent")
    assert [line.split(maxsplit=1) for line in said.splitlines()[:3]] == [
        ["$0.25", "today"],
        ["$0.25", "this month"],
        ["$0.25", "in all"],
    ]
    assert "sandbox is left out" in said
    assert command("--spent", "--since", "2020-01-01")[1] == "$0.25 since 2020-01-01\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--spent", "fox"),
        ("--spent", "--model", "gpt-image-2"),
        ("--spent", "--until", "2026-01-01"),
        ("--yes",),
        ("--also-starred", "--verify"),
    ],
)
def test_an_option_that_would_be_passed_over_is_said(history, command, arguments):
    recorded(history, "a fox", cost=0.25)
    status, said, complaint = command(*arguments)
    assert (status, said) == (1, "")
    assert "only --since" in complaint or "give --prune DAYS too" in complaint


def test_a_folder_beside_the_history_names_the_right_one(history, command):
    for near in (history.path.parent, history.path / "history.sqlite"):
        status, _, complaint = command("--folder", str(near))
        assert (status, f"did you mean --folder {history.path}?" in complaint) == (1, True)


def test_export_takes_what_is_found(history, command, tmp_path):
    recorded(history, "a fox")
    recorded(history, "an owl")
    status, said, _ = command("fox", "--export", str(tmp_path / "out"))
    assert (status, "1 request exported" in said) == (0, True)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [entry["prompt"] for entry in manifest["entries"]] == ["a fox"]
    status, _, complaint = command("--export", str(tmp_path / "out"))
    assert (status, "exists" in complaint) == (1, True)


def test_verify_names_the_files_that_are_wrong(history, command):
    recorded(history, "a fox", picture("one"))
    assert command("--verify")[:2] == (0, f"All is well in {history.path}\n")
    history.path_of(picture("one").sha256).unlink()
    status, said, complaint = command("--verify")
    assert status == 1
    assert said == f"missing: {history.path_of(picture('one').sha256)}, image 0 of no. 1\n"
    assert "1 of the history's files" in complaint


def test_prune_asks_first(history, command, monkeypatch):
    for name in ("fox", "owl"):
        recorded(history, name)
    history.star(1)
    assert command("--prune", "30")[1] == "Nothing is older than 30 days and has no star.\n"
    status, _, complaint = command("--prune", "0")
    assert (status, "1 request older than 0 days, with all images: say so with --yes" in complaint) == (
        1,
        True,
    )
    asked = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    for answer, left in (("", 2), ("no", 2), ("y", 1)):
        monkeypatch.setattr("builtins.input", lambda text, answer=answer: asked.append(text) or answer)
        assert command("--prune", "0")[0] == 0
        assert history.count() == left
    assert (
        asked[0] == "Throw away 1 request older than 0 days, with all images (what has a star stays)? [y/N] "
    )
    assert "1 request and 1 file thrown away" in command("--prune", "0", "--also-starred", "--yes")[1]
    assert history.count() == 0


@pytest.mark.usefixtures("history")
def test_another_history_can_be_named(command, tmp_path):
    with History(tmp_path / "other") as other:
        recorded(other, "elsewhere")
    assert "elsewhere" in command("--folder", str(tmp_path / "other"))[1]
    assert "elsewhere" not in command()[1]


# -- the page -------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects tags with their attributes, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.script, self.text, self._in = [], "", "", ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._in = tag

    def handle_endtag(self, _tag):
        self._in = ""

    def handle_data(self, data):
        if self._in == "script":
            self.script += data
        elif self._in != "style":
            self.text += data

    def all(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


NASTY = '"><script>alert(1)</script><img src=x onerror=alert(2)> $x$ \u202e'


def test_the_page_stands_alone_and_escapes_everything(history, command, tmp_path):
    recorded(history, NASTY, picture("one"), model=NASTY)
    history.failed(history.started(request(NASTY)), errors.BadRequest(NASTY))
    recorded(history, "broken", picture("broken"))
    history.path_of(picture("broken").sha256).write_bytes(b"something else")
    status, said, _ = command("--html", str(tmp_path / "page.html"))
    assert (status, said) == (0, f"3 requests in {tmp_path / 'page.html'}\n")
    text = (tmp_path / "page.html").read_text("utf-8")
    page = Page(text)
    assert len(page.all("figure")) == 3
    assert [image["src"][:26] for image in page.all("img")] == ["data:image/svg+xml;base64,"]
    assert base64.b64decode(page.all("img")[0]["src"][26:]) == picture("one").bytes
    assert len(page.all("script")) == 1
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert {"http-equiv", "content"} <= set(page.all("meta")[1])
    digest = base64.b64encode(hashlib.sha256(page.script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.all("meta")[1]["content"]
    assert "was altered" in page.text
    assert "\u202e" not in text
    assert not re.search(r"https?://", text), "the page loads nothing"


def test_the_page_is_for_its_owner_and_opens_in_a_browser(history, command, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setenv("BROWSER", "one")
    recorded(history, "a fox")
    status, said, _ = command("--open")
    page = history.path / "history.html"
    assert (status, said) == (0, f"1 request in {page}\n")
    assert opened == [page.as_uri()]
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert history.verify() == []


def test_a_page_that_cannot_be_written_is_said(history, command, tmp_path):
    recorded(history)
    status, _, complaint = command("--html", str(tmp_path / "no" / "page.html"))
    assert (status, "cannot be written: No such file" in complaint) == (1, True)

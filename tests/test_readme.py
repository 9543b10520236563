"""The README is true: its code runs, its files exist, its commands are targets."""

import re
from pathlib import Path

import pytest

import imgwidgets as iw
from imgwidgets import catalog

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_ten_lines_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = blocks("python")[0]
    assert len([line for line in code.splitlines() if line and not line.startswith("import")]) <= 10
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    names["client"].close()
    saved = iw.ResultImage((tmp_path / "fox-with-hat.png").read_bytes())
    assert saved.size == (1536, 1024)
    inside, image, edited = names["mask"].selected, names["image"].array, saved.array
    differs = (edited[..., :3] != image[..., :3]).any(axis=-1)
    assert differs[inside].any()
    assert not differs[~inside].any()
    assert re.fullmatch(r"632 tokens, \$0\.0190 if it were OpenAI\n", capsys.readouterr().out)


def test_the_sweep_it_shows_runs():
    code = next(block for block in blocks("python") if "iw.Sweep" in block)
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert [outcome.status for outcome in names["run"].outcomes] == ["done"] * 4


def test_the_providers_and_variables_it_names_are_the_catalogs():
    named = re.findall(r'iw\.Client\("([a-z-]+)"\)  # (?:the key from )?(\w+)', README)
    assert named
    for provider, variable in named:
        assert catalog.current().provider(provider).key_variable == variable


def test_the_toml_it_shows_adds_a_model(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text(blocks("toml")[0], "utf-8")
    monkeypatch.setenv("IMGWIDGETS_CATALOG", str(tmp_path))
    assert "gpt-image-3" in [model.name for model in iw.models(provider="openai")]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_what_it_links_to_exists(target):
    assert target.startswith("https://") or (ROOT / target).is_file()


def test_its_pictures_are_small():
    pictures = re.findall(r"!\[.+\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)


def test_the_commands_it_shows_are_targets():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) <= targets

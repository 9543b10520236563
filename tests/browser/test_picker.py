"""The picker in JupyterLab: what is clicked and typed, how it looks, who can use it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PICKER = (
    "import os, tempfile\nos.environ['IMGWIDGETS_HOME'] = tempfile.mkdtemp()\n"
    "import ipywidgets\nimport imgwidgets as iw\n"
    "picker = iw.ParameterPicker('gpt-image-2.6-flare', provider='openai')\n"
    "ipywidgets.VBox([picker])"
)
WIDE = """picker => {
    const right = picker.getBoundingClientRect().right + 1;
    const out = [...picker.querySelectorAll('*')].filter(e => {
        const box = e.getBoundingClientRect();
        return box.width > 1 && box.right > right && !e.closest('details:not([open])');
    });
    return [picker.scrollWidth - picker.clientWidth, out.map(e => e.className || e.tagName).slice(0, 5)];
}"""


def open_picker(lab, cells=(PICKER,), **options):
    notebook = lab.open_notebook(cells, **options)
    notebook.run_all()
    picker = notebook.output(0).locator(".iw-picker")
    picker.wait_for()
    return notebook, picker


def violations(page):
    page.wait_for_function("document.querySelector('.iw-picker .noUi-handle')?.ariaLabel")
    found = Axe().run(page, context=".iw-picker").response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


def test_what_is_clicked_is_the_value_and_the_price_follows(lab):
    notebook, picker = open_picker(lab)
    before = picker.locator(".iw-price").inner_text()
    picker.get_by_label("quality").select_option(label="low")
    notebook.wait_for_python("picker.value.get('quality') == 'low'")
    number = picker.get_by_label("n as a number", exact=True)
    number.fill("99")
    number.press("Enter")
    picker.get_by_text("99 → 10: 1 to 10").wait_for()
    notebook.wait_for_python("picker.value.get('n') == 10")
    assert number.input_value() == "10"
    notebook.page.wait_for_function(
        "before => document.querySelector('.iw-price').innerText !== before", arg=before
    )
    # One rule turns a value off, and says why; what gave way comes back with what it needs.
    formats = picker.get_by_label("output format")
    formats.select_option(label="jpeg")
    picker.get_by_label("output compression as a number").wait_for()
    picker.get_by_role("button", name="transparent").click()
    picker.get_by_text("output_format jpeg → png").wait_for()
    picker.get_by_text("off: a transparent background needs").wait_for()
    assert "jpeg" not in formats.locator("option").all_inner_texts()
    picker.get_by_role("button", name="Reset background").click()
    picker.get_by_text("output_format jpeg is back").wait_for()
    # Partial images come with streaming.
    picker.get_by_role("button", name="on", exact=True).click()
    picker.get_by_label("partial images as a number").wait_for()
    # Set from Python, the screen follows.
    notebook.evaluate_python("picker.value = {'background': 'opaque', 'n': 3}")
    picker.locator(".mod-active", has_text="opaque").wait_for()
    picker.get_by_text("3 images").wait_for()
    picker.get_by_role("button", name="Reset all").click()
    notebook.wait_for_python("picker.value == {'model': 'gpt-image-2.6-flare'}")
    assert notebook.console_errors == []


def test_sizes_are_shapes_presets_and_typed_edges_that_explain_themselves(lab):
    notebook, picker = open_picker(lab)
    picker.get_by_role("button", name="landscape").click()
    notebook.wait_for_python("picker.value.get('size') == '1536x1024'")
    picker.get_by_role("button", name="lock").click()
    width = picker.get_by_label("width in pixels", exact=True)
    width.fill("3000")
    width.press("Enter")
    picker.get_by_text("3000 → 3008: multiples of 16").wait_for()
    picker.get_by_text("6.0 MP, experimental").wait_for()
    assert notebook.evaluate_python("picker.value['size']") == "3008x2000"
    picker.get_by_role("button", name="swap").click()
    notebook.wait_for_python("picker.value['size'] == '2000x3008'")
    icons = picker.locator(".iw-shapes button").evaluate_all(
        "all => all.map(one => getComputedStyle(one, '::before').width)"
    )
    assert len(set(icons)) >= 4, "each shape has its own picture"


def test_prompt_provider_model_and_presets(lab):
    notebook, picker = open_picker(lab)
    prompt = picker.get_by_label("prompt", exact=True)
    prompt.press_sequentially("A red fox")
    picker.get_by_text("9 of 32,000 characters, about 3 tokens").wait_for()
    notebook.wait_for_python("picker.prompt == 'A red fox'")
    notebook.evaluate_python("picker.value = {'quality': 'max'}")
    picker.get_by_label("model", exact=True).select_option(label="gpt-image-1.5  (shutdown 2026-12-01)")
    picker.get_by_text("quality max → high").wait_for()
    picker.get_by_text("shutdown 2026-12-01 → gpt-image-2").wait_for()
    assert notebook.evaluate_python("picker.value") == {"model": "gpt-image-1.5", "quality": "high"}
    picker.get_by_label("model", exact=True).select_option(label="gpt-image-2.6-flare")
    picker.get_by_text("quality max is back").wait_for()
    picker.get_by_role("button", name="Presets").click()
    picker.get_by_label("save as").fill("finest")
    picker.get_by_role("button", name="Save", exact=True).click()
    notebook.wait_for_python(
        "picker.presets == {'finest': {'model': 'gpt-image-2.6-flare', 'quality': 'max'}}"
    )
    picker.get_by_label("provider").select_option(label="TTAPI")
    picker.get_by_text("model gpt-image-2.6-flare → gpt-image-2; quality max → high").wait_for()
    picker.get_by_label("provider").select_option(label="OpenAI")
    picker.get_by_text("model gpt-image-2.6-flare is back").wait_for()
    picker.get_by_label("model", exact=True).select_option(label="another model…")
    picker.get_by_label("name", exact=True).fill("gpt-image-9")
    picker.get_by_label("name", exact=True).press("Enter")
    picker.get_by_text("not checked").first.wait_for()
    picker.get_by_label("preset", exact=True).select_option(label="choose…")
    picker.get_by_label("preset", exact=True).select_option(label="finest")
    notebook.wait_for_python("picker.value == {'model': 'gpt-image-2.6-flare', 'quality': 'max'}")
    assert prompt.input_value() == "A red fox"
    assert notebook.console_errors == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_no_violation_and_nothing_is_cut_off_at_any_width(lab, theme):
    notebook, picker = open_picker(lab, width=1500)
    notebook.set_theme(theme)
    picker.get_by_role("button", name="Presets").click()
    picker.get_by_label("save as").wait_for()
    states = [
        "picker.value = {'output_format': 'svg', 'size': '3840x2160', 'svg': {'model': 'gpt-5'}}",
        (
            "picker.value = {'background': 'transparent', 'stream': True, 'partial_images': 2};"
            "picker.model = 'gpt-image-1.5'; picker.prompt = 'x' * 40_000"
        ),
        "picker.provider = 'openrouter'; picker.model = 'an/unknown-model-with-a-rather-long-name-that-wraps'",
    ]
    for number, state in enumerate(states):
        notebook.evaluate_python(f"{state}; picker._desk.moved(provider='nobody')")
        picker.get_by_role("alert").first.wait_for()
        notebook.wait_idle()
        if number:
            picker.locator(".iw-tag summary").first.click()
            assert violations(notebook.page) == []
        for width in (320, 500, 700, 1000):
            notebook.evaluate_python(f"picker.layout.width = '{width}px'")
            notebook.page.wait_for_function(
                "width => document.querySelector('.iw-picker').clientWidth <= width", arg=width
            )
            assert picker.evaluate(WIDE) == [0, []], (number, width)
    notebook.evaluate_python("picker.compact = True")
    notebook.page.wait_for_selector(".iw-compact")
    assert picker.evaluate(WIDE) == [0, []]
    assert violations(notebook.page) == []


def test_a_saved_notebook_shows_what_was_chosen_and_the_live_one_does_not_show_it_twice(lab):
    cell = (
        "import imgwidgets as iw\npicker = iw.ParameterPicker('gpt-image-2', prompt='A <b>red</b> fox')\n"
        "picker.value = {'quality': 'low'}\npicker"
    )
    notebook, picker = open_picker(lab, [cell])
    still, live = (output["data"] for output in notebook.outputs(0))
    assert "application/vnd.jupyter.widget-view+json" in live
    told = "".join(still["text/html"])
    for words in ("gpt-image-2", "A &lt;b&gt;red", "low", "client.generate(prompt"):
        assert words in told
    assert picker.is_visible()
    copy = notebook.output(0).locator(".imgwidgets-picker-still")
    assert copy.count() == 1
    assert not copy.is_visible()
    notebook.save()
    notebook.server.end_kernels(notebook.path)
    notebook.page.goto("about:blank")
    notebook.load()
    copy.wait_for(state="visible")
    assert "A <b>red</b> fox" in copy.inner_text()

CELLS = [
    "import imgwidgets as iw\npicker = iw.ParameterPicker('gpt-image-2.6-flare', provider='openai')\npicker",
]


def open_picker(lab, **options):
    notebook = lab.open_notebook(CELLS, **options)
    notebook.run_all()
    picker = notebook.output(0).locator(".iw-picker")
    picker.wait_for()
    return notebook, picker


def test_what_is_clicked_is_the_value_and_the_price_follows(lab):
    notebook, picker = open_picker(lab)
    before = picker.locator(".iw-price").inner_text()
    picker.get_by_label("quality").select_option(label="low")
    notebook.wait_for_python("picker.value.get('quality') == 'low'")
    picker.get_by_role("button", name="transparent").click()
    notebook.wait_for_python("picker.value.get('background') == 'transparent'")
    number = picker.get_by_label("n as a number", exact=True)
    number.fill("4")
    number.press("Enter")
    notebook.wait_for_python("picker.value.get('n') == 4")
    notebook.page.wait_for_function(
        "before => document.querySelector('.iw-price').innerText !== before", arg=before
    )
    value = notebook.evaluate_python("picker.value")
    assert value["quality"] == "low"
    assert value["background"] == "transparent"
    assert notebook.console_errors == []


def test_transparent_takes_jpeg_off_the_list_and_says_why(lab):
    notebook, picker = open_picker(lab)
    formats = picker.get_by_label("output format")
    formats.select_option(label="jpeg")
    compression = picker.get_by_text("output compression").first
    compression.wait_for()
    picker.get_by_role("button", name="transparent").click()
    picker.get_by_text("output_format jpeg → png").wait_for()
    options = formats.locator("option").all_inner_texts()
    assert "jpeg" not in options
    assert notebook.evaluate_python("picker.value") == {
        "model": "gpt-image-2.6-flare",
        "background": "transparent",
    }


def test_a_typed_size_snaps_and_explains_itself(lab):
    notebook, picker = open_picker(lab)
    picker.get_by_label("size").select_option(label="custom: width × height")  # noqa: RUF001
    width = picker.get_by_label("width in pixels", exact=True)
    width.fill("1000")
    width.press("Enter")
    picker.get_by_text("1000 → 1008: multiples of 16").wait_for()
    assert notebook.evaluate_python("picker.value['size']") == "1008x1024"


def test_switching_the_model_tells_what_changed_and_brings_it_back(lab):
    notebook, picker = open_picker(lab)
    notebook.evaluate_python("picker.value = {'quality': 'max'}")
    picker.get_by_label("model").select_option(value="gpt-image-1.5  (shutdown 2026-12-01)")
    picker.get_by_text("quality max → high").wait_for()
    picker.get_by_text("shutdown 2026-12-01 → gpt-image-2").wait_for()
    assert notebook.evaluate_python("picker.value") == {"model": "gpt-image-1.5", "quality": "high"}
    picker.get_by_label("model").select_option(value="gpt-image-2.6-flare")
    picker.get_by_text("quality max is back").wait_for()


def test_set_from_python_the_screen_follows(lab):
    notebook, picker = open_picker(lab)
    notebook.evaluate_python("picker.value = {'background': 'opaque', 'n': 3}")
    picker.locator(".mod-active", has_text="opaque").wait_for()
    picker.get_by_text("3 images").wait_for()
    picker.get_by_role("button", name="Reset all").click()
    notebook.wait_for_python("picker.value == {'model': 'gpt-image-2.6-flare'}")

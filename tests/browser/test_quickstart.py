"""The way of a person on the first day: open the quickstart, paint with the mouse, edit, compare."""

CAPSULE = """
def _expected_capsule(start, end, radius):
    height, width = painter.alpha.shape
    y, x = np.mgrid[0:height, 0:width] + 0.5
    (x0, y0), (x1, y1) = start, end
    along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
    along = along.clip(0, 1)
    return np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)) <= radius

def _overlap(expected):
    painted = painter.mask.selected
    return float((painted & expected).sum() / (painted | expected).sum())
"""


def test_a_stroke_of_the_mouse_becomes_an_edit_inside_the_mask_and_nowhere_else(lab):
    notebook = lab.open_notebook("notebooks/01-quickstart.ipynb", width=1400, height=1100)
    paint = notebook.find_cell("painter = iw.MaskPainter(")
    notebook.run_all(stop=paint + 1)
    assert notebook.evaluate_python("[len(result), list(image.size)]") == [4, [1536, 1024]]
    assert notebook.evaluate_python("painter.mask.selected.any()") is False

    radius = 48
    notebook.evaluate_python(f"painter.brush_radius = {radius}")
    canvas = notebook.output(paint).locator("canvas").first
    canvas.wait_for(state="visible")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    scale = 1536 / box["width"]
    assert abs(box["height"] * scale - 1024) <= 2 * scale, "the picture fills its canvas from edge to edge"
    start, end = (
        (round(0.30 * box["width"]), round(0.35 * box["height"])),
        (
            round(0.62 * box["width"]),
            round(0.55 * box["height"]),
        ),
    )
    notebook.drag(canvas, [start, end], steps=30)

    in_image = [[x * scale, y * scale] for x, y in (start, end)]
    notebook.evaluate_python(f"{CAPSULE}\n_expected = _expected_capsule(*{in_image}, {radius})")
    # The last points may still be on their way when the mouse is up.
    notebook.wait_for_python("_overlap(_expected) >= 0.95")
    assert notebook.evaluate_python("list(painter.alpha.shape)") == [1024, 1536]
    assert notebook.evaluate_python("str(painter.alpha.dtype)") == "uint8"

    notebook.run_all(first=paint + 1)
    # Also the notebook's own stroke is in the mask now; the stroke of the mouse is still part of it.
    assert notebook.evaluate_python("(painter.mask.selected & _expected).sum() / _expected.sum()") > 0.97
    notebook.evaluate_python(
        "_changed = (edited[0].array[..., :3] != image.array[..., :3]).any(axis=-1)\n"
        "_selected = painter.mask.selected"
    )
    assert notebook.evaluate_python("edited[0].array.shape == image.array.shape") is True
    assert notebook.evaluate_python("_changed[_selected].mean()") > 0.5
    assert notebook.evaluate_python("_changed[_expected & _selected].mean()") > 0.5
    assert notebook.evaluate_python("_changed[~_selected].sum()") == 0
    assert notebook.console_errors == []

"""The painter for people without a mouse: keyboard alone, names, visible focus, axe-core."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.painting import selected


def violations(page):
    found = Axe().run(page, context=".iwp").response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])  # the next tests see the last
def test_axe_finds_no_violation_whatever_is_open(open_painter, theme):
    several = "painter = iw.MaskPainter([photo, photo[:400]])\npainter"
    notebook, _, _ = open_painter(painter=several)
    notebook.set_theme(theme)
    page = notebook.page
    page.locator(".iwp-other").wait_for()
    assert violations(page) == []
    notebook.evaluate_python("painter.stroke([(500, 500)], radius=100); painter.compare(photo); 1")
    page.get_by_text("nothing changed outside the mask").wait_for()
    page.get_by_role("button", name="Grow, shrink or feather").click()
    notebook.evaluate_python("painter.error = 'something went wrong'; painter.tool = 'wand'")
    page.get_by_label("Tolerance").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Markup").click()
    page.get_by_role("button", name="Arrow").wait_for()
    assert violations(page) == []


def test_axe_would_find_something(open_painter):
    notebook, _, _ = open_painter()
    notebook.page.evaluate("document.querySelector('.iwp-button').replaceChildren()")
    notebook.page.evaluate("document.querySelector('.iwp-button').title = ''")
    assert [name for name, _ in violations(notebook.page)] == ["button-name"]


def test_every_control_is_reached_by_tab_shows_its_focus_and_is_left_again(open_painter):
    notebook, _, _ = open_painter()
    page = notebook.page
    page.wait_for_function("() => !document.querySelector('.iwp-button[aria-label=\"Magic wand\"]').disabled")
    page.evaluate("document.querySelector('.iwp button').focus()")
    seen = []
    for _ in range(60):
        where = page.evaluate(
            """() => {
                const here = document.activeElement;
                if (!here.closest('.iwp')) return null;
                return [here.getAttribute('aria-label') || here.textContent || here.labels?.[0]?.textContent,
                    here.matches(':focus-visible') && getComputedStyle(here).outlineStyle !== 'none'];
            }"""
        )
        if where is None:
            break
        seen.append(where)
        page.keyboard.press("Tab")
    assert where is None, "Tab never leaves"
    enabled = page.locator(".iwp :is(button, input):not(:disabled)").evaluate_all(
        "all => all.filter(one => one.offsetParent).length"
    )
    assert len(seen) >= enabled, "each control, and the picture"
    first = [name for name, shown in seen[1:] if not shown]
    assert first == [], "focus cannot be seen"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('.iwp') !== null")


def test_keyboard_alone_draws_an_arrow_and_takes_it_back(open_painter):
    notebook, ink, _ = open_painter()
    page = notebook.page
    ink.focus()
    for key in ["m", "a", "Enter", "Enter", *["Shift+ArrowRight"] * 4, "Enter"]:
        page.keyboard.press(key)
    notebook.wait_for_python("len(painter.marks) == 1")
    (start, tip) = notebook.evaluate_python("painter.marks[0].points")
    assert start == pytest.approx([512, 512], abs=1)
    assert tip == pytest.approx([512 + 4 * 51.2, 512], abs=1)
    assert notebook.evaluate_python("painter.marks[0].arrow")
    page.keyboard.press("Control+z")
    notebook.wait_for_python("painter.marks == ()")


def test_keyboard_alone_uses_the_wand(open_painter):
    flat = "flat = np.zeros((300, 400, 3), np.uint8); flat[:, 200:] = 255\npainter = iw.MaskPainter(flat)\npainter"
    notebook, ink, _ = open_painter(painter=flat)
    notebook.wait_for_python("painter._pages.companion._can_select")
    ink.focus()
    for key in ["w", "Enter", "ArrowLeft", "ArrowLeft", "Enter"]:
        notebook.page.keyboard.press(key)
    notebook.wait_for_python("painter.mask.area > 0")
    found = selected(notebook)
    assert found[:, :200].all()
    assert not found[:, 200:].any()

// What ipywidgets' controls do not say to screen readers: a slider's name, which toggle is pressed, and
// that toggles belong together. One helper for each picker on the page; it draws nothing.

/**
 * Give the words of a control's own label.
 * @param {Element | null} control
 * @returns {string}
 */
function labelOf(control) {
  return control?.querySelector(".widget-label")?.textContent?.trim() ?? "";
}

/**
 * Set an attribute where it is not set yet, so that observers have nothing to see.
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function say(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * Name all controls below a picker's element.
 * @param {Element} root
 */
function nameAll(root) {
  for (const handle of root.querySelectorAll(".noUi-handle")) {
    say(handle, "aria-label", labelOf(handle.closest(".widget-slider")));
  }
  for (const group of root.querySelectorAll(".widget-toggle-buttons")) {
    say(group, "role", "group");
    say(group, "aria-label", labelOf(group));
  }
  for (const toggle of root.querySelectorAll("button.widget-toggle-button")) {
    say(toggle, "aria-pressed", String(toggle.classList.contains("mod-active")));
  }
}

export default {
  /**
   * @param {{el: HTMLElement}} context
   * @returns {() => void} ends it
   */
  render({ el }) {
    /** @type {MutationObserver | null} */
    let observer = null;
    let ended = false;
    const begin = () => {
      if (ended) return;
      const root = el.closest(".iw-picker");
      if (!root) {
        setTimeout(begin, 50); // not in the page yet
        return;
      }
      nameAll(root);
      observer = new MutationObserver(() => nameAll(root));
      observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
    };
    begin();
    return () => {
      ended = true;
      observer?.disconnect();
    };
  },
};

/**
 * The same output also holds a static copy for pages without a kernel. It is hidden as soon as the kernel
 * has answered, and shown again when this view goes or the kernel is gone.
 */
export class Twin {
  /** @param {HTMLElement} el the grid's view */
  constructor(el) {
    this.el = el;
    /** @type {HTMLElement[]} */
    this.hidden = [];
    this.marker = "";
    this.hide = false;
  }

  /** @param {string} marker @param {boolean} hide @returns {boolean} whether there is a copy */
  update(marker, hide) {
    this.marker = marker;
    this.hide = hide;
    const area = this.el.closest(".jp-OutputArea, .output_area, .cell-output, .jp-Cell");
    if (area && !this.watcher) {
      // The copy may come later than the widget, and comes again when its pictures are made.
      this.watcher = new MutationObserver(() => this.look());
      this.watcher.observe(area, { childList: true, subtree: true });
    }
    return this.look();
  }

  look() {
    if (!this.marker) return false;
    const area = this.el.closest(".jp-OutputArea, .output_area, .cell-output, .jp-Cell") ?? document;
    const twins = [...area.querySelectorAll(`.imgwidgets-static-${CSS.escape(this.marker)}`)];
    const boxes = !this.hide ? [] : twins.map((twin) => /** @type {HTMLElement} */ (
      twin.closest(".jp-OutputArea-child, .output") ?? twin));
    // Tiles come and go in the same area: mostly nothing has changed here.
    if (boxes.length === this.hidden.length && boxes.every((box, i) => box === this.hidden[i])) return twins.length > 0;
    this.show();
    this.hidden = boxes;
    for (const box of boxes) box.style.setProperty("display", "none");
    return twins.length > 0;
  }

  show() {
    for (const box of this.hidden) box.style.removeProperty("display");
    this.hidden = [];
  }

  close() {
    this.watcher?.disconnect();
    this.show();
  }
}

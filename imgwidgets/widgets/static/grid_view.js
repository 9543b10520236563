import { button, captionLines, columnsFor, frameRatio, GAP, icon, line, make, plural, ROWS_BEFORE_SCROLLING, step, WIDEST } from "./grid_kit.js";
import { Comparison, Lightbox } from "./grid_lightbox.js";

/** @typedef {import("./grid_kit.js").Tile} Tile */
/** @typedef {import("./grid_store.js").Store} Store */

/** One view of a grid: the line above, the tiles, the keyboard. */
export class GridView {
  /** @param {Store} store @param {HTMLElement} el */
  constructor(store, el) {
    this.store = store;
    this.el = el;
    this.columns = 1;
    this.active = 0;
    this.anchor = 0;
    /** @type {Map<number, HTMLElement>} */
    this.cells = new Map();
    this.visible = new Set();
    this.root = make("div", { class: "iw-grid", "data-lm-suppress-shortcuts": "true" });
    this.summary = make("span", { class: "iw-summary" });
    this.status = make("span", { class: "iw-status", role: "status" });
    this.compare = button("compare", "Compare", () => this.openComparison());
    this.downloads = button("download", "Download", () => this.guard(this.store.download(this.chosen())));
    this.saves = button("save", "Save", () => this.save());
    this.bar = make("div", { class: "iw-bar" }, this.summary, this.status,
      make("span", { class: "iw-actions" }, this.compare, this.downloads, this.saves));
    this.body = make("div", {
      class: "iw-body", role: "grid", "aria-label": "Images", "aria-multiselectable": "true",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    });
    this.root.append(this.bar, this.body);
    el.append(this.root);
    this.sight = new IntersectionObserver((entries) => this.seen(entries),
      /** @type {any} */ ({ rootMargin: "400px 0px", scrollMargin: "400px 0px" }));
    this.resize = new ResizeObserver(() => this.layout());
    this.resize.observe(this.root);
    this.listen = (/** @type {string} */ what, /** @type {number} */ key) => this.update(what, key);
    store.views.add(this.listen);
    this.build();
  }

  close() {
    this.store.views.delete(this.listen);
    this.sight.disconnect();
    this.resize.disconnect();
    this.lightbox?.close();
    for (const twin of this.hidden ?? []) twin.style.removeProperty("display");
    this.root.remove();
  }

  /** @param {string} what @param {number} key */
  update(what, key) {
    if (what === "tiles") this.build();
    else if (what === "selection") this.showSelection();
    else this.fill(key);
    if (what === "tile") this.summarise();
  }

  /** Everything again, from the list; cells that stay keep their content. */
  build() {
    const { store } = this;
    this.hideTwin();
    const keys = [];
    for (let place = 0; place < store.total; place += 1) keys.push(store.tiles[place]?.key ?? -1 - place);
    const wanted = new Set(keys);
    for (const [key, cell] of this.cells) {
      if (wanted.has(key)) continue;
      this.sight.unobserve(cell);
      this.visible.delete(key);
      this.cells.delete(key);
    }
    for (const key of keys) if (!this.cells.has(key)) this.cells.set(key, this.cell(key));
    this.order = keys;
    this.active = Math.max(0, Math.min(this.active, keys.length - 1));
    this.columns = 0;
    this.layout();
    for (const key of this.visible) this.fill(key);
    this.summarise();
    this.showSelection();
  }

  /** @param {number} key */
  cell(key) {
    const cell = make("div", {
      class: "iw-tile", role: "gridcell", tabIndex: -1,
      onclick: (/** @type {MouseEvent} */ event) => this.click(event, key),
      onfocus: () => this.activate(this.place(key)),
    });
    cell.dataset.key = String(key);
    this.sight.observe(cell);
    return cell;
  }

  /** @param {number} key */
  place(key) {
    return this.order?.indexOf(key) ?? -1;
  }

  /** Rows for the present width: a row is a role, not a box, so that tiles keep one grid. */
  layout() {
    const keys = this.order ?? [];
    const width = this.root.clientWidth;
    if (!width) return;
    const columns = columnsFor(width, keys.length);
    const tiles = /** @type {Tile[]} */ (this.store.tiles.filter((tile) => tile !== undefined));
    const ratio = frameRatio(tiles);
    const tileWidth = Math.min(WIDEST, (width - (columns - 1) * GAP) / columns);
    const lines = captionLines(tiles, tileWidth);
    const caption = lines.prompt + lines.facts ? (lines.prompt + lines.facts) * LINE + MARGIN : 0;
    const height = Math.round(tileWidth / ratio) + caption;
    this.body.style.setProperty("--iw-caption", `${caption}px`);
    this.body.style.setProperty("--iw-prompt-lines", String(lines.prompt));
    this.body.style.setProperty("--iw-fact-lines", String(lines.facts));
    this.body.style.setProperty("--iw-columns", String(columns));
    this.body.style.setProperty("--iw-tile-width", `${tileWidth}px`);
    this.body.style.setProperty("--iw-tile-height", `${height}px`);
    this.frame = ratio;
    this.root.classList.toggle("iw-scrolls", Math.ceil(keys.length / columns) > ROWS_BEFORE_SCROLLING);
    if (columns === this.columns) return;
    this.columns = columns;
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    const rows = [];
    for (let at = 0; at < keys.length; at += columns) {
      const row = make("div", { role: "row", class: "iw-row" });
      for (const key of keys.slice(at, at + columns)) row.append(/** @type {Node} */ (this.cells.get(key)));
      rows.push(row);
    }
    this.body.replaceChildren(...rows);
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    this.rove();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const key = Number(/** @type {HTMLElement} */ (target).dataset.key);
      if (isIntersecting) {
        this.visible.add(key);
        this.fill(key);
      } else if (this.visible.delete(key)) {
        target.replaceChildren(); // far away: an empty box of the same size
      }
    }
  }

  /** @param {number} key */
  fill(key) {
    const cell = this.cells.get(key);
    if (!cell || !this.visible.has(key)) return;
    const tile = this.store.tile(key);
    if (!tile) {
      cell.replaceChildren(make("div", { class: "iw-frame iw-waiting" }));
      return;
    }
    this.store.want(key);
    const place = this.place(key) + 1;
    cell.setAttribute("aria-label", `${place}. ${tile.state === "error" ? `Failed: ${tile.error}` : tile.alt}`);
    const frame = make("div", { class: "iw-frame" });
    const thumbnail = this.store.thumbnails.get(key);
    if (tile.state === "error") {
      cell.classList.add("iw-failed");
      frame.append(make("div", { class: "iw-reason" }, icon("warning"), make("p", {}, tile.error)));
    } else if (thumbnail) {
      cell.classList.remove("iw-failed");
      const wide = !tile.width || tile.width / tile.height >= (this.frame ?? 1) - 0.01;
      const image = make("img", {
        src: thumbnail.url, alt: tile.alt, draggable: false, decoding: "async",
        class: `${wide ? "iw-wide" : "iw-tall"}${tile.alpha ? " iw-checker" : ""}`,
      });
      if (tile.width) image.style.aspectRatio = `${tile.width} / ${tile.height}`;
      frame.append(image);
      if (tile.state === "pending") frame.classList.add("iw-growing");
    } else frame.classList.add("iw-waiting");
    if (tile.notes.length) {
      frame.append(make("span", { class: "iw-badge", title: tile.notes.join("\n") },
        tile.notes.length === 1 ? "note" : plural(tile.notes.length, "note")));
    }
    if (tile.state !== "error") {
      const box = make("input", {
        type: "checkbox", tabIndex: -1, "aria-label": `Select image ${place}`, class: "iw-check",
        checked: this.store.selected.includes(key),
        onclick: (/** @type {MouseEvent} */ event) => { event.stopPropagation(); this.store.toggle(key); },
      });
      frame.append(box);
    }
    const caption = make("div", { class: "iw-caption" },
      make("p", { class: "iw-prompt", dir: "auto", title: tile.prompt }, tile.prompt),
      make("p", { class: "iw-facts", title: tile.facts.join(" · ") }, line(tile.facts)));
    cell.replaceChildren(frame, caption);
  }

  summarise() {
    const { store } = this;
    const failed = store.tiles.filter((tile) => tile?.state === "error").length;
    const parts = [plural(store.total - failed, "image")];
    if (failed) parts.push(`${failed} failed`);
    const cost = store.model.get("_cost");
    if (cost) parts.push(cost);
    this.summary.textContent = store.total ? parts.join(" · ") : "No images yet";
    this.root.classList.toggle("iw-empty", !store.total);
  }

  showSelection() {
    const { store } = this;
    const selected = new Set(store.selected);
    for (const [key, cell] of this.cells) {
      const on = selected.has(key);
      cell.setAttribute("aria-selected", String(on));
      const box = cell.querySelector("input");
      if (box) box.checked = on;
    }
    this.root.classList.toggle("iw-selecting", selected.size > 0);
    this.status.textContent = selected.size ? `${selected.size} selected` : "";
    this.compare.hidden = selected.size !== 2;
    this.downloads.title = selected.size ? `Download ${plural(selected.size, "image")}` : "Download all images";
    this.saves.title = selected.size
      ? `Save ${plural(selected.size, "image")} in ${store.model.get("folder")}`
      : `Save all images in ${store.model.get("folder")}`;
  }

  /** What an action applies to: the selection, or everything where nothing is selected. */
  chosen() {
    const { selected } = this.store;
    return selected.length ? selected : this.viewable();
  }

  /** @returns {number[]} */
  viewable() {
    return (this.order ?? []).filter((key) => this.store.tile(key)?.state === "image");
  }

  /** @param {MouseEvent} event @param {number} key */
  click(event, key) {
    this.activate(this.place(key));
    if (event.ctrlKey || event.metaKey) this.store.toggle(key);
    else if (event.shiftKey) {
      const [from, to] = [this.anchor, this.place(key)].sort((a, b) => a - b);
      this.store.select([...new Set([...this.store.selected, ...(this.order ?? []).slice(from, to + 1)])]
        .filter((other) => this.store.tile(other)?.state !== "error"));
      return;
    } else this.open(key);
    this.anchor = this.place(key);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const keys = this.order ?? [];
    const control = event.ctrlKey || event.metaKey;
    const key = keys[this.active];
    const goal = event.altKey ? -1 : step(event.key, control, this.active, this.columns, keys.length);
    if (goal >= 0) this.activate(goal, true);
    else if (event.key === "Enter") this.open(key);
    else if (event.key === " ") {
      if (this.store.tile(key)?.state !== "error") this.store.toggle(key);
    } else if (event.key === "a" && control) this.store.select(this.viewable());
    else if (event.key === "Escape" && this.store.selected.length) this.store.select([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} place @param {boolean} [focus] */
  activate(place, focus = false) {
    if (place < 0) return;
    this.active = place;
    this.rove();
    if (focus) this.cells.get((this.order ?? [])[place])?.focus();
  }

  /** One tile is in the tab order: the one that was used last. */
  rove() {
    (this.order ?? []).forEach((key, place) => {
      const cell = this.cells.get(key);
      if (cell) cell.tabIndex = place === this.active ? 0 : -1;
    });
  }

  /** @param {number} key */
  open(key) {
    if (this.store.tile(key)?.state !== "image") return;
    this.lightbox?.close();
    this.lightbox = new Lightbox(this.store, this.viewable(), key, (last) => {
      this.activate(this.place(last), true);
    });
  }

  openComparison() {
    const [before, after] = this.store.selected;
    this.lightbox?.close();
    this.lightbox = new Comparison(this.store, before, after, () => this.compare.focus());
  }

  async save() {
    const keys = this.chosen();
    this.status.textContent = "Saving…";
    await this.guard(this.store.ask({ kind: "save", keys }).then((/** @type {any} */ answer) => {
      this.status.textContent = answer.message;
    }));
  }

  /** An error is shown where the person looks. @param {Promise<any>} work */
  async guard(work) {
    try {
      await work;
    } catch (error) {
      this.status.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /**
   * The same output also holds a static copy for pages without a kernel. It is hidden as soon as
   * the kernel has answered, and shown again when this view goes.
   */
  hideTwin() {
    const marker = this.store.model.get("_twin");
    if (!marker || this.hidden) return;
    const area = this.el.closest(".jp-OutputArea, .output_area, .cell-output, .jp-Cell") ?? document;
    const twins = [...area.querySelectorAll(".imgwidgets-static")]
      .filter((twin) => twin.classList.contains(`imgwidgets-static-${marker}`));
    this.root.classList.toggle("iw-offline", twins.length > 0 && !this.store.connected);
    if (!this.store.connected) return;
    this.hidden = twins.map((twin) => /** @type {HTMLElement} */ (
      twin.closest(".jp-OutputArea-child, .output") ?? twin));
    for (const twin of this.hidden) twin.style.setProperty("display", "none");
  }
}

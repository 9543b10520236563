import { button, make, plural } from "./grid_kit.js";
import { Comparison, FEWEST_COMPARED, MOST_COMPARED, whenAskedToCompare } from "./grid_compare.js";
import { Lightbox } from "./grid_lightbox.js";
import { Twin } from "./grid_twin.js";
import { goal, STATES, tilesAcross, tileWidth } from "./sweep_kit.js";

/** @typedef {import("./grid_store.js").Store} Store */
/** @typedef {{title: string, labels: string[]}} Side */
/** @typedef {[import("./sweep_kit.js").Status, string, number[]]} CellState status, reason, keys of its tiles */

// JupyterLab takes arrow keys from whatever has the focus, unless that itself says no: its ancestors do not count.
const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };
const MOST_ROWS = 400; // drawn at once; the rest comes when asked for

/** One view of a sweep's table. */
export class TableView {
  /** @param {Store} store @param {import("./sweep_table.js").Table} table @param {HTMLElement} el */
  constructor(store, table, el) {
    this.store = store;
    this.table = table;
    this.el = el;
    this.twin = new Twin(el);
    this.page = /** @type {number[]} */ ([]);
    this.rowsShown = MOST_ROWS;
    this.here = { row: 0, column: 0, at: 0 };
    /** @type {Map<string, HTMLElement>} */
    this.boxes = new Map();
    /** @type {Map<number, string>} cell -> its place on this page */
    this.placeOf = new Map();
    /** @type {Map<number, number>} tile -> its cell */
    this.cellOf = new Map();
    this.root = make("div", { class: "iw-grid iw-sweep", "data-lm-suppress-shortcuts": "true" });
    this.summary = make("span", { class: "iw-summary" });
    this.status = make("span", { class: "iw-status", role: "status" });
    this.menus = make("span", { class: "iw-sweep-menus" });
    this.compare = button("compare", "Compare", () => this.openComparison(this.store.selected));
    this.saves = button("save", "Save", () => this.save());
    this.sliders = make("div", { class: "iw-sweep-sliders" });
    this.scroll = make("div", { class: "iw-sweep-scroll" });
    this.root.append(
      make("div", { class: "iw-bar" }, this.menus, this.summary, this.status,
        make("span", { class: "iw-actions" }, this.compare, this.saves)),
      this.sliders, this.scroll);
    el.append(this.root);
    this.sight = new IntersectionObserver((entries) => this.seen(entries),
      /** @type {any} */ ({ root: this.scroll, rootMargin: "300px" }));
    this.resize = new ResizeObserver(() => this.fit());
    this.resize.observe(this.root);
    this.listen = (/** @type {string} */ what, /** @type {number} */ key) => this.update(what, key);
    store.views.add(this.listen);
    this.hear = (/** @type {string} */ what, /** @type {number[]} */ cells) => {
      if (what === "table") this.build();
      else this.changed(cells);
    };
    table.views.add(this.hear);
    this.stopComparing = whenAskedToCompare?.(store, el, (/** @type {number[]} */ keys) => this.openComparison(keys));
    this.build();
  }

  close() {
    this.store.views.delete(this.listen);
    this.table.views.delete(this.hear);
    this.stopComparing?.();
    this.sight.disconnect();
    this.resize.disconnect();
    this.lightbox?.close();
    this.twin.close();
    this.root.remove();
  }

  /** The list of images has news. @param {string} what @param {number} [key] */
  update(what, key) {
    if (what === "selection") this.showSelection();
    else if (what === "kernel") this.tellKernel();
    else if (key !== undefined) {
      const cell = this.cellOf.get(key);
      if (cell !== undefined) this.changed([cell]);
    }
    if (what === "tiles") {
      this.hideTwin();
      for (const box of this.boxes.values()) if (box.dataset.seen) this.fill(box);
    }
  }

  tellKernel() {
    const { store } = this;
    if (store.gone) this.status.textContent = "The kernel that made this is gone: run the cell again.";
    else if (store.silent) this.status.textContent = "Waiting for the kernel…";
  }

  // -- the table --------------------------------------------------------------------------------------

  build() {
    this.hideTwin();
    const { said } = this.table;
    if (!said) return;
    if (this.page.length !== said.pages.length) this.page = said.pages.map(() => 0);
    this.page = this.page.map((at, which) => Math.min(at, said.pages[which].labels.length - 1));
    this.buildMenus();
    this.buildSliders();
    this.draw();
  }

  buildMenus() {
    const { model } = this.store;
    const axes = model.get("_axes");
    const menu = (/** @type {string} */ label, /** @type {string} */ trait) => {
      const now = model.get(trait);
      const select = make("select", {
        class: "iw-sweep-select", "aria-label": label, ...OWN_KEYS,
        onchange: () => {
          model.set(trait, select.value ? [select.value] : []);
          model.save_changes();
        },
      });
      if (!now.length) select.append(make("option", { value: "", selected: true }, "–"));
      else if (now.length > 1) select.append(make("option", { value: "", selected: true, disabled: true }, now.join(", ")));
      for (const name of axes) {
        select.append(make("option", { value: name, selected: now.length === 1 && now[0] === name }, name));
      }
      return make("label", { class: "iw-sweep-menu" }, label, select);
    };
    this.menus.hidden = axes.length < 2;
    this.menus.replaceChildren(menu("Down", "rows"), menu("Across", "columns"));
  }

  buildSliders() {
    const { said } = this.table;
    this.sliders.hidden = !said.pages.length;
    this.sliders.replaceChildren(...said.pages.map((/** @type {Side} */ side, /** @type {number} */ which) => {
      const value = make("output", { class: "iw-sweep-value", dir: "auto" }, side.labels[this.page[which]]);
      const slider = make("input", {
        ...OWN_KEYS, type: "range", min: 0, max: side.labels.length - 1, step: 1, value: this.page[which],
        "aria-label": side.title, "aria-valuetext": side.labels[this.page[which]],
        oninput: () => {
          this.page[which] = Number(slider.value);
          value.textContent = side.labels[this.page[which]];
          slider.setAttribute("aria-valuetext", side.labels[this.page[which]]);
          this.draw();
        },
      });
      return make("label", { class: "iw-sweep-slider" }, make("span", { dir: "auto" }, side.title), slider, value);
    }));
  }

  /** The rows and columns of this page. */
  draw() {
    const { said, places } = this.table;
    const { rows, columns } = said;
    this.sight.disconnect();
    this.boxes.clear();
    this.placeOf.clear();
    const page = this.page.join(",");
    this.cells = (/** @type {number} */ row, /** @type {number} */ column) => places.get(`${row},${column}/${page}`) ?? [];
    const head = make("tr", {}, make("th", { class: "iw-sweep-corner", scope: "col" },
      [rows.title, columns.title].filter(Boolean).join(" ╲ ")));
    for (const label of columns.labels) head.append(make("th", { scope: "col", dir: "auto", title: label }, label || "\u00a0"));
    const body = make("tbody", {});
    const shown = Math.min(rows.labels.length, this.rowsShown);
    for (let row = 0; row < shown; row += 1) {
      const line = make("tr", {}, make("th", { scope: "row", dir: "auto", title: rows.labels[row] },
        make("span", {}, rows.labels[row] || "\u00a0")));
      for (let column = 0; column < columns.labels.length; column += 1) {
        const box = make("td", {});
        const name = `${row},${column}`;
        box.dataset.place = name;
        this.boxes.set(name, box);
        for (const cell of this.cells(row, column)) this.placeOf.set(cell, name);
        line.append(box);
        this.sight.observe(box);
      }
      body.append(line);
    }
    this.grid = make("table", {
      class: "iw-sweep-table", "aria-label": "Images of the sweep",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    }, make("thead", {}, head), body);
    this.grid.classList.toggle("iw-sweep-no-rows", !rows.title);
    const left = rows.labels.length - shown;
    const more = left ? [make("button", {
      type: "button", class: "iw-button", onclick: () => { this.rowsShown += MOST_ROWS; this.draw(); },
    }, `Show ${plural(Math.min(left, MOST_ROWS), "more row")} of ${left}`)] : [];
    this.scroll.replaceChildren(this.grid, ...more);
    this.fit();
    this.summarise();
  }

  /** Tiles as large as the width allows. */
  fit() {
    const { said } = this.table;
    if (!said || !this.root.clientWidth) return;
    const most = [...this.table.places.values()].reduce((sofar, cells) => Math.max(sofar, this.tilesIn(cells)), 1);
    const across = tilesAcross(most);
    const header = said.rows.title ? 140 : 12;
    const width = tileWidth(this.root.clientWidth - header - 16, said.columns.labels.length, across);
    this.root.style.setProperty("--iw-tile", `${width}px`);
    this.root.style.setProperty("--iw-across", String(across));
  }

  /** @param {number[]} cells */
  tilesIn(cells) {
    return cells.reduce((sum, cell) => sum + Math.max(1, this.table.state(cell)[2].length), 0);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const box = /** @type {HTMLElement} */ (target);
      if (isIntersecting) this.show(box);
      else {
        delete box.dataset.seen;
        if (!box.contains(document.activeElement)) box.replaceChildren(this.blank(box));
      }
    }
  }

  /** @param {HTMLElement} box */
  show(box) {
    box.dataset.seen = "1";
    this.fill(box);
  }

  /** What keeps a place's size while it is out of sight. @param {HTMLElement} box */
  blank(box) {
    const [row, column] = (box.dataset.place ?? "0,0").split(",").map(Number);
    const length = this.tilesIn(this.cells(row, column));
    return make("div", { class: "iw-sweep-tiles" }, ...Array.from({ length }, () => make("div", { class: "iw-sweep-tile iw-sweep-empty-tile" })));
  }

  /** @param {number[]} cells */
  changed(cells) {
    const boxes = new Set(cells.map((cell) => this.placeOf.get(cell)));
    for (const name of boxes) {
      const box = name === undefined ? undefined : this.boxes.get(name);
      if (box?.dataset.seen) this.fill(box);
    }
    this.summarise();
  }

  /** @param {HTMLElement} box */
  fill(box) {
    const [row, column] = (box.dataset.place ?? "0,0").split(",").map(Number);
    const focused = box.contains(document.activeElement);
    const tiles = this.cells(row, column).flatMap((/** @type {number} */ cell) => this.tiles(cell));
    const wrap = make("div", { class: "iw-sweep-tiles" }, ...tiles);
    box.replaceChildren(wrap);
    tiles.forEach((/** @type {HTMLElement} */ tile, /** @type {number} */ at) => {
      const here = this.here.row === row && this.here.column === column && Math.min(this.here.at, tiles.length - 1) === at;
      tile.tabIndex = here ? 0 : -1;
      tile.addEventListener("focus", () => this.rove({ row, column, at }));
      if (here && focused) tile.focus({ preventScroll: true });
    });
  }

  /** The tiles of one cell: its images, or why there are none. @param {number} cell */
  tiles(cell) {
    const [status, reason, keys] = this.table.state(cell);
    if (status === "done" && keys.length) return keys.map((key) => this.tile(key, cell));
    const [sign, word] = STATES[status] ?? STATES.waiting;
    return [make("div", {
      ...OWN_KEYS, class: `iw-sweep-tile iw-sweep-state iw-sweep-${status}`, tabIndex: -1, role: "img", title: reason ? `${word}: ${reason}` : word,
      "aria-label": `Cell ${cell}: ${word}${reason ? `, ${reason}` : ""}`,
    }, make("span", { class: "iw-sweep-sign" }, status === "running" ? make("span", { class: "iw-sweep-spinner" }) : sign, ` ${word}`),
    ...(reason ? [make("span", { class: "iw-sweep-why", dir: "auto" }, reason)] : []))];
  }

  /** @param {number} key @param {number} cell */
  tile(key, cell) {
    const { store } = this;
    this.cellOf.set(key, cell);
    store.want(key);
    const tile = store.tile(key);
    const thumbnail = store.thumbnails.get(key);
    const on = store.selected.includes(key);
    const frame = make("button", {
      ...OWN_KEYS, type: "button", class: `iw-sweep-tile iw-sweep-picture${on ? " iw-sweep-on" : ""}`, tabIndex: -1,
      "aria-label": tile ? (tile.error ? `Failed: ${tile.error}` : tile.alt) : "Image", "aria-pressed": String(on),
      title: tile ? [tile.prompt, tile.facts.join(" · ")].filter(Boolean).join("\n") : "",
      onclick: (/** @type {MouseEvent} */ event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) store.toggle(key);
        else this.open(key);
      },
    });
    frame.dataset.key = String(key);
    if (tile?.error) frame.append(make("span", { class: "iw-sweep-why" }, tile.error));
    else if (thumbnail) {
      frame.append(make("img", { src: thumbnail.url, alt: "", draggable: false, class: tile?.alpha ? "iw-checker" : "" }));
    } else frame.classList.add("iw-sweep-loading");
    frame.append(make("span", { class: "iw-sweep-tick", "aria-hidden": "true" }, "✓"));
    return frame;
  }

  summarise() {
    const counts = this.table.counts();
    const parts = [`${counts.done ?? 0} of ${plural(counts.all, "cell")}`];
    for (const status of /** @type {const} */ (["running", "failed", "maybe_billed", "not_sent", "invalid"])) {
      if (counts[status]) parts.push(`${STATES[status][0]} ${counts[status]} ${STATES[status][1]}`);
    }
    const cost = this.store.model.get("_cost");
    if (cost) parts.push(cost);
    this.summary.textContent = parts.join(" · ");
    this.showSelection();
  }

  showSelection() {
    const { selected } = this.store;
    const on = new Set(selected);
    for (const tile of this.scroll.querySelectorAll(".iw-sweep-picture")) {
      const isOn = on.has(Number(/** @type {HTMLElement} */ (tile).dataset.key));
      tile.classList.toggle("iw-sweep-on", isOn);
      tile.setAttribute("aria-pressed", String(isOn));
    }
    if (!this.store.gone) this.status.textContent = selected.length ? `${selected.length} selected` : "";
    this.compare.hidden = selected.length < FEWEST_COMPARED || selected.length > MOST_COMPARED;
    this.saves.hidden = !this.store.total;
    this.saves.title = selected.length ? `Save ${plural(selected.length, "image")}` : "Save all images";
  }

  // -- keyboard and dialogs ---------------------------------------------------------------------------

  /** @param {{row: number, column: number, at: number}} to */
  rove(to) {
    const old = this.tileAt(this.here);
    if (old) old.tabIndex = -1;
    this.here = to;
    const now = this.tileAt(to);
    if (now) now.tabIndex = 0;
  }

  /** @param {{row: number, column: number, at: number}} place */
  tileAt({ row, column, at }) {
    const box = this.boxes.get(`${row},${column}`);
    return /** @type {HTMLElement | undefined} */ (box?.querySelectorAll(".iw-sweep-tile")[at]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = /** @type {HTMLElement} */ (event.target);
    if (event.key === " " && focused.dataset?.key) this.store.toggle(Number(focused.dataset.key));
    else if (event.key === "Escape" && this.store.selected.length) this.store.select([]);
    else {
      const { said } = this.table;
      const count = (/** @type {number} */ row, /** @type {number} */ column) => this.tilesIn(this.cells(row, column));
      const to = goal(event.key, this.here, count, Math.min(said.rows.labels.length, this.rowsShown), said.columns.labels.length);
      if (!to) return;
      const box = this.boxes.get(`${to.row},${to.column}`);
      if (box && !box.dataset.seen) this.show(box);
      this.rove(to);
      this.tileAt(to)?.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** The images of this page, row by row. */
  viewable() {
    const { said } = this.table;
    const keys = [];
    for (let row = 0; row < said.rows.labels.length; row += 1) {
      for (let column = 0; column < said.columns.labels.length; column += 1) {
        for (const cell of this.cells(row, column)) keys.push(...this.table.state(cell)[2]);
      }
    }
    return keys.filter((key) => this.store.tile(key)?.state === "image");
  }

  /** @param {number} key */
  open(key) {
    if (this.store.tile(key)?.state !== "image") return;
    this.lightbox?.close();
    this.lightbox = new Lightbox(this.store, this.viewable(), key, (last) => {
      /** @type {HTMLElement | null} */ (this.scroll.querySelector(`[data-key="${last}"]`))?.focus();
    });
  }

  /** @param {number[]} keys */
  openComparison(keys) {
    this.lightbox?.close();
    this.lightbox = new Comparison(this.store, keys, () => this.compare.focus());
  }

  async save() {
    const { selected } = this.store;
    this.status.textContent = "Saving…";
    try {
      const answer = await this.store.ask({ kind: "save", keys: selected.length ? selected : this.viewable() });
      this.status.textContent = answer.message;
    } catch (error) {
      this.status.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** The static copy in the same output is hidden as soon as the kernel has answered. */
  hideTwin() {
    const { store } = this;
    const there = this.twin.update(store.model.get("_twin"), store.connected && !store.gone);
    this.root.classList.toggle("iw-offline", there && !store.connected);
  }
}

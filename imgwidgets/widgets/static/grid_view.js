import { act, allowed, Menu, ratingStars } from "./grid_actions.js";
import { Bar } from "./grid_bar.js";
import { Comparison, whenAskedToCompare } from "./grid_compare.js";
import { Editor } from "./grid_edit.js";
import { captionLines, columnsFor, frameRatio, GAP, LINE, make, MARGIN, ownKeys, ROWS_BEFORE_SCROLLING, WIDEST } from "./grid_kit.js";
import { press } from "./grid_keys.js";
import { Lightbox } from "./grid_lightbox.js";
import { arranged, captionFacts, differing, groupings } from "./grid_order.js";
import { elapsed, tileContent } from "./grid_tile.js";
import { Twin } from "./grid_twin.js";

/** @typedef {import("./grid_kit.js").Tile} Tile */
/** @typedef {import("./grid_store.js").Store} Store */

/** One view of a grid: the lines above, the tiles, the keyboard. */
export class GridView {
  /** @param {Store} store @param {HTMLElement} el */
  constructor(store, el) {
    this.store = store;
    this.el = el;
    this.columns = 0;
    this.active = 0;
    this.anchor = 0;
    /** @type {Map<number, HTMLElement>} */
    this.cells = new Map();
    /** @type {Map<number, number>} */
    this.places = new Map();
    /** @type {number[]} */
    this.order = [];
    /** @type {number[]} */
    this.rows = [];
    /** @type {import("./grid_order.js").Group[]} */
    this.groups = [];
    this.differ = new Set();
    this.visible = new Set();
    /** @type {Set<number>} tiles whose content is older than the list */
    this.stale = new Set();
    this.paused = new Map();
    this.twin = new Twin(el);
    this.root = ownKeys(make("div", { class: "iw-grid" }));
    this.bar = new Bar(store, {
      run: (name, keys) => this.run(name, keys),
      compare: () => this.openComparison(store.selected),
      chosen: () => this.chosen(),
      star: (keys, on) => this.guard(store.ask({ kind: "star", keys, on })),
      rate: (keys, rating) => this.guard(store.ask({ kind: "rate", keys, rating })),
    });
    this.body = make("div", {
      class: "iw-body", role: "grid", "aria-label": "Images", "aria-multiselectable": "true",
      onkeydown: (/** @type {KeyboardEvent} */ event) => press(this, event),
    });
    this.nothing = make("p", { class: "iw-nothing", hidden: true }, "No image is like that.");
    this.root.append(this.bar.el, this.body, this.nothing);
    el.append(this.root);
    this.sight = new IntersectionObserver((entries) => this.seen(entries),
      /** @type {any} */ ({ rootMargin: "400px 0px", scrollMargin: "400px 0px" }));
    this.resize = new ResizeObserver(() => this.layout());
    this.resize.observe(this.root);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.calmed = () => { for (const key of this.visible) if (store.tile(key)?.moving) this.fill(key); };
    this.calm.addEventListener("change", this.calmed);
    this.listen = (/** @type {string} */ what, /** @type {number | undefined} */ key) => this.update(what, key ?? -1);
    store.views.add(this.listen);
    this.deaf = whenAskedToCompare(store, el, (keys) => this.openComparison(keys));
    this.arrange();
  }

  close() {
    this.store.views.delete(this.listen);
    this.deaf();
    clearInterval(this.clock);
    this.calm.removeEventListener("change", this.calmed);
    this.sight.disconnect();
    this.resize.disconnect();
    this.menu?.close();
    this.editor?.close();
    this.lightbox?.close();
    this.twin.close();
    this.root.remove();
  }

  /** @param {string} what @param {number} key */
  update(what, key) {
    if (what === "tiles" || what === "wish") this.soon();
    else if (what === "selection") this.showSelection();
    else if (what === "trouble") this.bar.say(this.store.trouble);
    else if (what === "kernel") this.showKernel();
    else if (what === "thumbnail") this.fill(key);
    else if (what === "tile") {
      this.stale.add(key);
      this.soon();
    }
    else this.bar.update();
  }

  /** Tiles change one by one, often many in one frame: all of them are arranged once. */
  soon() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = undefined;
      this.arrange();
    });
  }

  /** Everything again, from the list; cells that stay keep their place in the page. */
  arrange() {
    const { store } = this;
    const tiles = store.listed;
    this.groups = arranged(tiles, store.wish, store.found);
    const shown = this.groups.flatMap((group) => group.tiles);
    this.differ = differing(shown, groupings(shown));
    this.order = shown.map(({ key }) => key);
    if (!store.connected && !tiles.length) {
      // Before the kernel has answered: as many empty frames as there will be.
      this.order = Array.from({ length: Math.min(store.total, 24) }, (_, place) => -1 - place);
      this.groups = [];
    }
    this.places = new Map(this.order.map((key, place) => [key, place]));
    let lost = false;
    for (const [key, cell] of this.cells) {
      if (this.places.has(key)) continue;
      lost ||= cell.contains(document.activeElement);
      this.sight.unobserve(cell);
      this.visible.delete(key);
      this.cells.delete(key);
    }
    for (const key of this.order) if (!this.cells.has(key)) this.cells.set(key, this.cell(key));
    this.active = Math.max(0, Math.min(this.active, this.order.length - 1));
    this.nothing.hidden = !(store.connected && tiles.length && !shown.length);
    this.body.hidden = !this.order.length;
    this.layout();
    // The keyboard stays in the grid when its tile has gone.
    if (lost) (this.cells.get(this.order[this.active]) ?? this.bar.el.querySelector("button"))?.focus({ preventScroll: true });
    // What stands next to a tile, or differs in the grid, is in its caption.
    const looks = [this.order.join(), [...this.differ].join()].join(";");
    for (const key of looks === this.looks ? this.stale : this.visible) this.fill(key);
    this.looks = looks;
    this.stale.clear();
    this.bar.update(shown.length);
    this.root.classList.toggle("iw-empty", !this.order.length && !tiles.length);
    this.showSelection();
    this.showKernel();
    this.tick();
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
    return this.places.get(key) ?? -1;
  }

  /** Rows for the present width: a row is a role, not a box, so that tiles keep one grid. */
  layout() {
    const width = this.root.clientWidth;
    if (!width) return;
    const most = Math.max(1, ...this.groups.map(({ tiles }) => tiles.length));
    const columns = columnsFor(width, this.groups.length ? most : this.order.length);
    const tiles = this.groups.flatMap((group) => group.tiles);
    const ratio = frameRatio(tiles);
    const tileWidth = Math.min(WIDEST, (width - (columns - 1) * GAP) / columns);
    const lines = captionLines(tiles.map((tile) => ({
      prompt: tile.prompt, facts: captionFacts(tile, this.differ).map(({ text }) => text).join(" · "),
    })), tileWidth);
    const caption = lines.prompt + lines.facts ? (lines.prompt + lines.facts) * LINE + MARGIN : 0;
    const groups = this.groups.map(({ name, tiles: members }) => `${members.length} ${name}`);
    const said = [columns, tileWidth, ratio, caption, this.store.wish.group, ...groups, ...this.order].join();
    if (said === this.laid) return;
    this.laid = said;
    for (const [name, value] of Object.entries({
      caption: `${caption}px`,
      "prompt-lines": lines.prompt,
      "fact-lines": lines.facts,
      columns,
      "tile-width": `${tileWidth}px`,
      "tile-height": `${Math.round(tileWidth / ratio) + caption}px`,
    })) this.body.style.setProperty(`--iw-${name}`, String(value));
    this.ratio = ratio;
    this.columns = columns;
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    this.lay(columns);
    this.root.classList.toggle("iw-scrolls", this.rows.length > ROWS_BEFORE_SCROLLING);
    if (focused instanceof HTMLElement && focused.isConnected && focused !== document.activeElement) {
      focused.focus({ preventScroll: true });
    }
    this.rove();
  }

  /** @param {number} columns */
  lay(columns) {
    const groups = this.groups.length ? this.groups.map(({ name, tiles }) => ({ name, keys: tiles.map(({ key }) => key) }))
      : [{ name: "", keys: this.order }];
    const { group: by } = this.store.wish;
    this.rows = [];
    const made = [];
    for (const { name, keys } of groups) {
      if (by && this.groups.length) {
        const words = `${by.replaceAll("_", " ")}: ${name || "not given"}`;
        made.push(make("div", { role: "row", class: "iw-heading" },
          make("div", { role: "rowheader", dir: "auto" }, words, make("span", {}, ` · ${keys.length}`))));
      }
      for (let at = 0; at < keys.length; at += columns) {
        const part = keys.slice(at, at + columns);
        this.rows.push(part.length);
        made.push(make("div", { role: "row", class: "iw-row" },
          ...part.map((key) => /** @type {Node} */ (this.cells.get(key)))));
      }
    }
    const top = this.body.scrollTop;
    this.body.replaceChildren(...made);
    this.body.scrollTop = top;
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
    const { store } = this;
    const tile = store.tile(key);
    if (!tile) {
      cell.replaceChildren(make("div", { class: "iw-frame iw-waiting" }));
      return;
    }
    store.want(key);
    const place = this.place(key) + 1;
    const states = { error: `Failed: ${tile.error}`, waiting: `Waiting: ${tile.alt}`, pending: `Not finished: ${tile.alt}` };
    const marks = [tile.starred ? "starred" : "", tile.rating ? `rated ${tile.rating} of 5` : ""].filter(Boolean);
    const said = tile.state === "image" ? [tile.alt, ...marks].join(", ") : states[tile.state];
    cell.setAttribute("aria-label", `${place}. ${said}`);
    cell.classList.toggle("iw-failed", tile.state === "error");
    cell.classList.toggle("iw-starred", tile.starred);
    // A button that was just pressed keeps the focus in its new shape.
    const held = cell.contains(document.activeElement) && document.activeElement !== cell;
    cell.replaceChildren(...tileContent(tile, place, this.hands));
    if (held) cell.focus({ preventScroll: true });
  }

  /** @returns {import("./grid_tile.js").Hands} */
  get hands() {
    const { store } = this;
    return {
      store,
      differ: this.differ,
      ratio: this.ratio ?? 1,
      neighbours: (key) => this.neighbours(key),
      menu: (key, opener) => this.openMenu(key, opener),
      star: (key) => this.guard(store.ask({ kind: "star", keys: [key], on: !store.tile(key)?.starred })),
      retry: (key) => this.guard(store.ask({ kind: "retry", keys: [key] })),
      paused: this.paused,
      refill: (key) => this.fill(key),
      trouble: (error) => this.bar.say(error instanceof Error ? error.message : String(error)),
    };
  }

  /** The tiles to the left and right. @param {number} key @returns {Tile[]} */
  neighbours(key) {
    const place = this.place(key);
    return [place - 1, place + 1].map((at) => this.store.tile(this.order[at])).filter((tile) => tile !== undefined);
  }

  showSelection() {
    const { store } = this;
    const selected = new Set(store.selected);
    for (const [key, cell] of this.cells) {
      const on = selected.has(key);
      if (cell.getAttribute("aria-selected") === String(on)) continue;
      cell.setAttribute("aria-selected", String(on));
      const box = /** @type {HTMLInputElement | null} */ (cell.querySelector(".iw-check"));
      if (box) box.checked = on;
    }
    this.root.classList.toggle("iw-selecting", selected.size > 0);
    this.bar.unseen = [...selected].filter((key) => !this.places.has(key)).length;
    this.bar.update();
  }

  showKernel() {
    const { store } = this;
    const twin = this.twin.update(store.model.get("_twin"), store.connected && !store.gone);
    this.root.classList.toggle("iw-offline", twin && !store.connected);
    this.root.classList.toggle("iw-orphan", twin && store.gone);
    this.bar.update();
  }

  /** Seconds go on while something is awaited in sight. */
  tick() {
    const waits = this.order.some((key) => this.store.tile(key)?.state === "waiting");
    if (!waits) {
      clearInterval(this.clock);
      this.clock = undefined;
      return;
    }
    this.clock ??= setInterval(() => {
      for (const key of this.visible) {
        const tile = this.store.tile(key);
        const said = tile?.state === "waiting" ? this.cells.get(key)?.querySelector(".iw-elapsed") : null;
        if (tile && said) said.textContent = elapsed(tile);
      }
    }, 1000);
  }

  // -- doing ----------------------------------------------------------------------------------------------

  /** What an action applies to: the selection, or everything that is shown where nothing is selected. */
  chosen() {
    const { selected } = this.store;
    return selected.length ? selected : this.viewable();
  }

  /** @returns {number[]} */
  viewable() {
    return this.order.filter((key) => this.store.tile(key)?.state === "image");
  }

  /** @param {string} name @param {number[]} keys */
  run(name, keys) {
    if (name === "save") this.bar.say("Saving…");
    this.guard(act(this.store, name, keys, (painter) => this.edit(painter))
      .then((said) => { if (said || name === "save") this.bar.say(said); }));
  }

  /** @param {string} painter its model */
  edit(painter) {
    this.editor?.close();
    const back = document.activeElement;
    this.editor = new Editor(this.store, painter, (said) => this.bar.say(said), () => {
      if (back instanceof HTMLElement) back.focus();
    });
    this.body.before(this.editor.el);
    this.editor.open();
    this.editor.el.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} key @param {HTMLElement} opener */
  openMenu(key, opener) {
    const { store } = this;
    const tile = store.tile(key);
    if (!tile) return;
    this.menu?.close();
    const entries = allowed([tile], store.model.get("_offers") ?? [])
      .map((name) => ({ name, act: () => this.run(name, [key]) }));
    const rating = ratingStars(tile.rating, (value) => {
      this.menu?.close();
      this.guard(store.ask({ kind: "rate", keys: [key], rating: value }));
    }, -1);
    rating.hidden = tile.state !== "image";
    this.menu = new Menu(opener, entries, rating, () => this.cells.get(key)?.focus({ preventScroll: true }));
  }

  /** @param {MouseEvent} event @param {number} key */
  click(event, key) {
    this.activate(this.place(key));
    if (event.ctrlKey || event.metaKey) this.store.toggle(key);
    else if (event.shiftKey) {
      const [from, to] = [this.anchor, this.place(key)].sort((a, b) => a - b);
      this.store.select([...new Set([...this.store.selected, ...this.order.slice(from, to + 1)])]
        .filter((other) => this.store.tile(other)?.state === "image"));
      return;
    } else this.open(key);
    this.anchor = this.place(key);
  }

  /** @param {number} place @param {boolean} [focus] */
  activate(place, focus = false) {
    if (place < 0) return;
    const before = this.cells.get(this.order[this.active]);
    this.active = place;
    const now = this.cells.get(this.order[place]);
    if (before) before.tabIndex = -1;
    if (now) now.tabIndex = 0;
    if (focus) now?.focus();
  }

  /** One tile is in the tab order: the one that was used last. */
  rove() {
    this.order.forEach((key, place) => {
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

  /** @param {number[]} keys */
  openComparison(keys) {
    this.lightbox?.close();
    this.lightbox = new Comparison(this.store, keys.filter((key) => this.store.tile(key)?.state === "image"),
      () => this.bar.compare?.focus());
  }

  /** An error is shown where the person looks. @param {Promise<any>} work */
  async guard(work) {
    try {
      await work;
    } catch (error) {
      this.bar.say(error instanceof Error ? error.message : String(error));
    }
  }
}

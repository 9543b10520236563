import { arrange, percent, sizeNote } from "./grid_compare_kit.js";
import { differenceTable, Heat } from "./grid_heat.js";
import { button, make } from "./grid_kit.js";
import { Dialog } from "./grid_lightbox.js";
import { fetched, lessMotion, loaded, reason, Stage, zoomButtons } from "./grid_stage.js";

/** @typedef {import("./grid_kit.js").Tile} Tile */
/** @typedef {import("./grid_store.js").Store} Store */

export const FEWEST_COMPARED = 2;
export const MOST_COMPARED = 4;
const SVG = "http://www.w3.org/2000/svg";
const NEAR = 24; // px around the line where a drag takes it

const MODES = {
  sides: { label: "Side by side", key: "s" },
  slider: { label: "Slider", key: "l" },
  blink: { label: "Blink", key: "b" },
  difference: { label: "Difference", key: "d" },
};
/** @typedef {keyof typeof MODES} Mode */

/** Two to four images of a grid: side by side, under a slider, blinking, or what differs between two. */
export class Comparison extends Dialog {
  /** @param {Store} store @param {number[]} keys two to four @param {() => void} left */
  constructor(store, keys, left) {
    super(`Compare ${keys.length} images`, () => { this.leave(); left(); });
    this.store = store;
    this.keys = keys;
    this.tiles = keys.map((key) => /** @type {Tile} */ (store.tile(key)));
    this.urls = keys.map((key) => store.thumbnails.get(key)?.url ?? "");
    this.sizes = this.tiles.map(({ width, height }) => ({ width: width || 1024, height: height || 1024 }));
    /** @type {(HTMLImageElement | undefined)[]} */
    this.whole = keys.map(() => undefined);
    /** @type {(null | {path: string, width: number, height: number})[]} */
    this.outlines = keys.map(() => null);
    this.pair = [0, 1];
    this.part = 0.5;
    this.turn = 0;
    /** @type {Mode} */
    this.mode = "sides";
    this.zooms = zoomButtons(() => this.stage);
    this.stage = new Stage(() => this.drawn());
    this.stage.takes = (event) => this.takesLine(event);
    this.heat = new Heat();
    this.build();
    this.room = new ResizeObserver(() => { if (this.mode === "sides") this.layColumns(); });
    this.room.observe(this.middle);
    // Where one is taken out of the grid, its picture is freed: there is nothing left to compare.
    this.listen = () => { if (keys.some((key) => !store.tile(key))) this.el.close(); };
    store.views.add(this.listen);
    this.el.showModal();
    this.choose(this.mode);
    this.modes.querySelector("button")?.focus();
    this.load();
    this.ask();
  }

  build() {
    this.modes = make("span", { class: "iw-modes", role: "group", "aria-label": "Compare by" });
    for (const [mode, { label, key }] of Object.entries(MODES)) {
      this.modes.append(make("button", {
        type: "button", class: "iw-button", "data-mode": mode, title: `${label} (${key.toUpperCase()})`,
        "aria-pressed": "false", onclick: () => this.choose(/** @type {Mode} */ (mode)),
      }, label));
    }
    this.outlined = make("input", { type: "checkbox", onchange: () => this.choose(this.mode) });
    this.outlineBox = make("label", { class: "iw-button", hidden: true, title: "Where the edit was allowed (O)" },
      this.outlined, "Mask");
    this.middle = make("div", { class: "iw-middle iw-compared" });
    this.progress = make("div", { class: "iw-progress", role: "status" });
    this.strip = make("div", { class: "iw-strip" });
    this.note = make("p", { class: "iw-note" });
    this.table = make("div", { class: "iw-details iw-differences", tabIndex: 0, role: "region", "aria-label": "What differs" });
    this.slider = make("input", {
      type: "range", min: "0", max: "100", step: "0.5", value: "50", "aria-label": "Where the two images meet",
      oninput: () => { this.part = Number(this.slider.value) / 100; this.drawn(); },
    });
    this.el.classList.add("iw-comparison");
    this.el.append(
      make("div", { class: "iw-top" }, make("span", { class: "iw-title" }, "Compare"), this.modes, this.outlineBox, this.zooms.el,
        button("close", "Close", () => this.el.close(), true)),
      this.middle, this.strip, this.note, this.table);
  }

  leave() {
    this.stage.close();
    this.room.disconnect();
    this.store.views.delete(this.listen);
    this.heat.forget();
    clearInterval(this.timer);
  }

  // -- what it needs -----------------------------------------------------------------------------

  load() {
    let missing = this.keys.length;
    const slow = setTimeout(() => { if (missing) this.progress.textContent = "Loading…"; }, 150);
    this.keys.forEach(async (key, i) => {
      try {
        const { url } = await fetched(this.store, key);
        const image = await loaded(url);
        if (!this.el.isConnected) return;
        this.whole[i] = image;
        this.urls[i] = url;
        if (!this.tiles[i].width) {
          this.sizes[i] = { width: image.naturalWidth, height: image.naturalHeight };
          this.choose(this.mode);
        }
        missing -= 1;
        if (!missing) this.progress.textContent = "";
        for (const shown of this.middle.querySelectorAll(`img[data-image="${i}"]`)) shown.src = url;
        if (this.mode === "difference") this.measure();
      } catch (error) {
        clearTimeout(slow);
        this.progress.textContent = `${i + 1}: ${reason(error)}`;
      }
    });
  }

  async ask() {
    try {
      const answer = /** @type {any} */ (await this.store.ask({ kind: "differences", keys: this.keys }));
      if (!this.el.isConnected) return;
      this.outlines = answer.outlines.map((/** @type {any} */ one) => (one?.path ? one : null));
      this.outlineBox.hidden = !this.outlines.some(Boolean);
      this.table.replaceChildren(...differenceTable(answer.rows, this.keys.length));
    } catch (error) {
      this.table.replaceChildren(make("p", {}, reason(error)));
    }
  }

  // -- the four ways to look ---------------------------------------------------------------------

  /** @param {Mode} mode */
  choose(mode) {
    this.mode = mode;
    clearInterval(this.timer);
    this.timer = undefined;
    for (const one of this.modes.children) one.setAttribute("aria-pressed", String(one.dataset.mode === mode));
    this.middle.className = `iw-middle iw-compared iw-${mode}`;
    this.remark();
    const pairs = (mode === "slider" || mode === "difference") && this.keys.length > 2 ? [this.pairBox()] : [];
    this.strip.replaceChildren(...pairs);
    this.line = undefined;
    this[`show_${mode}`]();
    this.middle.append(this.progress);
    this.drawn();
  }

  /** What is to be known of the images that are seen now. */
  remark() {
    const two = this.mode === "slider" || this.mode === "difference";
    this.note.textContent = sizeNote(two ? this.pair.map((i) => this.sizes[i]) : this.sizes);
  }

  /** @param {number} i @returns {{el: HTMLElement, size: {width: number, height: number}}} */
  layer(i) {
    const tile = this.tiles[i];
    const el = make("img", {
      alt: `${i + 1}: ${tile.alt}`, draggable: false, "data-image": i, class: tile.alpha ? "iw-checker" : "",
      ...(this.urls[i] ? { src: this.urls[i] } : {}),
    });
    return { el, size: this.sizes[i] };
  }

  /** The mask's outline over a picture: its own, or that of another of the same shape. @param {number} i @returns {any[]} */
  outline(i) {
    if (!this.outlined.checked) return [];
    const size = this.sizes[i];
    const like = this.sizes.findIndex((other, j) => this.outlines[j]
      && Math.abs((other.width * size.height) / (other.height * size.width) - 1) < 0.01);
    const found = this.outlines[i] ?? this.outlines[like];
    if (!found) return [];
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({
      viewBox: `0 0 ${found.width} ${found.height}`, preserveAspectRatio: "none", class: "iw-outline", "aria-hidden": "true",
    })) svg.setAttribute(name, value);
    for (const name of ["iw-outline-under", "iw-outline-over"]) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", found.path);
      path.setAttribute("class", name);
      svg.append(path);
    }
    return [{ el: svg, size, drawn: true }];
  }

  /** @param {string} label @param {any[][]} groups of layers, each clipped on its own @param {string[]} [names] */
  pane(label, groups, names = []) {
    const el = Stage.pane(label);
    groups.forEach((layers, i) => {
      el.append(make("div", { class: `iw-layers ${names[i] ?? ""}` }, ...layers.map((layer) => layer.el)));
    });
    return { el, layers: groups.flat() };
  }

  /** @param {number} i */
  badge(i) {
    return make("span", { class: "iw-number" }, String(i + 1));
  }

  show_sides() {
    const panes = this.keys.map((_, i) => this.pane(`Image ${i + 1}`, [[this.layer(i), ...this.outline(i)]]));
    panes.forEach(({ el }, i) => el.append(this.badge(i)));
    this.middle.replaceChildren(...panes.map(({ el }) => el));
    this.layColumns();
    this.stage.show(panes);
  }

  layColumns() {
    const { width, height } = this.sizes[0];
    const columns = arrange(this.keys.length, width / height, this.middle.clientWidth - 24, this.middle.clientHeight);
    this.middle.style.setProperty("--iw-columns", String(columns));
  }

  show_slider() {
    const [one, two] = this.pair;
    const pane = this.pane("Two images, parted by a line", [
      [this.layer(one), ...this.outline(one)], [this.layer(two), ...this.outline(two)]], ["iw-under", "iw-over"]);
    pane.el.classList.add("iw-pair");
    this.line = make("div", { class: "iw-line" });
    pane.el.append(this.line, this.badge(one), make("span", { class: "iw-number iw-right" }, String(two + 1)));
    this.middle.replaceChildren(pane.el);
    this.strip.append(make("label", { class: "iw-range" }, String(one + 1), this.slider, String(two + 1)));
    this.stage.show([pane]);
  }

  show_blink() {
    const pane = this.pane("Images one after the other", this.keys.map((_, i) => [this.layer(i), ...this.outline(i)]));
    const said = make("output", { class: "iw-turn" });
    const parts = [...pane.el.children];
    const number = pane.el.appendChild(this.badge(0));
    const show = (/** @type {number} */ turn) => {
      this.turn = (turn + parts.length) % parts.length;
      parts.forEach((part, i) => part.classList.toggle("iw-away", i !== this.turn));
      number.textContent = String(this.turn + 1);
      said.textContent = `${this.turn + 1} of ${parts.length}`;
    };
    const speed = make("input", {
      type: "range", min: "0.4", max: "3", step: "0.1", value: "1", "aria-label": "Seconds for each image",
      oninput: () => { if (this.timer) run(true); },
    });
    const play = make("button", { type: "button", class: "iw-button", onclick: () => run(!this.timer) });
    const run = (/** @type {boolean} */ on) => {
      clearInterval(this.timer);
      this.timer = on ? setInterval(() => show(this.turn + 1), Number(speed.value) * 1000) : undefined;
      play.textContent = on ? "Pause" : "Play";
    };
    this.blinking = { show, run };
    this.middle.replaceChildren(pane.el);
    this.strip.append(
      button("previous", "Image before", () => { run(false); show(this.turn - 1); }, true), said,
      button("next", "Image after", () => { run(false); show(this.turn + 1); }, true),
      play, make("label", { class: "iw-range" }, "Fast", speed, "Slow"));
    this.stage.show([pane]);
    show(this.turn);
    run(!lessMotion()); // who asked for less motion presses Play
  }

  show_difference() {
    const [one] = this.pair;
    const canvas = this.heat.canvas;
    canvas.setAttribute("role", "img");
    const pane = this.pane("What differs", [[this.layer(one), { el: canvas, size: this.sizes[one] }, ...this.outline(one)]]);
    this.middle.replaceChildren(pane.el);
    this.tolerance = make("input", {
      type: "range", min: "0", max: "64", step: "1", value: String(this.heat.tolerance), "aria-label": "Tolerance",
      oninput: () => { this.heat.tolerance = Number(this.tolerance.value); this.measure(); },
    });
    this.result = make("span", { class: "iw-result", role: "status" });
    const scale = make("span", { class: "iw-scale", "aria-hidden": "true" }, "0", make("i", {}), "255");
    scale.querySelector("i").style.background = this.heat.gradient;
    this.strip.append(make("label", { class: "iw-range" }, "Tolerance", this.tolerance), scale, this.result);
    this.stage.show([pane]);
    this.measure();
  }

  async measure() {
    const [one, two] = this.pair;
    const [a, b] = [this.whole[one], this.whole[two]];
    if (!a || !b) {
      this.result.textContent = "";
      return;
    }
    const { result } = this;
    try {
      const found = await this.heat.show(a, b, this.sizes[one]);
      if (!found) return;
      const { share, most, mean } = found;
      result.textContent = most === 0 ? "Every pixel is the same."
        : `${percent(share)} of the pixels differ by more than ${this.heat.tolerance} of 255; at most by ${most}, on average by ${mean.toFixed(1)}.`
          + (found.scaled ? ` Measured at ${found.scaled}.` : "");
      this.heat.canvas.setAttribute("aria-label", `Heat map of ${one + 1} and ${two + 1}: ${result.textContent}`);
    } catch (error) {
      result.textContent = `These cannot be compared pixel by pixel: ${reason(error)}`;
    }
  }

  /** Of three or four images, which two. */
  pairBox() {
    const box = make("span", { class: "iw-pairs" });
    ["First image", "Second image"].forEach((label, side) => {
      const select = make("select", {
        "aria-label": label,
        onchange: () => {
          const now = Number(select.value);
          if (this.pair[1 - side] === now) this.pair[1 - side] = this.pair[side];
          this.pair[side] = now;
          this.choose(this.mode);
          /** @type {HTMLElement} */ (this.strip.querySelectorAll("select")[side])?.focus();
        },
      }, ...this.keys.map((_, i) => make("option", { value: String(i) }, String(i + 1))));
      select.value = String(this.pair[side]);
      box.append(select);
    });
    return box;
  }

  // -- the line between two ----------------------------------------------------------------------

  drawn() {
    this.zooms.update(this.stage);
    if (!this.line) return;
    const { from, to } = this.stage.span;
    const pane = /** @type {HTMLElement} */ (this.line.parentElement);
    pane.style.setProperty("--iw-part", `${Math.round(this.part * 1000) / 10}%`);
    pane.style.setProperty("--iw-line-at", `${from + this.part * (to - from)}px`);
  }

  /** Near the line a drag moves it, and anywhere while the whole picture is seen. @param {PointerEvent} event */
  takesLine(event) {
    if (!this.line) return false;
    const box = /** @type {HTMLElement} */ (this.line.parentElement).getBoundingClientRect();
    const { from, to } = this.stage.span;
    const x = event.clientX - box.left;
    const grasped = event.type === "pointermove" || this.stage.fitted
      || Math.abs(x - from - this.part * (to - from)) < NEAR;
    if (grasped) this.slide((x - from) / (to - from || 1));
    return grasped;
  }

  /** @param {number} part */
  slide(part) {
    this.part = Math.min(1, Math.max(0, part));
    this.slider.value = String(this.part * 100);
    this.drawn();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    const inControl = target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "range");
    const scrolls = target === this.table && !event.shiftKey;
    const moves = inControl || scrolls || event.shiftKey ? {} : this.moves()[this.mode];
    const mode = Object.entries(MODES).find(([, { key }]) => key === event.key.toLowerCase())?.[0];
    const act = moves?.[event.key];
    if (act) act();
    else if (mode) {
      this.choose(/** @type {Mode} */ (mode));
      /** @type {HTMLElement} */ (this.modes.querySelector(`[data-mode=${mode}]`)).focus();
    } else if (event.key.toLowerCase() === "o" && !this.outlineBox.hidden) this.outlined.click();
    else if (inControl && /^Arrow|^Home|^End|^Page/.test(event.key)) return;
    else if (!this.stage.key(event)) return;
    event.preventDefault();
  }

  /** @returns {Partial<Record<Mode, Record<string, () => void>>>} */
  moves() {
    const by = (/** @type {number} */ step) => () => this.slide(this.part + step);
    const turn = (/** @type {number} */ step) => () => {
      this.blinking?.run(false);
      this.blinking?.show(this.turn + step);
    };
    return {
      slider: {
        ArrowLeft: by(-0.02), ArrowRight: by(0.02), PageDown: by(-0.2), PageUp: by(0.2), Home: by(-1), End: by(1),
      },
      blink: { ArrowLeft: turn(-1), ArrowRight: turn(1) },
    };
  }
}

/**
 * Open what Python asks for with grid.compare(), in one view of the grid and when its tiles are there.
 * @param {Store} store @param {HTMLElement} el the view @param {(keys: number[]) => void} open
 * @returns {() => void} stop listening
 */
export function whenAskedToCompare(store, el, open) {
  const attempt = () => {
    const { comparing } = store;
    // Several views of one grid hear of it: the first that is to be seen answers.
    if (!comparing || comparing.taken || !el.isConnected) return;
    if (!comparing.keys.every((key) => store.tile(key))) return;
    comparing.taken = true;
    open(comparing.keys);
  };
  store.views.add(attempt);
  requestAnimationFrame(attempt); // a view is put into the page after it was made
  return () => store.views.delete(attempt);
}

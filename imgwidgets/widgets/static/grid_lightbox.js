import { button, make, ownKeys } from "./grid_kit.js";
import { fetched, lessMotion, loaded, reason, Stage, zoomButtons } from "./grid_stage.js";

/** @typedef {import("./grid_kit.js").Tile} Tile */
/** @typedef {import("./grid_store.js").Store} Store */

const FOCUSABLE = "button, input, select, a[href], summary, [tabindex='0']";
const PAUSE_BEFORE_FETCHING_MORE = 200; // ms: who leafs through quickly is not held up by neighbours

/** A modal dialog over the page: the browser makes the rest inert and closes it on Escape. */
export class Dialog {
  /** @param {string} label @param {() => void} left */
  constructor(label, left) {
    this.left = left;
    this.opener = document.activeElement;
    this.el = ownKeys(make("dialog", {
      class: "iw-lightbox", "aria-label": label,
      onclose: () => this.close(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        event.stopPropagation();
        if (event.key === "Tab") this.tab(event);
        else this.key(event);
      },
    }));
    document.body.append(this.el);
  }

  /** @param {KeyboardEvent} _event */
  key(_event) {}

  /** Tab stays inside: without this it would wander through the browser's own buttons. @param {KeyboardEvent} event */
  tab(event) {
    const stops = [...this.el.querySelectorAll(FOCUSABLE)]
      .filter((el) => !(/** @type {any} */ (el).disabled) && el.checkVisibility({ visibilityProperty: true }));
    const end = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== end && this.el.contains(document.activeElement)) return;
    event.preventDefault();
    /** @type {HTMLElement | undefined} */ (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }

  close() {
    if (!this.el.isConnected) return;
    this.el.remove();
    this.left();
    // Where the caller has put the focus nowhere, it goes back to where it came from.
    if (document.activeElement === document.body && this.opener instanceof HTMLElement) this.opener.focus();
  }
}

/** One image at a time, over the whole page. */
export class Lightbox extends Dialog {
  /** @param {Store} store @param {number[]} keys @param {number} key @param {(last: number) => void} left */
  constructor(store, keys, key, left) {
    super("Image", () => { this.leave(); left(this.at); });
    this.store = store;
    this.keys = keys;
    this.at = key;
    this.heading = 1;
    this.version = -1;
    this.zooms = zoomButtons(() => this.stage);
    this.stage = new Stage(() => this.zooms.update(this.stage));
    this.image = /** @type {HTMLImageElement} */ (make("img", { draggable: false, alt: "" }));
    this.pane = make("div", {
      class: "iw-pane iw-stage", tabIndex: 0, role: "group", "aria-label": "Picture",
      "aria-keyshortcuts": "ArrowLeft ArrowRight + - 0 1",
    }, this.image);
    this.title = make("span", { class: "iw-title", dir: "auto" });
    this.count = make("span", { class: "iw-count", role: "status" });
    this.pick = make("input", { type: "checkbox", onchange: () => store.toggle(this.at) });
    this.play = make("button", { type: "button", class: "iw-button", hidden: true, onclick: () => this.move(this.still) });
    this.details = make("div", { class: "iw-details", tabIndex: 0, role: "region", "aria-label": "Details" });
    this.progress = make("div", { class: "iw-progress", role: "status" });
    this.back = button("previous", "Previous image", () => this.go(-1), true);
    this.forward = button("next", "Next image", () => this.go(1), true);
    this.back.classList.add("iw-back");
    this.forward.classList.add("iw-forward");
    this.el.append(
      make("div", { class: "iw-top" }, this.count, this.title, this.play,
        make("label", { class: "iw-button" }, this.pick, "Select"),
        this.zooms.el,
        button("download", "Download", () => this.guard(store.download([this.at])), true),
        button("close", "Close", () => this.el.close(), true)),
      make("div", { class: "iw-middle" }, this.pane, this.back, this.forward, this.progress),
      this.details,
      make("p", { class: "iw-keys" }, "← → other images · + − zoom · Shift with arrows moves · 0 fit · 1 full size · Esc closes"));
    this.listen = (/** @type {string} */ what) => this.hear(what);
    store.views.add(this.listen);
    this.el.showModal();
    this.show();
    this.pane.focus();
  }

  leave() {
    this.stage.close();
    this.store.views.delete(this.listen);
    clearTimeout(this.later);
    this.freeStill();
  }

  /** The grid has changed underneath. @param {string} what */
  hear(what) {
    const { store } = this;
    if (what === "selection") this.pick.checked = store.selected.includes(this.at);
    if (this.keys.some((key) => !store.tile(key))) {
      const place = this.keys.indexOf(this.at);
      this.keys = this.keys.filter((key) => store.tile(key));
      if (!this.keys.length) {
        this.el.close();
        return;
      }
      if (!this.keys.includes(this.at)) this.at = this.keys[Math.min(place, this.keys.length - 1)];
      this.show();
    } else if ((store.tile(this.at)?.version ?? this.version) !== this.version) this.show();
  }

  async show() {
    const { store, at } = this;
    const tile = store.tile(at);
    if (!tile) return;
    this.version = tile.version;
    clearTimeout(this.later);
    const place = this.keys.indexOf(at);
    this.count.textContent = `${place + 1} / ${this.keys.length}`;
    this.title.textContent = tile.prompt;
    this.pick.checked = store.selected.includes(at);
    const focused = document.activeElement;
    this.back.disabled = place === 0;
    this.forward.disabled = place === this.keys.length - 1;
    if (/** @type {any} */ (focused)?.disabled) this.pane.focus();
    this.describe([tile.facts.join(" · ")]);
    this.progress.textContent = "";
    this.play.hidden = true;
    const thumbnail = store.thumbnails.get(at);
    const moving = Boolean(/** @type {any} */ (tile).moving);
    this.stage.fitted = true;
    if (thumbnail && !(moving && lessMotion())) this.put(thumbnail.url, tile);
    else {
      this.image.removeAttribute("src");
      this.image.alt = tile.alt;
    }
    const current = () => this.at === at && this.version === tile.version && this.el.isConnected;
    const slow = setTimeout(() => { if (current()) this.progress.textContent = "Loading…"; }, 150);
    try {
      const image = await fetched(store, at, (share) => {
        if (current() && share < 1) this.progress.textContent = `Loading… ${Math.round(share * 100)} %`;
      });
      if (!current()) return;
      const { prompt, revised_prompt: revised, facts, notes } = image.details;
      this.describe([facts.join(" · "), ...notes], prompt, revised);
      const whole = await loaded(image.url);
      if (!current()) return;
      this.progress.textContent = "";
      this.freeStill();
      this.put(image.url, tile, whole);
      if (moving) await this.move(!lessMotion(), image.url, whole);
      this.later = setTimeout(() => this.fetchNeighbours(at), PAUSE_BEFORE_FETCHING_MORE);
    } catch (error) {
      if (current()) this.progress.textContent = reason(error);
    } finally {
      clearTimeout(slow);
      if (current() && this.progress.textContent === "Loading…") this.progress.textContent = "";
    }
  }

  /** @param {string} url @param {Tile} tile @param {HTMLImageElement} [whole] */
  put(url, tile, whole) {
    this.image.src = url;
    this.image.alt = tile.alt;
    this.image.classList.toggle("iw-checker", tile.alpha);
    const size = {
      width: tile.width || whole?.naturalWidth || 1024, height: tile.height || whole?.naturalHeight || 1024,
    };
    this.stage.show([{ el: this.pane, layers: [{ el: this.image, size }] }]);
  }

  /** An animation moves or stands still. @param {boolean} moves @param {string} [url] @param {HTMLImageElement} [whole] */
  async move(moves, url = this.moving?.url, whole = this.moving?.whole) {
    if (!url || !whole) return;
    this.moving = { url, whole };
    if (moves) this.image.src = url;
    else {
      const canvas = make("canvas", { width: whole.naturalWidth, height: whole.naturalHeight });
      canvas.getContext("2d").drawImage(whole, 0, 0);
      const blob = await new Promise((resolve) => { canvas.toBlob(resolve); });
      if (this.moving?.url !== url || !this.el.isConnected) return;
      if (this.frame) URL.revokeObjectURL(this.frame);
      this.frame = URL.createObjectURL(/** @type {Blob} */ (blob));
      this.image.src = this.frame;
    }
    this.still = !moves;
    this.play.hidden = false;
    this.play.textContent = moves ? "Pause" : "Play";
  }

  freeStill() {
    if (this.frame) URL.revokeObjectURL(this.frame);
    this.frame = undefined;
    this.moving = undefined;
  }

  /** One after the other, the one that comes next first; not where data is to be saved. @param {number} at */
  async fetchNeighbours(at) {
    if (/** @type {any} */ (navigator).connection?.saveData) return;
    const place = this.keys.indexOf(at);
    for (const key of [this.keys[place + this.heading], this.keys[place - this.heading]]) {
      if (key === undefined) continue;
      if (this.at !== at || !this.el.isConnected || document.hidden) return;
      try {
        await fetched(this.store, key);
      } catch {
        return; // it will say so when it is looked at
      }
    }
  }

  /** @param {string[]} lines @param {string} [prompt] @param {string} [revised] */
  describe(lines, prompt, revised) {
    const [facts, ...notes] = lines;
    this.details.replaceChildren(
      ...(prompt ? [make("p", { class: "iw-full-prompt", dir: "auto" }, prompt)] : []),
      ...(revised ? [make("p", { class: "iw-revised", dir: "auto" }, "Drawn as: ", revised)] : []),
      ...notes.map((note) => make("p", { class: "iw-note", dir: "auto" }, note)),
      make("p", { class: "iw-facts" }, facts));
  }

  /** @param {number} by */
  go(by) {
    const next = this.keys[this.keys.indexOf(this.at) + by];
    if (next === undefined || next === this.at) return;
    this.heading = Math.sign(by);
    this.at = next;
    this.show();
  }

  /** @param {Promise<any>} work */
  async guard(work) {
    try {
      await work;
    } catch (error) {
      this.progress.textContent = reason(error);
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const scrolls = event.target === this.details && /^(Arrow(Up|Down)|Page|Home|End| )/.test(event.key);
    const act = event.shiftKey || scrolls ? undefined : {
      ArrowLeft: () => this.go(-1),
      ArrowRight: () => this.go(1),
      PageUp: () => this.go(-1),
      PageDown: () => this.go(1),
      Home: () => this.go(-this.keys.indexOf(this.at)),
      End: () => this.go(this.keys.length - 1 - this.keys.indexOf(this.at)),
    }[event.key];
    const selects = event.key === " " && !scrolls && !(event.target instanceof HTMLButtonElement)
      && event.target !== this.pick;
    if (act) act();
    else if (selects) this.store.toggle(this.at);
    else if (!this.stage.key(event)) return;
    event.preventDefault();
  }
}

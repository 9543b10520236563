import { button, make, zoomAt } from "./grid_kit.js";

/** @typedef {import("./grid_kit.js").Tile} Tile */
/** @typedef {import("./grid_store.js").Store} Store */

export const ZOOM_LIMIT = 16;

/** An image in a stage: fit or zoomed, panned by dragging. */
export class Stage {
  /** @param {() => void} changed */
  constructor(changed) {
    this.view = { scale: 1, x: 0, y: 0 };
    this.fitted = true;
    this.size = { width: 1, height: 1 };
    this.changed = changed;
    this.image = make("img", { draggable: false, alt: "" });
    this.el = make("div", {
      class: "iw-stage",
      onwheel: (/** @type {WheelEvent} */ event) => {
        event.preventDefault();
        this.zoom(this.view.scale * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event);
      },
      ondblclick: (/** @type {MouseEvent} */ event) => this.toggle(event),
      onpointerdown: (/** @type {PointerEvent} */ event) => this.drag(event),
    }, this.image);
    this.resize = new ResizeObserver(() => { if (this.fitted) this.fit(); });
    this.resize.observe(this.el);
  }

  /** @param {string} url @param {Tile} tile @param {boolean} keep stay at the present zoom */
  show(url, tile, keep) {
    this.image.src = url;
    this.image.alt = tile.alt;
    this.image.classList.toggle("iw-checker", tile.alpha);
    this.size = { width: tile.width || 1024, height: tile.height || 1024 };
    if (!keep) this.fit();
    else this.draw();
  }

  get whole() {
    const { clientWidth, clientHeight } = this.el;
    return Math.min(clientWidth / this.size.width, clientHeight / this.size.height) || 1;
  }

  fit() {
    // A small picture is not blown up beyond twice its pixels: it would only look blurred.
    this.view = { scale: Math.min(this.whole, 2), x: 0, y: 0 };
    this.fitted = true;
    this.draw();
  }

  /** One image pixel is one CSS pixel. @param {MouseEvent} [event] */
  full(event) {
    this.zoom(1, event);
  }

  /** @param {MouseEvent} [event] */
  toggle(event) {
    if (this.fitted) this.full(event);
    else this.fit();
  }

  /** @param {number} scale @param {MouseEvent} [event] */
  zoom(scale, event) {
    const box = this.el.getBoundingClientRect();
    const px = event ? event.clientX - box.left - box.width / 2 : 0;
    const py = event ? event.clientY - box.top - box.height / 2 : 0;
    const least = Math.min(this.whole, 1) / 2;
    this.view = zoomAt(this.view, Math.min(ZOOM_LIMIT, Math.max(least, scale)), px, py);
    this.fitted = false;
    this.draw();
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (event.button !== 0) return;
    const start = { ...this.view, px: event.clientX, py: event.clientY };
    this.el.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ now) => {
      this.view.x = start.x + now.clientX - start.px;
      this.view.y = start.y + now.clientY - start.py;
      if (Math.hypot(now.clientX - start.px, now.clientY - start.py) > 3) this.fitted = false;
      this.draw();
    };
    const end = () => {
      this.el.removeEventListener("pointermove", move);
      this.el.removeEventListener("pointerup", end);
      this.el.removeEventListener("pointercancel", end);
    };
    this.el.addEventListener("pointermove", move);
    this.el.addEventListener("pointerup", end);
    this.el.addEventListener("pointercancel", end);
  }

  draw() {
    const { scale, x, y } = this.view;
    const { width, height } = this.size;
    this.image.style.width = `${width}px`;
    this.image.style.height = `${height}px`;
    this.image.style.transform = `translate(-50%, -50%) translate(${x}px, ${y}px) scale(${scale})`;
    this.image.classList.toggle("iw-pixels", scale >= 3);
    this.changed();
  }

  close() {
    this.resize.disconnect();
  }
}

/** A modal dialog over the page, with focus and Escape handled by the browser. */
export class Dialog {
  /** @param {string} label @param {() => void} left */
  constructor(label, left) {
    this.left = left;
    this.el = make("dialog", {
      class: "iw-lightbox", "aria-label": label, "data-lm-suppress-shortcuts": "true",
      onclose: () => this.close(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        event.stopPropagation();
        this.key(event);
      },
    });
    document.body.append(this.el);
  }

  /** @param {KeyboardEvent} _event */
  key(_event) {}

  close() {
    if (!this.el.isConnected) return;
    this.el.remove();
    this.left();
  }
}

export class Lightbox extends Dialog {
  /** @param {Store} store @param {number[]} keys @param {number} key @param {(last: number) => void} left */
  constructor(store, keys, key, left) {
    super("Image", () => { this.stage.close(); store.views.delete(this.listen); left(this.at); });
    this.store = store;
    this.keys = keys;
    this.at = key;
    this.zoom = make("button", { type: "button", class: "iw-button", onclick: () => this.stage.toggle() });
    this.stage = new Stage(() => this.showZoom());
    this.title = make("span", { class: "iw-title", dir: "auto" });
    this.count = make("span", { class: "iw-count", role: "status" });
    this.pick = make("input", { type: "checkbox", onchange: () => store.toggle(this.at) });
    this.details = make("div", { class: "iw-details", tabIndex: 0, role: "region", "aria-label": "Details" });
    this.progress = make("div", { class: "iw-progress", role: "status" });
    this.back = button("previous", "Previous image", () => this.go(-1), true);
    this.forward = button("next", "Next image", () => this.go(1), true);
    this.back.classList.add("iw-back");
    this.forward.classList.add("iw-forward");
    this.el.append(
      make("header", {}, this.count, this.title,
        make("label", { class: "iw-button" }, this.pick, "Select"),
        this.zoom,
        button("download", "Download", () => store.download([this.at]), true),
        button("close", "Close", () => this.el.close(), true)),
      make("div", { class: "iw-middle" }, this.stage.el, this.back, this.forward, this.progress),
      this.details);
    this.listen = (/** @type {string} */ what) => {
      if (what === "selection") this.pick.checked = store.selected.includes(this.at);
    };
    store.views.add(this.listen);
    this.el.showModal();
    this.show();
    this.stage.el.focus();
  }

  showZoom() {
    const scale = this.stage?.view.scale ?? 1;
    this.zoom.textContent = this.stage?.fitted === false ? "Fit" : "1:1";
    this.zoom.title = `Shown at ${Math.round(scale * 100)} %`;
  }

  async show() {
    const { store, at } = this;
    const tile = store.tile(at);
    if (!tile) return;
    const place = this.keys.indexOf(at);
    this.count.textContent = `${place + 1} / ${this.keys.length}`;
    this.title.textContent = tile.prompt;
    this.pick.checked = store.selected.includes(at);
    this.back.disabled = place === 0;
    this.forward.disabled = place === this.keys.length - 1;
    this.describe([tile.facts.join(" · ")]);
    const thumbnail = store.thumbnails.get(at);
    if (thumbnail) this.stage.show(thumbnail.url, tile, false);
    else this.stage.image.removeAttribute("src");
    const slow = setTimeout(() => { if (this.at === at) this.progress.textContent = "Loading…"; }, 150);
    try {
      const image = await store.image(at, (share) => {
        if (this.at === at && share < 1) this.progress.textContent = `Loading… ${Math.round(share * 100)} %`;
      });
      if (this.at !== at) return;
      this.stage.show(image.url, tile, Boolean(thumbnail));
      this.progress.textContent = "";
      const { prompt, revised_prompt: revised, facts, notes } = image.details;
      this.describe([facts.join(" · "), ...notes], prompt, revised);
    } catch (error) {
      if (this.at === at) this.progress.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(slow);
      if (this.at === at && this.progress.textContent === "Loading…") this.progress.textContent = "";
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
    if (next === undefined) return;
    this.at = next;
    this.show();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const act = {
      ArrowLeft: () => this.go(-1),
      ArrowRight: () => this.go(1),
      Home: () => this.go(-this.keys.indexOf(this.at)),
      End: () => this.go(this.keys.length - 1 - this.keys.indexOf(this.at)),
      f: () => this.stage.fit(),
      0: () => this.stage.fit(),
      1: () => this.stage.full(),
      "+": () => this.stage.zoom(this.stage.view.scale * 1.5),
      "-": () => this.stage.zoom(this.stage.view.scale / 1.5),
    }[event.key];
    const select = event.key === " " && !(event.target instanceof HTMLButtonElement)
      && event.target !== this.pick;
    if (event.ctrlKey || event.metaKey || event.altKey || (!act && !select)) return;
    event.preventDefault();
    if (act) act();
    else this.store.toggle(this.at);
  }
}

/** Two images in one place, parted by a line that follows the slider. */
export class Comparison extends Dialog {
  /** @param {Store} store @param {number} before @param {number} after @param {() => void} left */
  constructor(store, before, after, left) {
    super("Compare two images", left);
    const tiles = [before, after].map((key) => /** @type {Tile} */ (store.tile(key)));
    const pictures = tiles.map((tile, side) => make("img", {
      alt: tile.alt, draggable: false, src: store.thumbnails.get(tile.key)?.url ?? "",
      class: `${side ? "iw-over" : "iw-under"}${tile.alpha ? " iw-checker" : ""}`,
    }));
    this.slider = make("input", {
      type: "range", min: "0", max: "100", step: "0.5", value: "50", "aria-label": "Where the two images meet",
      oninput: () => this.part(),
    });
    this.pair = make("div", { class: "iw-pair" }, ...pictures, make("div", { class: "iw-line" }), this.slider);
    this.pair.style.aspectRatio = `${tiles[0].width || 1} / ${tiles[0].height || 1}`;
    this.pair.style.setProperty("--iw-ratio", String((tiles[0].width || 1) / (tiles[0].height || 1)));
    const sides = make("button", {
      type: "button", class: "iw-button",
      onclick: () => {
        sides.textContent = this.el.classList.toggle("iw-sides") ? "Slider" : "Side by side";
      },
    }, "Side by side");
    const progress = make("div", { class: "iw-progress", role: "status" });
    this.el.append(
      make("header", {}, make("span", { class: "iw-title" }, "Compare"), sides,
        button("close", "Close", () => this.el.close(), true)),
      make("div", { class: "iw-middle" }, this.pair, progress),
      make("div", { class: "iw-details iw-two" }, ...tiles.map((tile) => make("div", {},
        make("p", { class: "iw-prompt", dir: "auto", title: tile.prompt }, tile.prompt),
        make("p", { class: "iw-facts" }, tile.facts.join(" · "))))));
    this.part();
    this.el.showModal();
    this.slider.focus();
    tiles.forEach(async (tile, side) => {
      try {
        pictures[side].src = (await store.image(tile.key)).url;
      } catch (error) {
        progress.textContent = error instanceof Error ? error.message : String(error);
      }
    });
  }

  part() {
    this.pair.style.setProperty("--iw-part", `${this.slider.value}%`);
  }
}

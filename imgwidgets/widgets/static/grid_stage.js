import { make, zoomAt } from "./grid_kit.js";

/**
 * Pictures that are looked at together: one zoom and one place for all, by mouse, fingers and keys.
 *
 * The view is that of the largest picture, the leading one; the others show the same part of
 * themselves, whatever their size.
 */

/**
 * @typedef {{width: number, height: number}} Size
 * @typedef {{scale: number, x: number, y: number}} View  CSS pixels for each image pixel, and from the
 *   middle of the pane to the middle of the picture
 * @typedef {{el: HTMLElement | SVGElement, size: Size, drawn?: boolean}} Layer  `drawn`: sharp at every
 *   zoom, and therefore sized instead of scaled
 * @typedef {{el: HTMLElement, layers: Layer[]}} Pane
 */

export const ZOOM_LIMIT = 16;
const BLOW_UP = 2; // a small picture is not blown up further to fit: it would only look blurred
const GRASP = 48; // px of a picture that stay in sight, however far it is moved
const STEP = 60; // px that an arrow key moves a picture

/** The scale at which a picture just fits. @param {Size} size @param {Size} pane */
export function wholeScale(size, pane) {
  return Math.min(pane.width / size.width, pane.height / size.height) || 1;
}

/**
 * The view of another picture that shows the same part of itself as the leading one.
 * @param {View} view @param {Size} lead @param {Size} other @param {Size} pane
 * @returns {View}
 */
export function follow(view, lead, other, pane) {
  const scale = (view.scale * wholeScale(other, pane)) / wholeScale(lead, pane);
  return {
    scale,
    x: (view.x * other.width * scale) / (lead.width * view.scale),
    y: (view.y * other.height * scale) / (lead.height * view.scale),
  };
}

/** Keep a piece of the picture in sight. @param {View} view @param {Size} size @param {Size} pane @returns {View} */
export function within(view, size, pane) {
  const most = (/** @type {number} */ length, /** @type {number} */ room) => (
    Math.max(0, (length * view.scale + room) / 2 - GRASP));
  const x = most(size.width, pane.width);
  const y = most(size.height, pane.height);
  return { scale: view.scale, x: Math.min(x, Math.max(-x, view.x)), y: Math.min(y, Math.max(-y, view.y)) };
}

/** Whether the person asked for less motion. */
export const lessMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Stage {
  /**
   * @param {() => void} changed called after each change of the view
   * @param {{wheelNeedsControl?: boolean}} [options] in a page that scrolls, a wheel alone scrolls it
   */
  constructor(changed, { wheelNeedsControl = false } = {}) {
    this.changed = changed;
    this.wheelNeedsControl = wheelNeedsControl;
    /** @type {View} */
    this.view = { scale: 1, x: 0, y: 0 };
    this.fitted = true;
    /** @type {Pane[]} */
    this.panes = [];
    /** May take a drag for itself. @type {(event: PointerEvent, pane: Pane) => boolean} */
    this.takes = () => false;
    this.resize = new ResizeObserver(() => (this.fitted ? this.fit() : this.draw()));
  }

  /** An empty pane's element; who clicks on it goes on with the keys, here and not in the notebook. @param {string} [label] */
  static pane(label) {
    return make("div", { class: "iw-pane", tabIndex: -1, ...(label ? { role: "group", "aria-label": label } : {}) });
  }

  /** Other pictures, at the same view where they allow it. @param {Pane[]} panes */
  show(panes) {
    for (const { el } of this.panes) this.resize.unobserve(el);
    this.panes = panes;
    for (const pane of panes) {
      for (const { el } of pane.layers) el.classList.add("iw-layer");
      if (!pane.el.dataset.gestures) this.listen(pane.el);
      this.resize.observe(pane.el);
    }
    if (this.fitted) this.fit();
    else this.draw();
  }

  close() {
    this.resize.disconnect();
  }

  /** @returns {Size} of the largest picture */
  get lead() {
    let found = { width: 1, height: 1 };
    for (const { layers } of this.panes) {
      for (const { size, drawn } of layers) {
        if (!drawn && size.width * size.height > found.width * found.height) found = size;
      }
    }
    return found;
  }

  /** @returns {Size} of a pane: all have the same */
  get room() {
    const el = this.panes[0]?.el;
    return { width: el?.clientWidth || 1, height: el?.clientHeight || 1 };
  }

  fit() {
    this.view = { scale: Math.min(wholeScale(this.lead, this.room), BLOW_UP), x: 0, y: 0 };
    this.fitted = true;
    this.draw();
  }

  /** One pixel of the leading picture is one CSS pixel. @param {{x: number, y: number}} [point] */
  full(point) {
    this.zoomTo(1, point);
  }

  /** @param {{x: number, y: number}} [point] */
  toggle(point) {
    if (this.fitted) this.full(point);
    else this.fit();
  }

  /** @param {number} scale @param {{x: number, y: number}} [point] from the middle of the pane */
  zoomTo(scale, point = { x: 0, y: 0 }) {
    const whole = wholeScale(this.lead, this.room);
    const least = Math.min(whole, 1) / 2;
    this.view = zoomAt(this.view, Math.min(Math.max(ZOOM_LIMIT, whole), Math.max(least, scale)), point.x, point.y);
    this.fitted = false;
    this.draw();
  }

  /** @param {number} factor @param {{x: number, y: number}} [point] */
  zoomBy(factor, point) {
    this.zoomTo(this.view.scale * factor, point);
  }

  /** @param {number} dx @param {number} dy */
  panBy(dx, dy) {
    this.view = { scale: this.view.scale, x: this.view.x + dx, y: this.view.y + dy };
    this.fitted = false;
    this.draw();
  }

  draw() {
    const { lead, room } = this;
    this.view = within(this.view, lead, room);
    for (const { layers } of this.panes) {
      for (const { el, size, drawn } of layers) {
        const { scale, x, y } = follow(this.view, lead, size, room);
        const { style } = el;
        style.width = `${size.width * (drawn ? scale : 1)}px`;
        style.height = `${size.height * (drawn ? scale : 1)}px`;
        style.transform = `translate(-50%, -50%) translate(${x}px, ${y}px)${drawn ? "" : ` scale(${scale})`}`;
        el.classList.toggle("iw-pixels", scale >= 3);
      }
    }
    this.changed();
  }

  /** Where the leading picture lies in its pane, cut off at the edges: CSS pixels from the left. */
  get span() {
    const { width } = this.lead;
    const middle = this.room.width / 2 + this.view.x;
    const half = (width * this.view.scale) / 2;
    return { from: Math.max(0, middle - half), to: Math.min(this.room.width, middle + half) };
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the stage */
  key(event) {
    const shifted = event.shiftKey ? {
      ArrowLeft: () => this.panBy(STEP, 0), ArrowRight: () => this.panBy(-STEP, 0),
      ArrowUp: () => this.panBy(0, STEP), ArrowDown: () => this.panBy(0, -STEP),
    } : {};
    const act = { ...shifted, f: () => this.fit(), 0: () => this.fit(), 1: () => this.full(),
      "+": () => this.zoomBy(1.5), "=": () => this.zoomBy(1.5), "-": () => this.zoomBy(1 / 1.5) }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return false;
    act();
    return true;
  }

  /** @param {HTMLElement} el */
  listen(el) {
    el.dataset.gestures = "on";
    /** @param {{clientX: number, clientY: number}} event */
    const point = ({ clientX, clientY }) => {
      const box = el.getBoundingClientRect();
      return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
    };
    /** @type {Map<number, {x: number, y: number}>} */
    const fingers = new Map();
    let taken = -1;
    const spread = () => {
      const [one, two] = [...fingers.values()];
      return { gap: Math.hypot(one.x - two.x, one.y - two.y), x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 };
    };
    el.addEventListener("wheel", (event) => {
      if (this.wheelNeedsControl && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const lines = event.deltaMode ? 16 : 1;
      this.zoomBy(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), point(event));
    }, { passive: false });
    el.addEventListener("dblclick", (event) => this.toggle(point(event)));
    el.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const pane = this.panes.find((one) => one.el === el);
      if (!pane) return;
      el.setPointerCapture(event.pointerId);
      if (!fingers.size && this.takes(event, pane)) taken = event.pointerId;
      fingers.set(event.pointerId, point(event));
    });
    el.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const now = point(event);
      if (fingers.size === 1 && taken !== event.pointerId) {
        // The first few pixels are a click that was not quite still.
        if (this.fitted && Math.hypot(now.x - before.x, now.y - before.y) < 4) return;
        this.panBy(now.x - before.x, now.y - before.y);
      } else if (fingers.size === 2) {
        const was = spread();
        fingers.set(event.pointerId, now);
        const is = spread();
        this.zoomBy(is.gap / (was.gap || 1), was);
        this.panBy(is.x - was.x, is.y - was.y);
      } else if (taken === event.pointerId) this.takes(event, /** @type {Pane} */ (this.panes.find((one) => one.el === el)));
      fingers.set(event.pointerId, now);
    });
    const lift = (/** @type {PointerEvent} */ event) => {
      fingers.delete(event.pointerId);
      if (taken === event.pointerId) taken = -1;
    };
    el.addEventListener("pointerup", lift);
    el.addEventListener("pointercancel", lift);
  }
}

/** Buttons that zoom, for those who have neither wheel nor keys. @param {() => Stage} stage */
export function zoomButtons(stage) {
  /** @param {string} sign @param {string} label @param {() => void} act */
  const one = (sign, label, act) => make("button", {
    type: "button", class: "iw-button iw-bare iw-zoom", title: label, "aria-label": label, onclick: act,
  }, sign);
  const toggle = make("button", { type: "button", class: "iw-button iw-zoom", onclick: () => stage().toggle() }, "1:1");
  const group = make("span", { class: "iw-zooms", role: "group", "aria-label": "Zoom" },
    one("−", "Zoom out", () => stage().zoomBy(1 / 1.5)), toggle, one("+", "Zoom in", () => stage().zoomBy(1.5)));
  return {
    el: group,
    /** @param {Stage} now */
    update(now) {
      toggle.textContent = now.fitted ? "1:1" : "Fit";
      toggle.title = `Shown at ${Math.round(now.view.scale * 100)} %`;
    },
  };
}

/** A picture that is there. @param {string} url @returns {Promise<HTMLImageElement>} */
export function loaded(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("This browser cannot show this file. Save it to look at it."));
    image.src = url;
  });
}

/** @type {WeakMap<object, Map<string, Promise<any>>>} */
const underWay = new WeakMap();

/**
 * The provider's own bytes of an image, as `store.image`; who asks for one that is under way waits for it.
 * @param {any} store @param {number} key @param {(share: number) => void} [progress]
 * @returns {Promise<{url: string, details: any}>}
 */
export function fetched(store, key, progress) {
  const known = underWay.get(store) ?? new Map();
  underWay.set(store, known);
  const name = `${key}:${store.tile(key)?.version ?? 0}`;
  const running = known.get(name);
  if (running) return running;
  const begun = store.image(key, progress).finally(() => known.delete(name));
  known.set(name, begun);
  return begun;
}

/** @param {unknown} error */
export const reason = (error) => (error instanceof Error ? error.message : String(error));

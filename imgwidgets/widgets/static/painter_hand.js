import { Trail, boxBetween, clamp, nextRadius, pressureOf, takesAway } from "./strokes.js";

/**
 * What the hand does: mouse, pen, fingers and keys become strokes, shapes and commands. Ink is drawn
 * in the handler of the event itself; the points travel to the kernel in batches.
 */

const FLUSH = 50; // milliseconds between two batches of a stroke
const BRUSHES = ["brush", "eraser"];
const CLOSE_ENOUGH = 8; // CSS pixels from a polygon's first corner that close it

/** Physical keys, so that they are found on every layout; `[` cannot be typed on some. */
export const TOOL_KEYS = {
  KeyB: "brush",
  KeyE: "eraser",
  KeyR: "rectangle",
  KeyO: "ellipse",
  KeyL: "lasso",
  KeyP: "polygon",
  KeyG: "fill",
  KeyH: "hand",
};

export class Hand {
  constructor(surface, view) {
    this.surface = surface;
    this.view = view;
    this.model = surface.model;
    /** @type {import("./painter_surface.js").Ink | null} */
    this.ink = null;
    this.fingers = new Map();
    this.panning = null;
    this.lastPoint = null;
    this.keyboard = null; // where the keyboard's crosshair is
    const { ink } = view;
    ink.tabIndex = 0;
    ink.setAttribute("role", "application");
    ink.setAttribute("aria-roledescription", "painting area");
    ink.setAttribute(
      "aria-label",
      "Mask. Arrow keys move a crosshair, Enter puts the tool down and lifts it, Escape cancels, " +
        "[ and ] change the brush, Control Z takes back.",
    );
    this.listening = new AbortController();
    const { signal } = this.listening;
    const on = (name, handler, options) => ink.addEventListener(name, handler.bind(this), { ...options, signal });
    on("pointerdown", this.down);
    on("pointermove", this.move);
    on("pointerup", this.up);
    on("pointercancel", this.up);
    on("lostpointercapture", this.up);
    on("pointerleave", () => !this.ink && this.keyboard === null && this.view.point(0, 0, 0));
    on("dblclick", () => this.ink?.shape === "polygon" && this.finish());
    on("contextmenu", (event) => {
      event.preventDefault();
      event.stopPropagation(); // JupyterLab has a menu too
    });
    // The notebook would move the focus, and with it the page, on its own.
    on("mousedown", (event) => event.preventDefault());
    on("wheel", this.wheel, { passive: false });
    on("keydown", this.key);
    on("keyup", (event) => event.code === "Space" && this.holdSpace(false));
    on("blur", this.left);
    // A trackpad's pinch arrives as a wheel with Ctrl, though no key is down.
    const watch = (event) => {
      if (event.key === "Control" || event.type === "blur") this.control = event.type === "keydown";
    };
    for (const name of ["keydown", "keyup", "blur"]) window.addEventListener(name, watch, { capture: true, signal });
  }

  left() {
    this.view.ink.classList.remove("iwp-pointed");
    this.holdSpace(false);
    if (this.keyboard !== null && this.ink?.shape !== "polygon") this.finish();
    this.crosshair(null);
  }

  remove() {
    clearInterval(this.timer);
    this.listening.abort();
  }

  get tool() {
    return this.model.get("tool");
  }

  get radius() {
    return this.model.get("brush_radius");
  }

  // Strokes and shapes, whatever draws them

  /** @param {[number, number]} at @param {boolean} erase @param {number} width   of the point, 0 to 1 */
  begin(at, erase, width = 1, from = null) {
    const { tool } = this;
    if (tool === "fill") {
      this.send("fill", { erase }, [at]);
      return;
    }
    const brush = BRUSHES.includes(tool);
    this.ink = {
      trail: brush ? new Trail() : null,
      path: brush ? null : [at, at],
      shape: brush ? "stroke" : tool,
      erase,
      radius: this.radius,
      softness: this.model.get("softness"),
      closed: tool === "lasso" || tool === "polygon",
      last: Infinity,
      id: (this.surface.strokes = (this.surface.strokes ?? 0) + 1),
    };
    this.surface.ink.push(this.ink);
    if (brush) {
      if (from) this.ink.trail.add(...from, width);
      this.ink.trail.add(...at, width);
      this.lastPoint = at;
      this.surface.drawNew(this.ink, 0);
      this.flush(false);
      this.timer = setInterval(() => this.flush(false), FLUSH);
    } else {
      this.showShape();
    }
  }

  /** @param {[number, number, number][]} points @param {boolean} square */
  extend(points, square = false) {
    const { ink } = this;
    if (!ink) return;
    const at = points.at(-1).slice(0, 2);
    if (ink.trail) {
      const from = ink.trail.length;
      for (const point of points) ink.trail.add(...point);
      this.lastPoint = at;
      if (ink.trail.length > from) this.surface.drawNew(ink, from);
    } else {
      if (ink.shape === "lasso") {
        ink.path.push(...points.map(([x, y]) => [x, y]));
      } else if (ink.shape === "polygon") {
        ink.path[ink.path.length - 1] = at;
      } else {
        this.anchor ??= ink.path[0];
        const [x0, y0, x1, y1] = boxBetween(this.anchor, at, square);
        ink.path = [[x0, y0], [x1, y1]];
      }
      this.showShape();
    }
  }

  showShape() {
    for (const view of this.surface.views) view.drawShape();
  }

  finish() {
    const { ink } = this;
    if (!ink) return;
    clearInterval(this.timer);
    this.ink = null;
    this.anchor = null;
    if (ink.trail) {
      this.flush(true, ink);
      return;
    }
    const path = ink.shape === "polygon" ? ink.path.slice(0, -1) : ink.path;
    const [[x0, y0], [x1, y1]] = [path[0], path[1] ?? path[0]];
    const empty = ink.path.length > 2 || ink.closed ? path.length < 3 : x0 === x1 || y0 === y1;
    if (empty) {
      this.forget(ink);
    } else {
      ink.path = path;
      ink.last = this.send(ink.shape, { erase: ink.erase }, path);
      if (ink.erase) this.surface.eraseFrom(ink, 0);
      for (const view of this.surface.views) view.redraw();
    }
  }

  cancel() {
    const { ink } = this;
    if (!ink) return;
    clearInterval(this.timer);
    this.ink = null;
    this.anchor = null;
    if (ink.trail) this.surface.outbox.send({ kind: "stroke", stroke: ink.id, cancel: true });
    this.forget(ink);
  }

  forget(ink) {
    this.surface.ink = this.surface.ink.filter((each) => each !== ink);
    this.surface.redraw();
  }

  flush(end, ink = this.ink) {
    if (!ink?.trail || (!end && ink.trail.sent === ink.trail.points.length)) return;
    const { id, erase, radius, softness } = ink;
    const content = { kind: "stroke", stroke: id, erase, radius, softness, end };
    const number = this.surface.outbox.send(content, [ink.trail.take().buffer]);
    if (end) ink.last = number;
  }

  send(kind, content, points) {
    return this.surface.outbox.send({ kind, ...content }, [new Float32Array(points.flat()).buffer]);
  }

  command(name, amount = null) {
    this.cancel();
    this.surface.outbox.send({ kind: "command", name, amount });
  }

  // Mouse, pen, fingers

  down(event) {
    this.view.ink.classList.add("iwp-pointed"); // whoever points knows where the focus is
    this.view.ink.focus({ preventScroll: true });
    event.preventDefault();
    this.crosshair(null);
    if (event.pointerType === "touch") this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.fingers.size > 1) {
      this.cancel(); // a second finger: not a stroke but a pinch
      this.pinch = null;
      return;
    }
    if (this.pointer !== undefined && this.ink && this.ink.shape !== "polygon") return;
    this.capture(event);
    if (this.tool === "hand" || event.button === 1 || this.space) {
      this.panning = [event.clientX, event.clientY];
      this.spaceUsed = true;
      return;
    }
    const at = this.view.imageAt(event);
    if (this.ink?.shape === "polygon") {
      this.corner(at);
      return;
    }
    const line = event.shiftKey && BRUSHES.includes(this.tool) ? this.lastPoint : null;
    this.begin(at, takesAway(event, this.tool), line ? 1 : pressureOf(event), line);
  }

  /** A synthetic pointer cannot be captured; its stroke then ends where it leaves the canvas. */
  capture(event) {
    this.pointer = event.pointerId;
    try {
      this.view.ink.setPointerCapture(event.pointerId);
    } catch (error) {
      if (error.name !== "NotFoundError") throw error;
    }
  }

  /** A click of the polygon tool. */
  corner(at) {
    const first = this.view.toStage(this.ink.path[0]);
    const here = this.view.toStage(at);
    const before = this.view.toStage(this.ink.path.at(-2));
    const apart = (one) => Math.hypot(one[0] - here[0], one[1] - here[1]);
    if (apart(first) < CLOSE_ENOUGH && this.ink.path.length > 3) {
      this.finish();
    } else if (apart(before) > 1) { // not the second click of a double one
      this.ink.path[this.ink.path.length - 1] = at;
      this.ink.path.push(at);
      this.showShape();
    }
  }

  move(event) {
    if (this.fingers.has(event.pointerId)) {
      this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.fingers.size > 1) {
        this.movePinch();
        return;
      }
    }
    const brush = BRUSHES.includes(this.tool) && !this.space;
    this.view.point(event.clientX, event.clientY, brush ? this.radius : 0);
    if (this.panning) {
      this.view.pan(event.clientX - this.panning[0], event.clientY - this.panning[1]);
      this.panning = [event.clientX, event.clientY];
    } else if (this.ink && (event.pointerId === this.pointer || this.ink.shape === "polygon")) {
      const events = event.getCoalescedEvents?.() ?? [];
      const points = (events.length ? events : [event]).map((each) => [...this.view.imageAt(each), pressureOf(each)]);
      this.extend(points, event.shiftKey);
    }
  }

  up(event) {
    const wasPinching = this.fingers.size > 1;
    this.fingers.delete(event.pointerId);
    if (wasPinching) this.pinch = null;
    if (event.pointerId !== this.pointer) return;
    this.pointer = undefined;
    this.panning = null;
    if (this.ink && this.ink.shape !== "polygon") {
      if (event.type === "pointerup") this.extend([[...this.view.imageAt(event), this.lastWidth(event)]], event.shiftKey);
      this.finish();
    }
  }

  /** A pen that is lifted reports no pressure: the stroke ends as wide as it last was. */
  lastWidth(event) {
    return event.pointerType === "pen" ? (this.ink.trail?.points.at(-1) ?? 1) : 1;
  }

  movePinch() {
    const [[x0, y0], [x1, y1]] = [...this.fingers.values()];
    const now = { clientX: (x0 + x1) / 2, clientY: (y0 + y1) / 2, apart: Math.hypot(x1 - x0, y1 - y0) };
    if (this.pinch) {
      this.view.zoom(now.apart / Math.max(1, this.pinch.apart), now);
      this.view.pan(now.clientX - this.pinch.clientX, now.clientY - this.pinch.clientY);
    }
    this.pinch = now;
  }

  /**
   * The wheel alone scrolls the page. With Ctrl it changes the brush, or zooms where the tool has none;
   * with Alt, and by a trackpad's pinch (which browsers report as Ctrl with no key down), it zooms.
   */
  wheel(event) {
    if (!event.ctrlKey && !event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const amount = event.deltaY || event.deltaX;
    if (!amount) return;
    const pinch = event.ctrlKey && !this.control;
    if (event.ctrlKey && !event.altKey && !event.shiftKey && !pinch && BRUSHES.includes(this.tool)) {
      this.resize(-amount);
      this.view.point(event.clientX, event.clientY, this.radius);
    } else {
      const lines = event.deltaMode === 1 ? 16 : 1;
      this.view.zoom(Math.exp(clamp(-amount * lines, -250, 250) / (pinch ? 100 : 400)), event);
    }
  }

  resize(direction) {
    this.set("brush_radius", nextRadius(this.radius, direction, this.model.get("_largest_radius")));
  }

  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  // Keys

  /** Keys stay here, except the ones that leave: Tab, and saving the notebook. */
  key(event) {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.code === "KeyS") return;
    event.stopPropagation();
    if (event.key.startsWith("Arrow")) this.view.ink.classList.remove("iwp-pointed");
    if (event.key === "Tab" || !this.handle(event, command)) return;
    event.preventDefault();
  }

  /** @returns {boolean} whether the key meant something here */
  handle(event, command) {
    const letter = event.key.toLowerCase();
    if (command) {
      if (letter === "z") this.command(event.shiftKey ? "redo" : "undo");
      else if (letter === "y") this.command("redo");
      else return false;
      return true;
    }
    if (event.key.startsWith("Arrow")) return this.arrow(event);
    if (event.key === "[" || event.code === "BracketLeft") this.resize(-1);
    else if (event.key === "]" || event.code === "BracketRight") this.resize(1);
    else if (event.code === "Space") this.holdSpace(true);
    else if (event.key === "Enter") this.enter();
    else if (event.key === "Escape") this.escape();
    else if (event.key === "+" || event.key === "=") this.view.zoom(1.5);
    else if (event.key === "-") this.view.zoom(1 / 1.5);
    else if (event.key === "0") this.view.see({ zoom: 1, left: 0, top: 0 });
    else if (event.key === "1") this.view.zoom(1 / this.view.scale);
    else if (letter === "i") this.command("invert");
    else if (TOOL_KEYS[event.code] && !event.altKey) this.choose(TOOL_KEYS[event.code]);
    else return false;
    return true;
  }

  choose(tool) {
    this.cancel();
    this.set("tool", tool);
  }

  holdSpace(down) {
    this.space = down;
    this.view.stage.classList.toggle("iwp-pan", down);
  }

  escape() {
    if (this.ink) this.cancel();
    else this.crosshair(null);
  }

  crosshair(at) {
    this.keyboard = at;
    this.view.crossAt(at, BRUSHES.includes(this.tool) ? this.radius : 0);
  }

  /** Move the crosshair; what is being drawn follows it, and with Alt a rectangle moves as a whole. */
  arrow(event) {
    const [width, height] = this.surface.size;
    const step = Math.max(1, Math.max(width, height) / 100) * (event.shiftKey ? 5 : 1);
    const dx = { ArrowLeft: -step, ArrowRight: step }[event.key] ?? 0;
    const dy = { ArrowUp: -step, ArrowDown: step }[event.key] ?? 0;
    const from = this.keyboard ?? [width / 2, height / 2];
    const at = this.keyboard === null ? from : [clamp(from[0] + dx, 0, width), clamp(from[1] + dy, 0, height)];
    this.crosshair(at);
    if (event.altKey && this.ink?.path && this.anchor) {
      this.anchor = [this.anchor[0] + dx, this.anchor[1] + dy];
    }
    if (this.ink) this.extend([[...at, 1]]);
    return true;
  }

  enter() {
    if (this.keyboard === null) {
      if (this.ink?.shape === "polygon") this.finish();
      else this.crosshair(this.surface.size.map((side) => side / 2));
    } else if (this.ink?.shape === "polygon") {
      this.corner(this.keyboard);
    } else if (this.ink) {
      this.finish();
    } else {
      this.begin(this.keyboard, this.tool === "eraser");
    }
  }
}

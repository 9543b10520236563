import { clamp, pressureOf, takesAway } from "./strokes.js";

/** Mouse, pen, fingers and wheel on the picture. Ink is drawn in the handler of the event itself. */

export class Hand {
  constructor(surface, view, draw) {
    this.surface = surface;
    this.view = view;
    this.draw = draw;
    this.fingers = new Map();
    this.panning = null;
    this.space = false; // whether Space is held, which moves the picture
    this.listening = new AbortController();
    const { ink } = view;
    const { signal } = this.listening;
    const on = (name, handler, options) => ink.addEventListener(name, handler.bind(this), { ...options, signal });
    on("pointerdown", this.down);
    on("pointermove", this.move);
    on("pointerup", this.up);
    on("pointercancel", this.up);
    on("lostpointercapture", this.up);
    on("pointerleave", () => !draw.ink && view.point(null));
    on("dblclick", () => draw.ink?.shape === "polygon" && draw.finish());
    on("contextmenu", (event) => {
      event.preventDefault();
      event.stopPropagation(); // JupyterLab has a menu too
    });
    // The notebook would move the focus, and with it the page, on its own.
    on("mousedown", (event) => event.preventDefault());
    on("wheel", this.wheel, { passive: false });
    // A trackpad's pinch arrives as a wheel with Ctrl, though no key is down.
    const watch = (event) => {
      if (event.key === "Control" || event.type === "blur") this.control = event.type === "keydown";
    };
    for (const name of ["keydown", "keyup", "blur"]) window.addEventListener(name, watch, { capture: true, signal });
  }

  remove() {
    this.listening.abort();
  }

  holdSpace(down) {
    this.space = down;
    this.view.stage.classList.toggle("iwp-pan", down);
    this.view.drawRing();
  }

  down(event) {
    const { draw, view } = this;
    view.ink.classList.add("iwp-pointed"); // whoever points knows where the focus is
    view.ink.focus({ preventScroll: true });
    event.preventDefault();
    view.crossAt(null);
    if (event.pointerType === "touch" && this.penned) return; // the palm of the hand that holds the pen
    if (event.pointerType === "touch") this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.fingers.size > 1) {
      draw.cancel(); // a second finger: not a stroke but a pinch
      this.pinch = null;
      return;
    }
    if (this.pointer !== undefined && draw.ink && draw.ink.shape !== "polygon") return;
    this.capture(event);
    this.penned = event.pointerType === "pen";
    if (draw.tool === "hand" || event.button === 1 || this.space) {
      this.panning = [event.clientX, event.clientY];
      return;
    }
    const at = view.imageAt(event);
    if (draw.ink?.shape === "polygon") {
      draw.corner(at);
      return;
    }
    const line = event.shiftKey && draw.brushing ? draw.lastPoint : null;
    draw.begin(at, takesAway(event, draw.tool), line ? 1 : pressureOf(event), line);
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

  move(event) {
    const { draw, view } = this;
    if (this.fingers.has(event.pointerId)) {
      this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.fingers.size > 1) {
        this.movePinch();
        return;
      }
    }
    view.point([event.clientX, event.clientY]);
    if (this.panning) {
      view.pan(event.clientX - this.panning[0], event.clientY - this.panning[1]);
      this.panning = [event.clientX, event.clientY];
    } else if (draw.ink && (event.pointerId === this.pointer || draw.ink.shape === "polygon")) {
      const events = event.getCoalescedEvents?.() ?? [];
      const points = (events.length ? events : [event]).map((each) => [...view.imageAt(each), pressureOf(each)]);
      draw.extend(points, event.shiftKey);
    }
  }

  up(event) {
    const { draw, view } = this;
    const wasPinching = this.fingers.size > 1;
    this.fingers.delete(event.pointerId);
    if (wasPinching) this.pinch = null;
    if (event.pointerId !== this.pointer) return;
    this.pointer = undefined;
    this.penned = false;
    this.panning = null;
    if (draw.ink && draw.ink.shape !== "polygon") {
      if (event.type === "pointerup") draw.extend([[...view.imageAt(event), this.lastWidth(event)]], event.shiftKey);
      draw.finish();
    }
  }

  /** A pen that is lifted reports no pressure: the stroke ends as wide as it last was. */
  lastWidth(event) {
    return event.pointerType === "pen" ? (this.draw.ink.trail?.points.at(-1) ?? 1) : 1;
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
   * The wheel alone scrolls the page; where the painter is zoomed in and has the focus, it moves the picture
   * as far as that goes. With Ctrl it changes the brush, or zooms where the tool has none; with Alt or Ctrl and
   * Shift, and by a trackpad's pinch (which browsers report as Ctrl with no key down), it zooms.
   */
  wheel(event) {
    if (!event.ctrlKey && !event.altKey) {
      this.scroll(event);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const amount = event.deltaY || event.deltaX;
    if (!amount) return;
    const { draw, view } = this;
    const pinch = event.ctrlKey && !this.control;
    if (event.ctrlKey && !event.altKey && !event.shiftKey && !pinch && draw.ring) {
      draw.resize(-amount);
    } else {
      const lines = event.deltaMode === 1 ? 16 : 1;
      view.zoom(Math.exp(clamp(-amount * lines, -250, 250) / (pinch ? 100 : 400)), event);
    }
  }

  scroll(event) {
    const { view } = this;
    if (!view.zoomed || document.activeElement !== view.ink) return;
    const lines = event.deltaMode === 1 ? 16 : 1;
    const before = view.viewport;
    view.pan(-event.deltaX * lines, -event.deltaY * lines);
    if (view.viewport.left === before.left && view.viewport.top === before.top) return; // the page goes on
    event.preventDefault();
    event.stopPropagation();
  }
}

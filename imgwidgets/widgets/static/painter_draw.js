import { Trail, boxBetween, clamp, nextRadius } from "./strokes.js";
import { BRUSHES, CLICKS, FOUND, toolIn } from "./painter_tools.js";

/**
 * What becomes of a gesture, whether by pointer or by keys: strokes, shapes, marks and commands. Ink is
 * drawn at once; the points travel to the kernel in batches, and say themselves what they are for, since
 * mode and colour may be others by the time they are read.
 */

const FLUSH = 50; // milliseconds between two batches of a stroke
const CLOSE_ENOUGH = 8; // CSS pixels from a polygon's first corner that close it

export class Draw {
  constructor(surface, view) {
    this.surface = surface;
    this.view = view;
    this.model = surface.model;
    /** @type {import("./painter_surface.js").Ink | null} */
    this.ink = null;
    this.lastPoint = null;
  }

  remove() {
    clearInterval(this.timer);
  }

  // Settings

  get tool() {
    return this.model.get("tool");
  }

  get brushing() {
    return BRUSHES.includes(this.tool);
  }

  /** Of what is drawn next, in image pixels: the brush's, or half of a mark's width. */
  get radius() {
    return this.surface.marking ? this.model.get("markup_width") / 2 : this.model.get("brush_radius");
  }

  set radius(radius) {
    if (this.surface.marking) this.set({ markup_width: 2 * radius });
    else this.set({ brush_radius: radius });
  }

  get largest() {
    return this.model.get("_largest_radius");
  }

  /** Of the ring around the pointer: nothing for a tool that draws no line. */
  get ring() {
    return this.brushing || this.tool === "arrow" ? this.radius : 0;
  }

  /** @param {number} direction   +1 or -1 */
  resize(direction) {
    this.radius = nextRadius(this.radius, direction, this.largest);
  }

  set(values) {
    if (this.surface.lost) return;
    this.model.set(values);
    this.model.save_changes();
  }

  choose(tool) {
    this.cancel();
    this.set({ tool });
  }

  turn(mode) {
    this.cancel();
    this.set({ mode, tool: toolIn(mode, this.tool) });
  }

  // Strokes and shapes

  /** @param {[number, number]} at @param {boolean} erase @param {number} width   of the point, 0 to 1 */
  begin(at, erase, width = 1, from = null) {
    const { tool, brushing, surface } = this;
    if (surface.lost) return;
    this.ink = {
      trail: brushing ? new Trail() : null,
      path: brushing ? null : [at, at],
      shape: brushing ? "stroke" : tool,
      mode: surface.mode,
      color: this.model.get("markup_color"),
      erase,
      radius: this.radius,
      softness: this.model.get("softness"),
      closed: tool === "lasso" || tool === "polygon",
      last: Infinity,
      id: (surface.strokes = (surface.strokes ?? 0) + 1),
    };
    surface.ink.push(this.ink);
    if (brushing) {
      if (from) this.ink.trail.add(...from, width);
      this.ink.trail.add(...at, width);
      this.lastPoint = at;
      surface.drawNew(this.ink, 0);
      this.flush(false);
      this.timer = setInterval(() => this.flush(false), FLUSH);
    } else {
      this.showShape();
    }
  }

  /** What is done with one click: when it ends, since a second finger may make it a pinch. */
  pick(ink) {
    const tolerance = this.model.get("tolerance");
    const last = this.send(ink.shape, { erase: ink.erase, tolerance }, [ink.path[0]]);
    if (FOUND.includes(ink.shape)) Object.assign(ink, { path: null, last }); // shows that something is on its way
    else this.forget(ink);
    this.showShape();
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
      return;
    }
    if (CLICKS.includes(ink.shape)) return;
    if (ink.shape === "lasso") {
      ink.path.push(...points.map(([x, y]) => [x, y]));
    } else if (ink.shape === "polygon" || ink.shape === "arrow") {
      ink.path[ink.path.length - 1] = at;
    } else {
      this.anchor ??= ink.path[0];
      const [x0, y0, x1, y1] = boxBetween(this.anchor, at, square);
      ink.path = [[x0, y0], [x1, y1]];
    }
    this.showShape();
  }

  showShape() {
    for (const view of this.surface.views) view.drawShape();
  }

  /** A click of the polygon tool. */
  corner(at) {
    const [first, before, here] = [this.ink.path[0], this.ink.path.at(-2), at].map((point) => this.view.toStage(point));
    const apart = (one) => Math.hypot(one[0] - here[0], one[1] - here[1]);
    if (apart(first) < CLOSE_ENOUGH && this.ink.path.length > 3) {
      this.finish();
    } else if (apart(before) > 1) { // not the second click of a double one
      this.ink.path[this.ink.path.length - 1] = at;
      this.ink.path.push(at);
      this.showShape();
    }
  }

  finish() {
    const { ink, surface } = this;
    if (!ink) return;
    this.drop();
    if (ink.trail) {
      this.flush(true, ink);
      return;
    }
    if (CLICKS.includes(ink.shape)) {
      this.pick(ink);
      return;
    }
    const path = ink.shape === "polygon" ? ink.path.slice(0, -1) : ink.path;
    const [[x0, y0], [x1, y1]] = [path[0], path[1] ?? path[0]];
    let empty = x0 === x1 || y0 === y1;
    if (ink.closed) empty = path.length < 3;
    else if (ink.shape === "arrow") empty = x0 === x1 && y0 === y1;
    if (empty) {
      this.forget(ink);
      return;
    }
    ink.path = path;
    if (ink.shape === "arrow") ink.last = this.sendLine(ink, true, new Float32Array([x0, y0, 1, x1, y1, 1]));
    else ink.last = this.send(ink.shape, { erase: ink.erase }, path);
    if (ink.erase) surface.eraseFrom(ink, 0);
    for (const view of surface.views) view.redraw();
  }

  cancel() {
    const { ink } = this;
    if (!ink) return;
    this.drop();
    if (ink.trail) this.surface.outbox.send({ kind: lineKind(ink), stroke: ink.id, cancel: true });
    this.forget(ink);
  }

  drop() {
    clearInterval(this.timer);
    this.ink = null;
    this.anchor = null;
  }

  forget(ink) {
    this.surface.ink = this.surface.ink.filter((each) => each !== ink);
    this.surface.redraw();
  }

  // To the kernel

  flush(end, ink = this.ink) {
    if (!ink?.trail || (!end && ink.trail.sent === ink.trail.points.length)) return;
    const number = this.sendLine(ink, end, ink.trail.take());
    if (end) ink.last = number;
  }

  /** @param {Float32Array} points   x, y and width for each */
  sendLine(ink, end, points) {
    const { id, erase, radius, softness, color, shape } = ink;
    const how = ink.mode === "markup" ? { width: 2 * radius, color, arrow: shape === "arrow" } : { radius, softness };
    return this.surface.outbox.send({ kind: lineKind(ink), stroke: id, erase, end, ...how }, [points.buffer]);
  }

  send(kind, content, points) {
    return this.surface.outbox.send({ kind, ...content }, [new Float32Array(points.flat()).buffer]);
  }

  /** A command ends what is being drawn; undo takes back that, or a polygon's last corner, and nothing before it. */
  command(name, amount = null) {
    const { ink } = this;
    if (ink && name === "undo") {
      if (ink.shape === "polygon" && ink.path.length > 2) {
        ink.path.splice(-2, 1);
        this.showShape();
      } else {
        this.cancel();
      }
      return;
    }
    this.cancel();
    this.surface.outbox.send({ kind: "command", mode: this.surface.mode, name, amount });
  }

  /** @param {[number, number]} at @param {number} dx @param {number} dy @returns {[number, number]} inside the image */
  moved(at, dx, dy) {
    const [width, height] = this.surface.size;
    return [clamp(at[0] + dx, 0, width), clamp(at[1] + dy, 0, height)];
  }
}

const lineKind = (ink) => (ink.mode === "markup" ? "mark" : "stroke");

import { arrowHead, Outbox, drawTrail, parseColour, tint, transformTo, WHOLE } from "./strokes.js";
import { cut, findLayers, inflate, OwnLayers, put } from "./painter_layers.js";
import { FOUND } from "./painter_tools.js";

/**
 * What one painter has in one page, however many views show it: the ipycanvas layers, the mask and the
 * markup as the kernel last sent them, and the ink that the kernel has not taken up yet. One of mask and
 * markup is shown, on the same layer.
 *
 * The kernel sends the picture and the changed part of the mask by custom message, and this draws
 * them on ipycanvas' own layers. ipycanvas' put_image_data would do it too, but it keeps a blob URL
 * for each call until the page is closed, and nothing tells when its picture has been decoded: the
 * ink would be wiped away before the mask is there.
 *
 * @typedef {import("./strokes.js").Trail} Trail
 * @typedef {{trail: Trail | null, path: number[][] | null, shape: string, mode: string, color: string,
 *            erase: boolean, radius: number, closed: boolean, last: number}} Ink
 *     Ink on its way: a brush's trail, or the outline of a shape; `last` is the number of its last
 *     message, or Infinity while it is being drawn.
 */

/** What a kernel's status says where it will never answer a widget that it made before. */
const ENDED = ["restarting", "autorestarting", "terminating", "dead"];

export const GONE = "The kernel that made this is gone: run the cell again";

export class Surface {
  constructor(model) {
    this.model = model;
    /** @type {Set<any>} */
    this.views = new Set();
    /** @type {Ink[]} */
    this.ink = [];
    this.coverage = null; // of the mask: a byte a pixel
    this.marks = null; // the markup: four bytes a pixel
    this.others = null;
    this.picture = null;
    this.own = null;
    this.client = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    this.lost = false; // whether the kernel is gone
    this.outbox = new Outbox(this.client, (content, buffers) => this.send(content, buffers));
    this.work = Promise.resolve();
    this.ready = this.attach();
    this.watchKernel();
  }

  /** @returns {[number, number]} */
  get size() {
    return this.model.get("_size");
  }

  /** @returns {[number, number]} */
  get display() {
    return this.model.get("_display");
  }

  get mode() {
    return this.model.get("mode");
  }

  get marking() {
    return this.mode === "markup";
  }

  get show() {
    return this.marking ? "overlay" : this.model.get("show");
  }

  /** What ink is drawn with; null takes away. @param {Ink} ink @returns {string | null} */
  colourOf(ink) {
    if (ink.erase) return null;
    if (this.marking) return ink.color;
    return { mask: "#ffffff", sent: "#d8d8d8" }[this.show] ?? this.model.get("overlay_color");
  }

  get opacity() {
    return !this.marking && this.show === "overlay" ? this.model.get("overlay_opacity") : 1;
  }

  /** The ink of the present mode; the other's comes back with it. */
  get visible() {
    return this.ink.filter((ink) => ink.mode === this.mode);
  }

  async attach() {
    try {
      const { canvas, layers } = await findLayers(this.model);
      this.canvas = canvas;
      this.layers = layers;
      canvas.on("comm_live_update", () => canvas.comm_live === false && this.lose());
      if (canvas.comm_live === false) this.lose(); // a saved notebook, and no kernel behind it
      // A new size empties ipycanvas' layers, and may arrive after the new picture.
      for (const layer of layers) layer.on("change:width change:height", () => this.soon());
    } catch (error) {
      console.warn("[imgwidgets] painting without ipycanvas:", error);
      this.own = new OwnLayers(this.display);
      this.layers = this.own.layers;
    }
  }

  /** Front ends tell of a kernel that ends, or is started anew, in one way or another. */
  watchKernel() {
    const kernel = this.model.widget_manager.kernel;
    const listen = (_, status) => {
      if (!ENDED.includes(status)) return;
      kernel.statusChanged.disconnect(listen);
      this.lose();
    };
    kernel?.statusChanged?.connect?.(listen);
  }

  /** All that goes to the kernel, but for traits. */
  send(content, buffers) {
    if (this.lost) return;
    try {
      this.model.send(content, undefined, buffers);
    } catch (error) {
      console.warn("[imgwidgets] the kernel does not take messages:", error);
      this.lose();
    }
  }

  /** Say that nobody is there to paint for: ink that never becomes a mask would be a lie. */
  lose() {
    if (this.lost) return;
    this.lost = true;
    for (const view of this.views) view.lose();
  }

  async createView() {
    if (this.own) return this.own.createView();
    const view = await this.model.widget_manager.create_view(this.canvas);
    view.trigger("displayed");
    return view;
  }

  /** Take ipycanvas' own view of this painter away: it is there for front ends where this code cannot run. */
  removePlainViews(root, mine) {
    for (const waiting of Object.values(this.canvas?.views ?? {})) {
      Promise.resolve(waiting).then((view) => {
        if (view === mine || view.el?.parentElement !== root) return;
        // Out of the page, but not disposed: its box still sends it messages.
        if (view.luminoWidget) view.luminoWidget.parent = null;
        else view.remove();
      });
    }
  }

  /** Whether the picture's layer is still empty: the picture itself is opaque. */
  get blank() {
    if (!this.layers) return true;
    const { canvas } = this.layers[0];
    // Not read from the layer itself, which the browser would then move out of the GPU.
    const one = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const pen = one.getContext("2d", { willReadFrequently: true });
    pen.drawImage(canvas, canvas.width >> 1, canvas.height >> 1, 1, 1, 0, 0, 1, 1);
    return pen.getImageData(0, 0, 1, 1).data[3] === 0;
  }

  hello() {
    this.send({ kind: "hello", client: this.client, blank: this.blank });
    // The kernel may just be drawing the picture through ipycanvas.
    setTimeout(() => this.blank && !this.picture && this.send({ kind: "picture", client: this.client }), 1500);
  }

  /** Messages are applied one after the other, since their contents are decoded asynchronously. */
  receive(message, buffers) {
    this.work = this.work.then(() => this.apply(message, buffers)).catch((error) => this.report(error));
    return this.work;
  }

  async apply(message, buffers) {
    await this.ready;
    if (message.kind === "picture") {
      this.picture = await createImageBitmap(new Blob([buffers[0]]));
      this.drawPicture();
    } else if (message.kind === "overlay") {
      await this.applyOverlay(message, buffers);
    } else if (message.kind === "detail") {
      for (const view of this.views) if (view.id === message.view) await view.applyDetail(message, buffers, inflate);
    } else if (message.kind === "others") {
      this.others = message.labels.map((label, index) => ({ label, data: message.shown[index] ? buffers.shift() : null }));
      for (const view of this.views) view.showOthers();
    } else if (message.kind === "missing" && message.client === this.client) {
      this.outbox.again(message.from, message.to);
    }
  }

  async applyOverlay({ rect, marked, size, done, fresh }, buffers) {
    const [width, height] = size;
    const parts = await Promise.all(buffers.map(inflate));
    if (fresh || this.coverage?.length !== width * height || this.width !== width) {
      this.coverage = new Uint8Array(width * height);
      this.marks = null;
      this.width = width;
    }
    if (rect) put(this.coverage, parts.shift(), rect, width, 1);
    if (marked) {
      this.marks ??= new Uint8ClampedArray(4 * width * height);
      put(this.marks, parts.shift(), marked, width, 4);
    }
    const changed = this.marking ? marked : rect;
    if (fresh) this.drawMask();
    else if (changed) this.drawMask(changed);
    const taken = done[this.client] ?? 0;
    this.outbox.done(taken);
    this.settled = taken;
    // A view that is zoomed in shows the mask in its own resolution, and keeps its ink until that is there.
    for (const view of this.views) view.maskChanged(Boolean(changed || fresh));
    this.settle();
  }

  /** Forget the ink that every view shows as mask, and draw what is left. */
  settle() {
    const waiting = Math.min(Infinity, ...[...this.views].map((view) => view.settled));
    const taken = Math.min(this.settled ?? 0, waiting);
    const left = this.ink.filter((ink) => ink.last > taken);
    if (left.length !== this.ink.length) {
      this.ink = left;
      for (const view of this.views) view.drawShape();
    }
    this.eraseAgain();
  }

  /** What takes away and the kernel does not know yet; a shape takes away only once it is finished. */
  get erasures() {
    return this.visible.filter((ink) => ink.erase && (ink.trail || ink.last < Infinity));
  }

  drawPicture() {
    if (!this.picture || !this.layers) return;
    if (this.own && this.layers[0].canvas.width !== this.display[0]) this.own.resize(this.display);
    const { canvas, ctx } = this.layers[0];
    ctx.drawImage(this.picture, 0, 0, canvas.width, canvas.height);
    this.layers[0].syncViews();
  }

  /** Draw a part of the mask or the markup, or all of it, as the kernel last told it. */
  drawMask(rect = null) {
    if (!this.coverage || !this.layers) return;
    const layer = this.layers[1];
    const { width, marking } = this;
    const [x, y, w, h] = rect ?? [0, 0, width, this.coverage.length / width];
    if (marking && !this.marks) {
      layer.ctx.clearRect(x, y, w, h);
    } else {
      const part = marking ? cut(this.marks, [x, y, w, h], width, 4) : cut(this.coverage, [x, y, w, h], width, 1);
      layer.ctx.putImageData(new ImageData(this.pixels(part, w, [x, y]), w, h), x, y);
    }
    layer.syncViews();
  }

  /** What is to be seen of a part of the mask or the markup: RGBA. */
  pixels(part, width, corner) {
    if (this.marking) return new Uint8ClampedArray(part);
    const colour = parseColour(this.model.get("overlay_color"));
    return tint(part, width, this.show, colour, this.model.get("overlay_opacity"), corner);
  }

  soon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.redraw());
  }

  redraw() {
    this.drawPicture();
    this.drawMask();
    this.eraseAgain();
    for (const view of this.views) view.redraw();
  }

  eraseAgain() {
    for (const ink of this.erasures) this.eraseFrom(ink, 0);
  }

  /** The eraser has no ink: it takes from the mask's own layer, at once. */
  eraseFrom(ink, from) {
    if (!this.layers) return; // not there yet; the kernel's answer will show it
    const { canvas, ctx } = this.layers[1];
    ctx.save();
    const { a, d, e, f } = transformTo(WHOLE, this.size, [canvas.width, canvas.height]);
    ctx.setTransform(a, 0, 0, d, e, f);
    drawInk(ctx, ink, from, this.show === "mask" ? "#000000" : null);
    ctx.restore();
    this.layers[1].syncViews();
  }

  /** Draw new ink in every view, in this frame. @param {Ink} ink @param {number} from   the first new point */
  drawNew(ink, from) {
    if (ink.erase) this.eraseFrom(ink, from);
    for (const view of this.views) view.drawNew(ink, from);
  }

  report(error) {
    console.error("[imgwidgets]", error);
    for (const view of this.views) view.showError(`The painter's display failed: ${error?.message ?? error}`);
  }
}

/**
 * Draw ink on a context whose transform maps image pixels to its buffer.
 * @param {CanvasRenderingContext2D} pen @param {Ink} ink @param {number} from   index of a trail's first new point
 * @param {string | null} colour   null takes away
 */
export function drawInk(pen, ink, from, colour) {
  pen.globalCompositeOperation = colour === null ? "destination-out" : "source-over";
  pen.globalAlpha = 1;
  pen.fillStyle = pen.strokeStyle = colour ?? "#000000";
  if (FOUND.includes(ink.shape)) return; // what will be selected is not known yet
  if (ink.trail) {
    drawTrail(pen, ink.trail, ink.radius, from);
  } else if (ink.shape === "arrow") {
    drawArrow(pen, ink);
  } else if (ink.shape === "ellipse" && ink.path.length > 1) {
    const [[x0, y0], [x1, y1]] = ink.path;
    pen.beginPath();
    pen.ellipse((x0 + x1) / 2, (y0 + y1) / 2, Math.abs(x1 - x0) / 2, Math.abs(y1 - y0) / 2, 0, 0, 2 * Math.PI);
    pen.fill();
  } else if (ink.shape === "rectangle" && ink.path.length > 1) {
    const [[x0, y0], [x1, y1]] = ink.path;
    pen.fillRect(x0, y0, x1 - x0, y1 - y0);
  } else if (ink.path?.length > 2 && ink.closed) {
    pen.beginPath();
    for (const [x, y] of ink.path) pen.lineTo(x, y);
    pen.fill(ink.shape === "lasso" ? "nonzero" : "evenodd"); // as the kernel fills them
  }
}

function drawArrow(pen, { path, radius }) {
  const [from, tip] = path;
  pen.lineWidth = 2 * radius;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  for (const [x, y] of [from, tip, ...arrowHead(from, tip, 2 * radius)]) pen.lineTo(x, y);
  pen.stroke();
}

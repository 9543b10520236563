import { clamp, clampView, largestZoom, toImage, transformTo, visibleBox, WHOLE, zoomAt } from "./strokes.js";
import { make } from "./painter_layers.js";
import { drawInk, GONE } from "./painter_surface.js";
import { FOUND } from "./painter_tools.js";

/**
 * One view of a painter: the picture's canvas, a canvas for ink above it, the cursor, and the part of
 * the picture that is shown. What the hand does with it is in painter_hand.js.
 *
 * Zooming in stretches ipycanvas' canvas at once; the kernel then sends what is visible in the
 * image's own pixels, and two more canvases show that above the stretched one.
 */

const SVG = "http://www.w3.org/2000/svg";

export class View {
  constructor(surface, root) {
    this.surface = surface;
    this.model = surface.model;
    this.id = crypto.randomUUID?.() ?? String(Math.random());
    this.viewport = WHOLE;
    this.detail = null;
    this.settled = Infinity; // the last message whose result this view shows; not zoomed in, the surface shows all
    this.stage = make("div", "iwp-stage", root);
    this.problem = make("div", "iwp-error", root);
    this.problem.setAttribute("role", "alert");
    this.crossed = null; // where in the image the keyboard's crosshair is
    this.pointed = null; // where in the page the pointer is, while it is over the picture
    this.radius = () => 0; // of the ring, in image pixels
    this.plane = make("div", "iwp-plane", this.stage);
    this.ink = make("canvas", "iwp-ink", this.stage);
    this.pen = this.ink.getContext("2d");
    this.outline = document.createElementNS(SVG, "svg");
    this.outline.setAttribute("class", "iwp-outline");
    this.outline.setAttribute("aria-hidden", "true");
    for (const name of ["iwp-halo", "iwp-dash"]) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      this.outline.append(path);
    }
    this.stage.append(this.outline);
    this.ring = make("div", "iwp-ring", this.stage);
    this.ring.hidden = true;
    this.cross = make("div", "iwp-cross", this.stage);
    this.cross.hidden = true;
    this.strip = make("div", "iwp-others", root);
    this.resizer = new ResizeObserver(() => this.fit());
    this.resizer.observe(this.stage);
    this.shape();
    surface.views.add(this); // ink can be drawn before the picture is there
  }

  async attach() {
    this.shown = await this.surface.createView();
    this.shown.el.classList.add("iwp-picture");
    this.shown.el.removeAttribute("tabindex"); // the ink above it takes the keyboard
    this.shown.el.setAttribute("aria-hidden", "true");
    this.plane.append(this.shown.el);
    this.fit();
    if (this.surface.lost) this.lose();
  }

  remove() {
    this.resizer.disconnect();
    clearTimeout(this.asking);
    this.surface.views.delete(this);
    this.shown?.remove();
  }

  get rect() {
    return this.ink.getBoundingClientRect();
  }

  get zoomed() {
    return this.viewport.zoom > 1.0001;
  }

  /** Take over the picture's proportions, and what depends on its size. */
  shape() {
    const [width, height] = this.surface.display;
    this.stage.style.width = `min(100%, ${width}px)`;
    this.stage.parentElement.style.setProperty("--iwp-width", `${width}px`);
    this.stage.style.aspectRatio = `${width} / ${height}`;
    this.see(WHOLE);
  }

  /** Give the ink as many pixels as the screen has there. */
  fit() {
    const { width, height } = this.stage.getBoundingClientRect();
    if (!width || !height) return; // hidden, as in a collapsed output
    const dots = Math.min(window.devicePixelRatio || 1, 2);
    const [w, h] = [Math.max(1, Math.round(width * dots)), Math.max(1, Math.round(height * dots))];
    if (this.ink.width !== w || this.ink.height !== h) Object.assign(this.ink, { width: w, height: h });
    this.redraw();
    this.onzoom?.();
  }

  redraw() {
    this.ink.style.opacity = String(this.surface.opacity);
    this.place();
    this.drawInk();
    this.drawDetail();
    this.drawOutline();
    this.crossAt(this.crossed);
  }

  // Ink

  /** @param {CanvasRenderingContext2D} pen */
  aim(pen) {
    const { a, d, e, f } = transformTo(this.viewport, this.surface.size, [this.ink.width, this.ink.height]);
    pen.setTransform(a, 0, 0, d, e, f);
  }

  /** A shape that is being drawn has another outline at each move. */
  drawShape() {
    this.drawInk();
    this.drawOutline();
    this.showWaiting();
  }

  /** Whether wand or smart box are at work. */
  showWaiting() {
    const waiting = this.surface.ink.some((ink) => FOUND.includes(ink.shape) && ink.last < Infinity);
    this.stage.classList.toggle("iwp-waiting", waiting);
  }

  /** Ink of a soft brush is as soft as the mask will be: a blur with the same spread as the brush's even fade. */
  soften() {
    const soft = this.surface.visible.map((ink) => (ink.trail && ink.mode === "mask" ? ink.radius * ink.softness : 0));
    const same = soft.length > 0 && soft.every((one) => one === soft[0]);
    const blur = same ? (soft[0] * this.scale) / Math.sqrt(3) : 0;
    this.ink.style.filter = blur > 0.5 ? `blur(${blur.toFixed(1)}px)` : "";
  }

  drawNew(ink, from) {
    if (from === 0) this.soften();
    this.aim(this.pen);
    drawInk(this.pen, ink, from, this.surface.colourOf(ink));
    if (ink.erase) this.eraseDetail(ink, from);
  }

  drawInk() {
    this.pen.setTransform(1, 0, 0, 1, 0, 0);
    this.pen.clearRect(0, 0, this.ink.width, this.ink.height);
    this.aim(this.pen);
    this.soften();
    for (const ink of this.surface.visible) drawInk(this.pen, ink, 0, this.surface.colourOf(ink));
  }

  /** The kernel has a new mask. @param {boolean} changed */
  maskChanged(changed) {
    if (!this.zoomed) {
      this.settled = Infinity;
    } else if (changed) {
      this.askForDetail(false, 0);
    } else {
      this.settled = this.surface.settled;
    }
  }

  // Cursor and outline

  /** The pointer is at a place of the page, or has left. @param {[number, number] | null} at */
  point(at) {
    this.pointed = at;
    this.drawRing();
  }

  /** Show the brush's ring, in its true size, around the pointer or the crosshair. */
  drawRing() {
    const { rect } = this;
    const radius = this.surface.lost ? 0 : this.radius();
    const place = this.crossed ? this.toStage(this.crossed) : null;
    const at = place ? [rect.left + place[0], rect.top + place[1]] : this.pointed;
    this.ring.hidden = !radius || !at;
    if (this.ring.hidden) return;
    const [clientX, clientY] = at;
    const size = 2 * radius * this.scale;
    Object.assign(this.ring.style, {
      width: `${size}px`,
      height: `${size}px`,
      transform: `translate(${clientX - rect.left - size / 2}px, ${clientY - rect.top - size / 2}px)`,
    });
  }

  /** Show the keyboard's crosshair at a place of the image, or nothing. */
  crossAt(at) {
    this.crossed = at;
    this.cross.hidden = at === null;
    if (at !== null) {
      const [x, y] = this.toStage(at);
      this.cross.style.transform = `translate(${x}px, ${y}px)`;
    }
    this.drawRing();
  }

  /** From image pixels to CSS pixels of the stage. */
  toStage([x, y]) {
    const { width, height } = this.rect;
    const { a, d, e, f } = transformTo(this.viewport, this.surface.size, [width, height]);
    return [x * a + e, y * d + f];
  }

  /** @param {PointerEvent | WheelEvent} event */
  imageAt(event) {
    return toImage(event.clientX, event.clientY, this.rect, this.viewport, this.surface.size);
  }

  drawOutline() {
    const ink = this.surface.visible.find((each) => each.path && (each.last === Infinity || each.shape === "box"));
    let line = "";
    if (["rectangle", "ellipse", "box"].includes(ink?.shape)) {
      const [[x0, y0], [x1, y1]] = ink.path.map((at) => this.toStage(at));
      const [rx, ry] = [(x1 - x0) / 2, (y1 - y0) / 2];
      line =
        ink.shape === "ellipse"
          ? `M${x0} ${y0 + ry}a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0`
          : `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
    } else if (ink?.closed) {
      line = `M${ink.path.map((at) => this.toStage(at).join(" ")).join("L")}`;
    }
    for (const path of this.outline.children) path.setAttribute("d", line);
  }

  // Zoom and pan

  /** Show a part of the picture. @param {import("./strokes.js").Viewport} viewport */
  see(viewport) {
    const next = clampView(viewport, this.largest);
    const before = this.viewport;
    this.viewport = next;
    if (next.zoom === before.zoom && next.left === before.left && next.top === before.top) return;
    if (!this.zoomed) {
      this.dropDetail();
      this.settled = Infinity;
      this.surface.settle();
    } else {
      if (this.settled === Infinity) this.settled = this.surface.settled ?? 0;
      this.askForDetail(true, 80);
    }
    this.redraw();
    this.onzoom?.();
  }

  get largest() {
    return largestZoom(this.surface.size, this.rect.width);
  }

  /** How many CSS pixels wide an image pixel is. */
  get scale() {
    return (this.rect.width * this.viewport.zoom) / this.surface.size[0];
  }

  /** @param {number} factor @param {{clientX: number, clientY: number}} [at]   the middle */
  zoom(factor, at) {
    const { rect } = this;
    const fx = at ? clamp((at.clientX - rect.left) / rect.width, 0, 1) : 0.5;
    const fy = at ? clamp((at.clientY - rect.top) / rect.height, 0, 1) : 0.5;
    this.see(zoomAt(this.viewport, fx, fy, factor, this.largest));
  }

  /** Move the picture by CSS pixels. */
  pan(dx, dy) {
    const { width, height } = this.rect;
    const { zoom, left, top } = this.viewport;
    this.see({ zoom, left: left - dx / (width * zoom), top: top - dy / (height * zoom) });
  }

  place() {
    const { zoom, left, top } = this.viewport;
    // No transform at all at first view: the canvas keeps its exact box.
    this.plane.style.transform = this.zoomed ? `scale(${zoom}) translate(${-100 * left}%, ${-100 * top}%)` : "";
    if (!this.detail) return;
    const [width, height] = this.surface.size;
    const [x0, y0, x1, y1] = this.detail.box;
    for (const canvas of [this.detail.picture, this.detail.mask]) {
      Object.assign(canvas.style, {
        left: `${100 * zoom * (x0 / width - left)}%`,
        top: `${100 * zoom * (y0 / height - top)}%`,
        width: `${(100 * zoom * (x1 - x0)) / width}%`,
        height: `${(100 * zoom * (y1 - y0)) / height}%`,
      });
    }
  }

  /** Mask and markup have changed places. */
  turn() {
    if (this.detail) {
      this.detail.coverage = null;
      this.detail.mask.width = 0; // empty until the other one's detail is there
    }
    if (this.zoomed) this.askForDetail(!this.detail, 0);
  }

  // The visible part in the image's own pixels

  /** @param {boolean} picture   or only its mask @param {number} delay   milliseconds */
  askForDetail(picture, delay) {
    this.wantPicture ||= picture;
    clearTimeout(this.asking);
    this.asking = setTimeout(() => {
      if (!this.zoomed) return;
      const dots = Math.min(window.devicePixelRatio || 1, 2);
      const box = visibleBox(this.viewport, this.surface.size);
      const most = Math.ceil(Math.max(this.ink.width, this.rect.width * dots) * 1.1);
      const share = Math.min(1, most / (box[2] - box[0]));
      const size = [Math.max(1, Math.round((box[2] - box[0]) * share)), Math.max(1, Math.round((box[3] - box[1]) * share))];
      const { client, mode } = this.surface;
      this.surface.send({ kind: "detail", client, view: this.id, mode, box, size, picture: this.wantPicture });
      this.wantPicture = false;
    }, delay);
  }

  async applyDetail({ box, size, done, mode }, buffers, inflate) {
    const coverage = await inflate(buffers[0]);
    const picture = buffers[1] ? await createImageBitmap(new Blob([buffers[1]])) : null;
    if (!this.zoomed) return;
    if (mode !== this.surface.mode) { // asked for before the mode changed
      if (picture) this.askForDetail(true, 0);
      return;
    }
    if (!this.detail) {
      this.detail = { picture: document.createElement("canvas"), mask: document.createElement("canvas") };
      for (const canvas of [this.detail.picture, this.detail.mask]) canvas.className = "iwp-detail";
      this.plane.after(this.detail.picture, this.detail.mask);
    }
    Object.assign(this.detail, { box, coverage, width: size[0], height: size[1] });
    if (picture) {
      Object.assign(this.detail.picture, { width: size[0], height: size[1] });
      this.detail.picture.getContext("2d").drawImage(picture, 0, 0);
      picture.close();
    }
    this.place();
    this.drawDetail();
    this.settled = Math.max(Number.isFinite(this.settled) ? this.settled : 0, done?.[this.surface.client] ?? 0);
    this.surface.settle();
  }

  drawDetail() {
    if (!this.detail?.coverage) return;
    const { mask, coverage, width, height } = this.detail;
    Object.assign(mask, { width, height });
    mask.getContext("2d").putImageData(new ImageData(this.surface.pixels(coverage, width), width, height), 0, 0);
    for (const ink of this.surface.erasures) this.eraseDetail(ink, 0);
  }

  eraseDetail(ink, from) {
    if (!this.detail?.coverage) return;
    const { mask, box } = this.detail;
    const pen = mask.getContext("2d");
    const [a, d] = [mask.width / (box[2] - box[0]), mask.height / (box[3] - box[1])];
    pen.save();
    pen.setTransform(a, 0, 0, d, -box[0] * a, -box[1] * d);
    drawInk(pen, ink, from, this.surface.show === "mask" ? "#000000" : null);
    pen.restore();
  }

  dropDetail() {
    this.detail?.picture.remove();
    this.detail?.mask.remove();
    this.detail = null;
  }

  showError(text) {
    this.problem.textContent = this.surface.lost ? GONE : text;
  }

  /** The kernel is gone. Without a picture either, the still one beside it is better than an empty frame. */
  lose() {
    const root = this.stage.parentElement;
    root.classList.add("iwp-lost");
    root.classList.toggle("iwp-live", !this.surface.blank);
    this.ink.tabIndex = -1;
    this.stage.before(this.problem);
    for (const bar of root.querySelectorAll(".iwp-bar")) bar.inert = true;
    this.showError("");
    this.drawRing();
  }

  /** The images that go along, small. */
  showOthers() {
    this.strip.replaceChildren();
    for (const { label, data } of this.surface.others ?? []) {
      const figure = make("figure", "iwp-other", this.strip);
      if (data) {
        const image = make("img", "", figure);
        image.alt = "";
        image.src = URL.createObjectURL(new Blob([data]));
        image.onload = () => URL.revokeObjectURL(image.src);
      }
      make("figcaption", "", figure).textContent = label;
    }
  }
}

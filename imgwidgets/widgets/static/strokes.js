/**
 * The painter's arithmetic: no DOM, no network, tested by node alone.
 *
 * Lengths are image pixels unless a name says otherwise; the origin is the outer corner of the
 * top-left pixel. A viewport tells which part of the picture fills the canvas: `zoom` 1 shows all of
 * it, and (`left`, `top`) is the corner of the visible part as a fraction of the picture.
 *
 * @typedef {{left: number, top: number, zoom: number}} Viewport
 * @typedef {{left: number, top: number, width: number, height: number}} Rect   in CSS pixels
 * @typedef {[number, number]} Size   width, height
 */

/** The whole picture. */
export const WHOLE = Object.freeze({ left: 0, top: 0, zoom: 1 });

/** Lighter than this, a pen leaves the thinnest line (a fraction of the brush's radius). */
const THINNEST = 0.1;

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * Keep a viewport inside the picture.
 * @param {Viewport} view @param {number} largest   the highest zoom
 * @returns {Viewport}
 */
export function clampView(view, largest) {
  const zoom = clamp(view.zoom, 1, Math.max(1, largest));
  const room = 1 - 1 / zoom;
  return { zoom, left: clamp(view.left, 0, room), top: clamp(view.top, 0, room) };
}

/**
 * Change the zoom so that what is at (fx, fy) of the canvas stays there.
 * @param {Viewport} view @param {number} fx @param {number} fy   fractions of the canvas
 * @param {number} factor @param {number} largest
 */
export function zoomAt(view, fx, fy, factor, largest) {
  const zoom = clamp(view.zoom * factor, 1, Math.max(1, largest));
  const left = view.left + fx / view.zoom - fx / zoom;
  const top = view.top + fy / view.zoom - fy / zoom;
  return clampView({ zoom, left, top }, largest);
}

/** How far one may zoom in: 16 times, or until an image pixel is 16 CSS pixels wide. */
export const largestZoom = (/** @type {Size} */ size, /** @type {number} */ cssWidth) =>
  Math.max(16, cssWidth > 0 ? (16 * size[0]) / cssWidth : 16);

/**
 * From the page to image pixels.
 * @param {number} clientX @param {number} clientY @param {Rect} rect   the canvas
 * @param {Viewport} view @param {Size} size   of the image
 * @returns {[number, number]}
 */
export function toImage(clientX, clientY, rect, view, size) {
  const fx = (clientX - rect.left) / rect.width;
  const fy = (clientY - rect.top) / rect.height;
  return [(view.left + fx / view.zoom) * size[0], (view.top + fy / view.zoom) * size[1]];
}

/**
 * The canvas transform that draws image pixels on a buffer: `setTransform(a, 0, 0, d, e, f)`.
 * @param {Viewport} view @param {Size} size   of the image @param {Size} buffer
 */
export function transformTo(view, size, buffer) {
  const a = (buffer[0] * view.zoom) / size[0];
  const d = (buffer[1] * view.zoom) / size[1];
  return { a, d, e: -view.left * view.zoom * buffer[0], f: -view.top * view.zoom * buffer[1] };
}

/**
 * The visible part as whole image pixels, grown outwards: [x0, y0, x1, y1].
 * @param {Viewport} view @param {Size} size
 */
export function visibleBox(view, size) {
  const [width, height] = size;
  const end = 1 / view.zoom;
  return [
    clamp(Math.floor(view.left * width), 0, width - 1),
    clamp(Math.floor(view.top * height), 0, height - 1),
    clamp(Math.ceil((view.left + end) * width), 1, width),
    clamp(Math.ceil((view.top + end) * height), 1, height),
  ];
}

/**
 * How wide a point of a stroke is, as a fraction of the brush's radius. Only a pen knows its pressure:
 * a mouse reports 0.5 whenever a button is down.
 * @param {{pointerType?: string, pressure?: number}} event
 */
export function pressureOf(event) {
  if (event.pointerType !== "pen" || !(Number(event.pressure) > 0)) return 1;
  return THINNEST + (1 - THINNEST) * Math.min(1, Number(event.pressure));
}

/**
 * Whether a pointer takes away: the eraser, the right button, or the other end of a pen.
 * @param {{button: number, buttons: number}} event @param {string} tool
 */
export const takesAway = (event, tool) =>
  tool === "eraser" || event.button === 2 || event.button === 5 || (event.buttons & 32) !== 0;

/** @param {number} radius @param {number} direction   +1 or -1 @param {number} most */
export function nextRadius(radius, direction, most) {
  const step = Math.max(0.5, radius * 0.15);
  const next = radius + Math.sign(direction) * step;
  return clamp(next < 10 ? Math.round(next * 2) / 2 : Math.round(next), 0.5, most);
}

/** The size slider is logarithmic, so that small brushes can be chosen as finely as large ones. */
export const sliderToRadius = (/** @type {number} */ share, /** @type {number} */ most) => {
  const radius = 0.5 * (most / 0.5) ** clamp(share, 0, 1);
  return radius < 10 ? Math.round(radius * 2) / 2 : Math.round(radius);
};
export const radiusToSlider = (/** @type {number} */ radius, /** @type {number} */ most) =>
  clamp(Math.log(Math.max(radius, 0.5) / 0.5) / Math.log(most / 0.5), 0, 1);

/**
 * The box between two corners; `square` makes its sides equal, growing from the first corner.
 * @param {[number, number]} from @param {[number, number]} to @param {boolean} square
 * @returns {[number, number, number, number]} x0, y0, x1, y1
 */
export function boxBetween(from, to, square = false) {
  let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  if (square) {
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    dx = dx < 0 ? -side : side;
    dy = dy < 0 ? -side : side;
  }
  const [x, y] = [from[0] + dx, from[1] + dy];
  return [Math.min(from[0], x), Math.min(from[1], y), Math.max(from[0], x), Math.max(from[1], y)];
}

/** An arrow's head: its length in line widths, no more than this share of the arrow, and its half angle. */
const HEAD = { length: 5, share: 0.6, angle: 0.5 };

/**
 * The three points that a pen draws after an arrow's last one: a side, the tip, the other side.
 * @param {[number, number]} from @param {[number, number]} tip @param {number} width   of the line
 * @returns {[number, number][]}
 */
export function arrowHead(from, tip, width) {
  const [dx, dy] = [tip[0] - from[0], tip[1] - from[1]];
  const length = Math.min(HEAD.length * width, HEAD.share * Math.hypot(dx, dy));
  const axis = Math.atan2(dy, dx);
  const side = (turn) => [tip[0] - length * Math.cos(axis + turn), tip[1] - length * Math.sin(axis + turn)];
  return [side(-HEAD.angle), tip, side(HEAD.angle)];
}

/** @param {string} colour   #rrggbb @returns {[number, number, number]} */
export function parseColour(colour) {
  const digits = /^#([0-9a-f]{6})$/i.exec(colour)?.[1] ?? "ff0066";
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}

/**
 * The overlay's pixels for a part of the mask.
 * @param {Uint8Array} coverage   255 = edit, one byte for each pixel
 * @param {number} width @param {string} show   overlay, mask or sent
 * @param {[number, number, number]} colour @param {number} opacity
 * @param {Size} [corner]   of the part, so that the checks of neighbouring parts meet
 * @returns {Uint8ClampedArray} RGBA
 */
export function tint(coverage, width, show, colour, opacity, corner = [0, 0]) {
  const pixels = new Uint8ClampedArray(4 * coverage.length);
  for (let index = 0; index < coverage.length; index += 1) {
    const covered = coverage[index];
    const at = 4 * index;
    if (show === "mask") {
      pixels.fill(covered, at, at + 3);
      pixels[at + 3] = 255;
    } else if (covered > 0) {
      if (show === "sent") {
        const x = corner[0] + (index % width);
        const y = corner[1] + Math.floor(index / width);
        pixels.fill((x >> 3) + (y >> 3) & 1 ? 255 : 204, at, at + 3);
        pixels[at + 3] = covered;
      } else {
        pixels[at] = colour[0];
        pixels[at + 1] = colour[1];
        pixels[at + 2] = colour[2];
        pixels[at + 3] = Math.round(covered * opacity);
      }
    }
  }
  return pixels;
}

/**
 * Messages to the kernel, numbered, so that it can put them in order whatever thread each arrives on,
 * and kept until it has them, so that a lost one can be asked for again.
 */
export class Outbox {
  /** @param {string} client @param {(content: object, buffers: ArrayBuffer[]) => void} send */
  constructor(client, send) {
    this.client = client;
    this.deliver = send;
    this.number = 0;
    /** @type {Map<number, [object, ArrayBuffer[]]>} */
    this.kept = new Map();
  }

  /** @param {object} content @param {ArrayBuffer[]} buffers @returns {number} the message's number */
  send(content, buffers = []) {
    const number = (this.number += 1);
    const message = { ...content, client: this.client, seq: number };
    this.kept.set(number, [message, buffers]);
    this.deliver(message, buffers);
    return number;
  }

  /** The kernel has taken up everything to this number. @param {number} number */
  done(number) {
    for (const kept of this.kept.keys()) if (kept <= number) this.kept.delete(kept);
  }

  /** The kernel misses these. @param {number} from @param {number} to */
  again(from, to) {
    for (let number = from; number <= to; number += 1) {
      const message = this.kept.get(number);
      if (message) this.deliver(...message);
    }
  }
}

/**
 * A stroke on its way: all its points for drawing, and the ones that have not been sent yet.
 * A point is x, y and its width as a fraction of the radius.
 */
export class Trail {
  constructor() {
    /** @type {number[]} */
    this.points = [];
    this.sent = 0;
  }

  get length() {
    return this.points.length / 3;
  }

  /** @param {number} x @param {number} y @param {number} width @returns {boolean} whether it moved */
  add(x, y, width = 1) {
    const at = this.points.length - 3;
    if (at >= 0 && this.points[at] === x && this.points[at + 1] === y && this.points[at + 2] === width) return false;
    this.points.push(x, y, width);
    return true;
  }

  /** What has not been sent: x, y, width for each point. */
  take() {
    const batch = new Float32Array(this.points.slice(this.sent));
    this.sent = this.points.length;
    return batch;
  }
}

/**
 * Draw a part of a trail on a context whose transform maps image pixels to its buffer.
 *
 * All of it is one path: discs and hulls that were filled one by one would darken each other's soft edges,
 * and the ink would grow by a part of a pixel beyond the mask. All turn the same way, else they cut holes.
 * @param {CanvasRenderingContext2D} pen @param {Trail} trail @param {number} radius @param {number} from   index
 */
export function drawTrail(pen, trail, radius, from = 0) {
  const { points } = trail;
  const dot = (/** @type {number} */ at) => {
    const [x, y, r] = [points[at], points[at + 1], radius * points[at + 2]];
    pen.moveTo(x + r, y);
    pen.arc(x, y, r, 0, 2 * Math.PI, true);
  };
  pen.beginPath();
  if (from === 0 && points.length) dot(0);
  for (let at = 3 * Math.max(1, from); at < points.length; at += 3) {
    const [x0, y0, w0, x1, y1, w1] = points.slice(at - 3, at + 3);
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length = Math.hypot(dx, dy);
    const [r0, r1] = [radius * w0, radius * w1];
    dot(at);
    if (length > Math.abs(r1 - r0)) {
      // The hull of two circles: the side lines touch both at the same angle from the axis.
      const axis = Math.atan2(dy, dx);
      const turn = Math.acos(clamp((r0 - r1) / length, -1, 1));
      const corners = [
        [x0, y0, r0, axis + turn],
        [x1, y1, r1, axis + turn],
        [x1, y1, r1, axis - turn],
        [x0, y0, r0, axis - turn],
      ].map(([x, y, r, angle]) => [x + r * Math.cos(angle), y + r * Math.sin(angle)]);
      pen.moveTo(corners[0][0], corners[0][1]);
      for (const [x, y] of corners.slice(1)) pen.lineTo(x, y);
      pen.closePath();
    }
  }
  pen.fill("nonzero");
}

/**
 * What the painter draws on: ipycanvas' layers where they can be found, and its own where not; and how
 * pixels come there.
 *
 * @typedef {{canvas: HTMLCanvasElement, ctx: CanvasRenderingContext2D, syncViews: () => void}} Layer
 */

const PATIENCE = 8000; // milliseconds until ipycanvas' model counts as missing

/** @param {string} tag @param {string} name @param {Element} [parent] */
export function make(tag, name, parent) {
  const element = document.createElement(tag);
  element.className = name;
  parent?.append(element);
  return element;
}

/** @param {unknown} buffer @returns {Promise<Uint8Array>} */
export async function inflate(buffer) {
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Put a part into a raster. @param {number} bytes   of a pixel */
export function put(raster, part, [x, y, w, h], width, bytes) {
  for (let row = 0; row < h; row += 1) {
    raster.set(part.subarray(row * w * bytes, (row + 1) * w * bytes), ((y + row) * width + x) * bytes);
  }
}

/** Cut a part out of a raster. */
export function cut(raster, [x, y, w, h], width, bytes) {
  const part = new Uint8Array(w * h * bytes);
  for (let row = 0; row < h; row += 1) {
    const from = ((y + row) * width + x) * bytes;
    part.set(raster.subarray(from, from + w * bytes), row * w * bytes);
  }
  return part;
}

/** ipycanvas' layers, or an error where it cannot be found or has changed inside. */
export async function findLayers(model) {
  const id = String(model.get("_canvas") ?? "").replace(/^IPY_MODEL_/, "");
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("ipycanvas is missing")), PATIENCE));
  const canvas = await Promise.race([model.widget_manager.get_model(id), late]);
  const layers = canvas.get("_canvases");
  const known = (layer) => layer?.ctx?.drawImage && layer.canvas && typeof layer.syncViews === "function";
  if (!(layers?.length >= 2 && layers.every(known))) throw new Error("ipycanvas has changed");
  return { canvas, layers };
}

/** Stands in for ipycanvas where a front end does not have it: two layers and their sum. */
export class OwnLayers {
  constructor([width, height]) {
    this.shown = new Set();
    this.layers = [0, 1].map(() => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      return { canvas, ctx: canvas.getContext("2d"), syncViews: () => this.compose() };
    });
  }

  compose() {
    for (const canvas of this.shown) {
      const pen = canvas.getContext("2d");
      pen.clearRect(0, 0, canvas.width, canvas.height);
      for (const layer of this.layers) pen.drawImage(layer.canvas, 0, 0);
    }
  }

  resize([width, height]) {
    for (const canvas of [...this.shown, ...this.layers.map((layer) => layer.canvas)]) {
      Object.assign(canvas, { width, height });
    }
  }

  createView() {
    const { width, height } = this.layers[0].canvas;
    const el = Object.assign(document.createElement("canvas"), { width, height });
    this.shown.add(el);
    this.compose();
    return { el, remove: () => this.shown.delete(el) };
  }
}

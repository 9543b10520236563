import { colour, heatColour, inPieces, subtract, summary } from "./grid_compare_kit.js";
import { make } from "./grid_kit.js";

/** What differs between images: in their pixels as a heat map, in their parameters as a table. */

/** @typedef {import("./grid_stage.js").Size} Size */

const MOST_PIXELS = 12_000_000; // more than that is measured at a smaller size: a page has only so much memory

/** The map of what differs between two pictures, from their pixels as the browser decoded them. */
export class Heat {
  constructor() {
    this.canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { class: "iw-heat" }));
    this.tolerance = 2; // forgives what JPEG and colour conversion do
    this.serial = 0;
    /** @type {null | {one: HTMLImageElement, two: HTMLImageElement, differences: Uint8Array}} */
    this.measured = null;
  }

  /** The colours from least to most, as CSS. */
  get gradient() {
    const stops = [];
    for (let value = 0; value <= 255; value += 15) stops.push(`rgb(${heatColour(value).join(" ")})`);
    return `linear-gradient(90deg, ${stops.join(", ")})`;
  }

  /**
   * Draw the map of two pictures; the second is scaled to the first one's size.
   * @param {HTMLImageElement} one @param {HTMLImageElement} two @param {Size} size
   * @returns {Promise<null | {changed: number, share: number, mean: number, most: number, scaled: string}>}
   *   null where something else has been asked for meanwhile
   */
  async show(one, two, size) {
    const serial = ++this.serial;
    const wanted = () => serial === this.serial;
    const less = Math.min(1, Math.sqrt(MOST_PIXELS / (size.width * size.height)));
    const width = Math.max(1, Math.round(size.width * less));
    const height = Math.max(1, Math.round(size.height * less));
    const count = width * height;
    if (this.measured?.one !== one || this.measured?.two !== two) {
      const [a, b] = [pixelsOf(one, width, height), pixelsOf(two, width, height)];
      const differences = new Uint8Array(count);
      if (!await inPieces(count, (from, to) => subtract(a, b, differences, from, to), wanted)) return null;
      this.measured = { one, two, differences };
    }
    const { differences } = this.measured;
    const picture = new ImageData(width, height);
    if (!await inPieces(count, (from, to) => colour(differences, this.tolerance, picture.data, from, to), wanted)) return null;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.getContext("2d")?.putImageData(picture, 0, 0);
    return { ...summary(differences, this.tolerance), scaled: less < 1 ? `${width}×${height}` : "" };
  }

  forget() {
    this.serial += 1;
    this.measured = null;
    this.canvas.width = 0;
  }
}

/** @param {HTMLImageElement} image @param {number} width @param {number} height */
function pixelsOf(image, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, width, height);
  return pen.getImageData(0, 0, width, height).data;
}

/**
 * The parameters that differ, and at a wish the others.
 * @param {{name: string, values: string[], same: boolean}[]} rows @param {number} count images
 * @returns {HTMLElement[]}
 */
export function differenceTable(rows, count) {
  const all = make("input", { type: "checkbox", onchange: () => fill() });
  const table = make("table", {});
  const none = make("p", {}, "All that is known of these images is the same.");
  const heads = Array.from({ length: count }, (_, i) => make("th", { scope: "col" }, String(i + 1)));
  const body = make("tbody", {});
  table.append(make("thead", {}, make("tr", {},
    make("th", { scope: "col" }, make("span", { class: "iw-unseen" }, "Parameter")), ...heads)), body);
  const fill = () => {
    const shown = rows.filter((row) => all.checked || !row.same);
    body.replaceChildren(...shown.map(({ name, values, same }) => make("tr", { class: same ? "iw-same" : "" },
      make("th", { scope: "row" }, name), ...values.map((value) => make("td", { dir: "auto" }, value)))));
    table.hidden = !shown.length;
    none.hidden = Boolean(shown.length);
  };
  fill();
  return [
    make("div", { class: "iw-table-head" }, make("h2", {}, "What differs"),
      make("label", { class: "iw-button" }, all, "Show all")),
    none, table];
}

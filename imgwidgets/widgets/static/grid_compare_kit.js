/**
 * The arithmetic of a comparison: how pictures share a screen, and what differs between their pixels.
 */

const SPACE = 12; // px between panes
const CHUNK = 1 << 18; // pixels between two looks at the clock

/**
 * How many columns show so many pictures largest.
 * @param {number} count @param {number} ratio width / height of the pictures
 * @param {number} width @param {number} height px of the room
 */
export function arrange(count, ratio, width, height) {
  let best = { columns: 1, area: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const w = (width - SPACE * (columns - 1)) / columns;
    const h = (height - SPACE * (rows - 1)) / rows;
    if (w <= 0 || h <= 0) continue;
    const shown = Math.min(w, h * ratio);
    const area = (shown * shown) / ratio;
    if (area > best.area * 1.001) best = { columns, area };
  }
  return best.columns;
}

/**
 * The largest difference of a channel, for each pixel.
 * @param {Uint8ClampedArray} one @param {Uint8ClampedArray} other RGBA of the same size
 * @param {Uint8Array} into one value for each pixel @param {number} from @param {number} to pixels
 */
export function subtract(one, other, into, from, to) {
  for (let pixel = from, at = from * 4; pixel < to; pixel += 1, at += 4) {
    const red = Math.abs(one[at] - other[at]);
    const green = Math.abs(one[at + 1] - other[at + 1]);
    const blue = Math.abs(one[at + 2] - other[at + 2]);
    const alpha = Math.abs(one[at + 3] - other[at + 3]);
    into[pixel] = Math.max(red, green, blue, alpha);
  }
}

/**
 * What the differences of all pixels come to.
 * @param {Uint8Array} differences @param {number} tolerance a pixel differs where a channel does by more
 */
export function summary(differences, tolerance) {
  const counts = histogram(differences);
  let changed = 0;
  let sum = 0;
  let most = 0;
  counts.forEach((count, value) => {
    if (!count) return;
    if (value > tolerance) changed += count;
    sum += value * count;
    most = value;
  });
  const all = differences.length || 1;
  return { changed, share: changed / all, mean: sum / all, most };
}

/** @param {Uint8Array} differences */
function histogram(differences) {
  const counts = new Array(256).fill(0);
  for (let i = 0; i < differences.length; i += 1) counts[differences[i]] += 1;
  return counts;
}

const STOPS = [[40, 11, 84], [101, 21, 110], [159, 42, 99], [212, 72, 66], [245, 125, 21], [250, 193, 39], [252, 255, 164]];

/** The colour of a difference: dark violet is little, bright yellow is all. @param {number} value 0 to 255 */
export function heatColour(value) {
  // The root shows small differences too: most are.
  const at = Math.sqrt(value / 255) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(at));
  return STOPS[low].map((colour, channel) => Math.round(colour + (STOPS[low + 1][channel] - colour) * (at - low)));
}

/**
 * Colour differences; those within the tolerance stay clear.
 * @param {Uint8Array} differences @param {number} tolerance
 * @param {Uint8ClampedArray} into RGBA @param {number} from @param {number} to pixels
 */
export function colour(differences, tolerance, into, from, to) {
  const words = new Uint32Array(into.buffer, into.byteOffset, into.byteLength >> 2);
  for (let pixel = from; pixel < to; pixel += 1) {
    words[pixel] = differences[pixel] > tolerance ? palette[differences[pixel]] : 0;
  }
}

const palette = new Uint32Array(256);
{
  const bytes = new Uint8Array(palette.buffer);
  for (let value = 0; value < 256; value += 1) bytes.set([...heatColour(value), 255], value * 4);
}

/**
 * Do something for all pixels in pieces that leave the page time to breathe.
 * @param {number} count @param {(from: number, to: number) => void} work
 * @param {() => boolean} [wanted] stop where this says no
 */
export async function inPieces(count, work, wanted = () => true) {
  let since = performance.now();
  for (let from = 0; from < count; from += CHUNK) {
    if (!wanted()) return false;
    work(from, Math.min(count, from + CHUNK));
    if (performance.now() - since > 12) {
      await new Promise((resolve) => { setTimeout(resolve); });
      since = performance.now();
    }
  }
  return wanted();
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  if (share > 0 && share < 0.0005) return "under 0.1 %";
  return share === 1 ? "100 %" : `${Math.min(99.9, share * 100).toFixed(1)} %`;
}

/**
 * What a person should know before pixels of pictures of several sizes are compared; "" for one size.
 * @param {{width: number, height: number}[]} sizes
 */
export function sizeNote(sizes) {
  const said = sizes.map(({ width, height }) => `${width}×${height}`);
  if (new Set(said).size < 2) return "";
  const ratios = sizes.map(({ width, height }) => width / height);
  const shapes = Math.max(...ratios) / Math.min(...ratios) > 1.01 ? " Their shapes differ, too." : "";
  return `These have different sizes (${said.join(", ")}) and are scaled to one.${shapes}`;
}

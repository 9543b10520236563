/**
 * What the sweep's modules share: words for states, and where arrows lead in a table. Pure functions.
 */

/** @typedef {"done"|"failed"|"maybe_billed"|"not_sent"|"running"|"waiting"|"invalid"} Status */

/** A sign for each state, so that colour is never the only one. @type {Record<Status, [string, string]>} */
export const STATES = {
  done: ["✓", "done"],
  running: ["…", "running"],
  waiting: ["○", "waiting"],
  failed: ["✗", "failed"],
  maybe_billed: ["?", "may have been billed"],
  not_sent: ["–", "not sent"],
  invalid: ["✗", "invalid"],
};

/** How wide tiles get, so that all columns fit where that is possible. */
export const SMALLEST_TILE = 88;
export const LARGEST_TILE = 200;

/**
 * @param {number} width px for all columns @param {number} columns @param {number} across tiles side by side
 */
export function tileWidth(width, columns, across) {
  const one = width / Math.max(1, columns) - 12;
  const fitting = (one - (across - 1) * 4) / Math.max(1, across);
  return Math.round(Math.max(SMALLEST_TILE, Math.min(LARGEST_TILE, fitting)));
}

/**
 * How many tiles stand side by side in one place: all of a few, a square of many.
 * @param {number} count
 */
export function tilesAcross(count) {
  return count <= 3 ? Math.max(1, count) : Math.ceil(Math.sqrt(count));
}

/**
 * Where an arrow key leads in a table whose places hold several tiles each.
 * @param {string} key @param {{row: number, column: number, at: number}} here
 * @param {(row: number, column: number) => number} count tiles in a place; 0 for none
 * @param {number} rows @param {number} columns
 * @returns {{row: number, column: number, at: number} | null}
 */
export function goal(key, here, count, rows, columns) {
  const { row, column, at } = here;
  if (key === "ArrowRight" && at + 1 < count(row, column)) return { row, column, at: at + 1 };
  if (key === "ArrowLeft" && at > 0) return { row, column, at: at - 1 };
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[key];
  if (step) {
    let [r, c] = [row + step[0], column + step[1]];
    while (r >= 0 && c >= 0 && r < rows && c < columns) {
      const found = count(r, c);
      if (found) return { row: r, column: c, at: key === "ArrowLeft" ? found - 1 : key === "ArrowRight" ? 0 : Math.min(at, found - 1) };
      r += step[0];
      c += step[1];
    }
    return here;
  }
  const ends = { Home: [0, columns], End: [columns - 1, -1] }[key];
  if (!ends) return null;
  const by = key === "Home" ? 1 : -1;
  for (let c = ends[0]; c !== ends[1]; c += by) {
    const found = count(row, c);
    if (found) return { row, column: c, at: by > 0 ? 0 : found - 1 };
  }
  return here;
}

/**
 * A time as people say it.
 * @param {number|null|undefined} seconds
 */
export function spoken(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/**
 * US dollars with as many digits as they need.
 * @param {number} amount
 */
export function dollars(amount) {
  if (!amount) return "$0";
  if (amount < 0.0005) return "under $0.001";
  return amount < 0.0995 ? `$${amount.toFixed(3)}` : `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/**
 * What the grid's modules share: where things go, as pure functions, and a few lines to make elements.
 */

/**
 * @typedef {{key: number, version: number, state: "image"|"pending"|"waiting"|"error", prompt: string,
 *   model: string, facts: string[], parameters: Record<string, string>, alt: string, width: number,
 *   height: number, alpha: boolean, moving: boolean, bytes: number, notes: string[], error: string,
 *   name: string, cost: number|null, seconds: number|null, added: number, starred: boolean,
 *   rating: number, code: boolean, retry: boolean, waited: number|null, usual: number|null,
 *   heard?: number}} Tile  `heard`: performance.now() / 1000 when `waited` was told
 */

export const GAP = 12;
export const LINE = 17; // px: a line of a caption
export const LETTER = 6.4; // px: a usual letter of a caption, to guess how many lines it needs
export const MARGIN = 15; // px: above and below a caption
export const NARROWEST = 150;
export const COMFORTABLE = 210;
export const WIDEST = 360;
export const ROWS_BEFORE_SCROLLING = 5;

/**
 * How many columns a grid gets: tiles of a comfortable width, and no lonely tile in a second row.
 * @param {number} width px of the grid
 * @param {number} count tiles
 */
export function columnsFor(width, count) {
  if (width <= 0 || count <= 0) return 1;
  const most = Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));
  let columns = Math.min(most, Math.max(1, Math.round((width + GAP) / (COMFORTABLE + GAP))));
  if (count <= columns) return count;
  const rows = Math.ceil(count / columns);
  if (rows <= 2) columns = Math.ceil(count / rows);
  return columns;
}

/**
 * Where an arrow key leads in a grid, or -1 for a key that leads nowhere.
 * @param {string} key @param {boolean} control @param {number} at counted through all rows
 * @param {number[]} rows how many tiles each row has
 */
export function step(key, control, at, rows) {
  const starts = [];
  let count = 0;
  for (const length of rows) {
    starts.push(count);
    count += length;
  }
  const row = starts.findLastIndex((start) => start <= at);
  const column = at - starts[row];
  const inRow = (/** @type {number} */ goal) => {
    const there = Math.max(0, Math.min(rows.length - 1, goal));
    return there === row ? at : starts[there] + Math.min(column, rows[there] - 1);
  };
  const goal = {
    ArrowLeft: () => at - 1,
    ArrowRight: () => at + 1,
    ArrowUp: () => inRow(row - 1),
    ArrowDown: () => inRow(row + 1),
    Home: () => (control ? 0 : starts[row]),
    End: () => (control ? count - 1 : starts[row] + rows[row] - 1),
    PageUp: () => inRow(row - 3),
    PageDown: () => inRow(row + 3),
  }[key];
  if (!goal || row < 0) return -1;
  return Math.max(0, Math.min(count - 1, goal()));
}

/**
 * The frame that suits all tiles: their own shape where they share one, else a square.
 * @param {Iterable<Tile>} tiles
 */
export function frameRatio(tiles) {
  let shared = 0;
  for (const { width, height } of tiles) {
    if (!width || !height) continue;
    const ratio = width / height;
    if (shared && Math.abs(ratio - shared) > 0.02) return 1;
    shared = ratio;
  }
  return Math.min(2, Math.max(0.6, shared || 1));
}

/**
 * How many lines captions get, the same for all tiles of a grid: at most two and three.
 * @param {Iterable<{prompt: string, facts: string}>} captions @param {number} width px of a tile
 */
export function captionLines(captions, width) {
  const letters = (width - 20) / LETTER;
  let prompt = 0;
  let facts = 0;
  for (const caption of captions) {
    prompt = Math.max(prompt, Math.min(2, Math.ceil(caption.prompt.length / letters)));
    facts = Math.max(facts, Math.min(3, Math.ceil((caption.facts.length * 1.08) / letters)));
    if (prompt === 2 && facts === 3) break;
  }
  return { prompt, facts };
}

/**
 * The view after zooming so that the point under the pointer stays where it is.
 * @param {{scale: number, x: number, y: number}} view @param {number} scale
 * @param {number} px @param {number} py pointer, relative to the middle of the stage
 */
export function zoomAt(view, scale, px, py) {
  const factor = scale / view.scale;
  return { scale, x: px - (px - view.x) * factor, y: py - (py - view.y) * factor };
}

/**
 * @param {string} tag @param {Record<string, any>} [properties]
 * @param {...(Node|string)} children @returns {HTMLElement & Record<string, any>}
 */
export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * Keep the notebook's keys away from a part of the page. JupyterLab asks only the element that has the focus
 * (`... :focus`), before any of its ancestors: without this, X on a tile would cut the cell.
 * @template {HTMLElement} T @param {T} el @returns {T}
 */
export function ownKeys(el) {
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  el.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element) target.setAttribute("data-lm-suppress-shortcuts", "true");
  });
  return el;
}

export const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  previous: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  download: "M12 4v11m-5-5l5 5 5-5M5 20h14",
  save: "M4 7a2 2 0 0 1 2-2h4l2 2h6a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z",
  compare: "M12 4v16M4 6h5v12H4zM15 6h5v12h-5z",
  warning: "M12 4L3 19h18zM12 10v4m0 2.5v.5",
  star: "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  use: "M4 12h11m-5-5l5 5-5 5M20 5v14",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  code: "M8 7l-5 5 5 5M16 7l5 5-5 5",
  copy: "M8 8h11v12H8zM5 16V4h11",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  retry: "M19 12a7 7 0 1 1-2-5m2-3v4h-4",
  filter: "M4 6h16M7 12h10M10 18h4",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14M16 5v14",
  plain: "M5 12h14",
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", width: "16", height: "16", fill: "none", stroke: "currentColor",
    "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round",
    "aria-hidden": "true",
  })) svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * @param {keyof typeof ICONS} name @param {string} label @param {() => void} act
 * @param {boolean} [bare] the label is only spoken
 */
export function button(name, label, act, bare = false) {
  return make("button", {
    type: "button", class: bare ? "iw-button iw-bare" : "iw-button", title: label,
    "aria-label": bare ? label : undefined, onclick: act,
  }, icon(name), ...(bare ? [] : [label]));
}

/** Facts on a line that only breaks after a dot. @param {string[]} facts */
export const line = (facts) => facts.map((fact) => fact.replaceAll(" ", "\u00a0")).join("\u00a0· ");

/** @param {number} count @param {string} noun */
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

import { button, icon, make, plural } from "./grid_kit.js";
import { captionFacts, promptParts } from "./grid_order.js";

/** @typedef {import("./grid_kit.js").Tile} Tile */
/** @typedef {import("./grid_store.js").Store} Store */

const LARGEST_PLAYED = 4e6; // bytes: a larger animation plays only when somebody asks for it

/** Whether the person has asked for less motion. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * What happens on one tile.
 * @typedef {{store: Store, differ: Set<string>, ratio: number, neighbours: (key: number) => Tile[],
 *   menu: (key: number, opener: HTMLElement) => void, star: (key: number) => void,
 *   retry: (key: number) => void, paused: Map<number, boolean>, refill: (key: number) => void,
 *   trouble: (error: unknown) => void}} Hands
 */

/**
 * The content of a tile's box: frame and caption.
 * @param {Tile} tile @param {number} place from 1 @param {Hands} hands
 */
export function tileContent(tile, place, hands) {
  return [frameOf(tile, place, hands), captionOf(tile, hands)];
}

/** @param {Tile} tile @param {number} place @param {Hands} hands */
function frameOf(tile, place, hands) {
  const frame = make("div", { class: "iw-frame" });
  const thumbnail = hands.store.thumbnails.get(tile.key);
  if (tile.state === "error") {
    const reason = make("p", { dir: "auto" }, tile.error);
    const buttons = [
      ...(tile.retry ? [inner(button("retry", "Retry", () => hands.retry(tile.key)))] : []),
      ...(tile.code ? [inner(button("code", "Show code", () => showCode(tile, reason, hands)))] : []),
    ];
    frame.append(make("div", { class: "iw-reason" }, icon("warning"), reason,
      ...(buttons.length ? [make("div", { class: "iw-again" }, ...buttons)] : [])));
  } else if (tile.state === "waiting") {
    frame.append(make("div", { class: "iw-awaited" }, make("span", { class: "iw-spinner" }),
      make("span", { class: "iw-elapsed" }, elapsed(tile))));
  } else if (thumbnail) {
    frame.append(pictureOf(tile, thumbnail.url, hands));
    if (tile.state === "pending") frame.classList.add("iw-growing");
  } else frame.classList.add("iw-waiting");
  if (tile.notes.length) {
    const label = tile.notes.length === 1 ? "note" : plural(tile.notes.length, "note");
    frame.append(make("span", { class: "iw-badge", title: tile.notes.join("\n") }, label));
  }
  if (tile.state === "image") frame.append(...handles(tile, place, hands));
  else if (tile.state === "error") frame.append(more(tile, place, hands));
  return frame;
}

/** Show what was asked as Python in place of the reason, or the reason again. @param {Tile} tile @param {any} reason @param {Hands} hands */
async function showCode(tile, reason, hands) {
  if (reason.dataset.code) {
    delete reason.dataset.code;
    reason.textContent = tile.error;
    return;
  }
  try {
    const { code } = await hands.store.ask({ kind: "code", keys: [tile.key] });
    reason.dataset.code = "shown"; // grid.css writes it as code
    reason.textContent = code;
  } catch (error) {
    hands.trouble(error);
  }
}

/** @param {Tile} tile @param {string} url @param {Hands} hands */
function pictureOf(tile, url, hands) {
  const wide = !tile.width || tile.width / tile.height >= hands.ratio - 0.01;
  const image = make("img", {
    src: url, alt: tile.alt, draggable: false, decoding: "async",
    class: `${wide ? "iw-wide" : "iw-tall"}${tile.alpha ? " iw-checker" : ""}`,
  });
  if (tile.width) image.style.aspectRatio = `${tile.width} / ${tile.height}`;
  if (tile.moving && playing(tile, hands)) animate(tile, image, hands);
  return image;
}

/** @param {Tile} tile @param {Hands} hands */
function playing(tile, hands) {
  return !(hands.paused.get(tile.key) ?? (calm() || tile.bytes > LARGEST_PLAYED));
}

/** The thumbnail stands still: the file itself moves. @param {Tile} tile @param {any} image @param {Hands} hands */
async function animate(tile, image, hands) {
  try {
    const { url } = await hands.store.image(tile.key);
    image.src = url;
  } catch (error) {
    hands.trouble(error);
  }
}

/** @param {Tile} tile @param {number} place @param {Hands} hands */
function handles(tile, place, hands) {
  const { store } = hands;
  const box = make("input", {
    type: "checkbox", tabIndex: -1, "aria-label": `Select image ${place}`, class: "iw-check",
    checked: store.selected.includes(tile.key),
    onclick: (/** @type {MouseEvent} */ event) => {
      event.stopPropagation();
      store.toggle(tile.key);
    },
  });
  const star = inner(button("star", tile.starred ? "Take the star away" : "Star", () => hands.star(tile.key), true));
  star.classList.add("iw-star");
  star.setAttribute("aria-pressed", String(tile.starred));
  const corner = make("span", { class: "iw-corner" });
  if (tile.moving) {
    const moves = playing(tile, hands);
    corner.append(inner(button(moves ? "pause" : "play", moves ? "Pause" : "Play", () => {
      hands.paused.set(tile.key, moves);
      hands.refill(tile.key);
    }, true)));
  }
  corner.append(more(tile, place, hands), star);
  if (tile.rating) {
    corner.append(make("span", { class: "iw-rated", title: `Rated ${tile.rating} of 5` }, `${tile.rating}/5`));
  }
  return [box, corner];
}

/** @param {Tile} tile @param {number} place @param {Hands} hands */
function more(tile, place, hands) {
  const opener = inner(button("more", `Actions for tile ${place}`, () => hands.menu(tile.key, opener), true));
  opener.classList.add("iw-more");
  opener.setAttribute("aria-haspopup", "menu");
  return opener;
}

/** A button inside a tile: the grid's one stop for Tab is the tile. @param {any} made */
function inner(made) {
  made.tabIndex = -1;
  made.addEventListener("click", (/** @type {Event} */ event) => event.stopPropagation());
  return made;
}

/** @param {Tile} tile @param {Hands} hands */
function captionOf(tile, hands) {
  const neighbours = hands.neighbours(tile.key);
  const [before, differs, after] = promptParts(tile.prompt, neighbours.map(({ prompt }) => prompt));
  const facts = captionFacts(tile, hands.differ, neighbours);
  const line = facts.flatMap(({ text, differs: own }, i) => {
    const said = text.replaceAll(" ", "\u00a0");
    return [...(i ? ["\u00a0· "] : []), own ? make("b", {}, said) : said];
  });
  return make("div", { class: "iw-caption" },
    make("p", { class: "iw-prompt", dir: "auto", title: tile.prompt },
      before, ...(differs ? [make("b", {}, differs)] : []), after),
    make("p", { class: "iw-facts", title: facts.map(({ text }) => text).join(" · ") }, ...line));
}

/** How long a tile has waited, in words. @param {Tile} tile */
export function elapsed(tile) {
  if (tile.waited === null) return "Reading…";
  const seconds = Math.max(0, tile.waited + performance.now() / 1000 - (tile.heard ?? 0));
  const usual = tile.usual ? ` · usually ${Math.round(tile.usual)} s` : "";
  return `${Math.floor(seconds)} s${usual}`;
}

/**
 * Which tiles are shown, in which order, and in what they differ: pure functions over the list.
 */

/** @typedef {import("./grid_kit.js").Tile} Tile */
/**
 * @typedef {{text: string, model: string, starred: boolean, rating: number, sort: string, group: string}} Wish
 * @typedef {{name: string, tiles: Tile[]}} Group
 */

/** @param {Tile} tile */
const sizeOf = (tile) => (tile.width ? `${tile.width}×${tile.height}` : "");

/** What a tile is grouped by. @param {Tile} tile @param {string} name */
export function valueOf(tile, name) {
  if (name === "prompt") return tile.prompt;
  if (name === "model") return tile.model;
  if (name === "size") return sizeOf(tile) || (tile.parameters.size ?? "");
  return tile.parameters[name] ?? "";
}

/** Whether all words occur in what the page knows of a tile. @param {Tile} tile @param {string} text */
export function says(tile, text) {
  const said = [tile.prompt, tile.model, ...Object.values(tile.parameters), ...tile.notes, tile.error]
    .join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}

/**
 * The tiles that are shown, in groups; one group without a name where nothing is grouped.
 * @param {Tile[]} tiles @param {Wish} wish @param {Set<number>} [found] keys that Python found for the text
 * @returns {Group[]}
 */
export function arranged(tiles, wish, found) {
  const chosen = tiles.filter((tile) => (!wish.text || (found ? found.has(tile.key) : says(tile, wish.text)))
    && (!wish.model || tile.model === wish.model)
    && (!wish.starred || tile.starred)
    && tile.rating >= wish.rating);
  const ordered = sorted(chosen, wish.sort);
  if (!wish.group) return ordered.length ? [{ name: "", tiles: ordered }] : [];
  /** @type {Map<string, Tile[]>} */
  const groups = new Map();
  for (const tile of ordered) {
    const name = valueOf(tile, wish.group);
    groups.set(name, [...(groups.get(name) ?? []), tile]);
  }
  return [...groups].map(([name, members]) => ({ name, tiles: members }));
}

/** @param {Tile[]} tiles @param {string} sort */
function sorted(tiles, sort) {
  const falling = sort.startsWith("-");
  const by = falling ? sort.slice(1) : sort;
  const value = {
    time: (/** @type {Tile} */ tile) => tile.added,
    cost: (/** @type {Tile} */ tile) => tile.cost,
    rating: (/** @type {Tile} */ tile) => tile.rating || null,
  }[by];
  if (!value) return tiles;
  return tiles.map((tile, place) => ({ tile, place })).sort((a, b) => {
    const [one, other] = [value(a.tile), value(b.tile)];
    // What has no cost or rating comes last, whichever way it goes.
    if (one === null || other === null) {
      return Number(one === null) - Number(other === null) || a.place - b.place;
    }
    return (falling ? other - one : one - other) || a.place - b.place;
  }).map(({ tile }) => tile);
}

/** Names that tiles can be grouped by: those whose values differ come first. @param {Tile[]} tiles */
export function groupings(tiles) {
  const names = new Set(["prompt", "model", "size"]);
  for (const tile of tiles) for (const name of Object.keys(tile.parameters)) names.add(name);
  const differ = differing(tiles, [...names]);
  return [...names].sort((a, b) => Number(differ.has(b)) - Number(differ.has(a)));
}

/**
 * In which of these the tiles differ; what is still awaited, or failed, has no say.
 * @param {Tile[]} tiles @param {string[]} names
 */
export function differing(tiles, names) {
  const there = tiles.filter(({ state }) => state === "image" || state === "pending");
  return new Set(names.filter((name) => {
    const first = there.length ? valueOf(there[0], name) : "";
    return there.some((tile) => valueOf(tile, name) !== first);
  }));
}

/**
 * The words under a picture, and which of them tell it from its neighbours.
 * @param {Tile} tile @param {Set<string>} differ names of what differs anywhere in the grid: these are told
 * @param {Tile[]} [neighbours] to the left and right
 * @returns {{text: string, differs: boolean}[]}
 */
export function captionFacts(tile, differ, neighbours = []) {
  const near = differing([tile, ...neighbours], [...differ]);
  const facts = [];
  if (tile.model) facts.push({ text: tile.model, differs: near.has("model") });
  if (tile.width) facts.push({ text: sizeOf(tile), differs: near.has("size") });
  const rest = [];
  for (const [name, value] of Object.entries(tile.parameters)) {
    if (name === "size" || name === "n") continue;
    if (differ.has(name)) facts.push({ text: `${name.replaceAll("_", " ")} ${value}`, differs: near.has(name) });
    else rest.push({ text: value, differs: false });
  }
  const [cost, seconds] = told(tile);
  if (cost) facts.push({ text: cost, differs: false });
  if (seconds) facts.push({ text: seconds, differs: false });
  return [...facts, ...rest];
}

/** Cost and seconds as Python has written them. @param {Tile} tile */
function told(tile) {
  const facts = [...tile.facts];
  const seconds = tile.seconds === null ? "" : facts.pop();
  const cost = tile.cost === null ? "" : facts.pop();
  return [cost, seconds];
}

/**
 * The part of a prompt that its neighbours do not share: [before, differs, after].
 * A neighbour that shares less than half of its words is no measure.
 * @param {string} prompt @param {string[]} neighbours
 * @returns {[string, string, string]}
 */
export function promptParts(prompt, neighbours) {
  const words = prompt.split(/(?<=\s)/);
  let [from, to] = [words.length, 0];
  for (const other of neighbours) {
    if (other === prompt) continue;
    const theirs = other.split(/(?<=\s)/);
    const most = Math.min(words.length, theirs.length);
    const same = (/** @type {number} */ mine, /** @type {number} */ their) => bare(words[mine]) === bare(theirs[their]);
    let start = 0;
    while (start < most && same(start, start)) start += 1;
    let end = 0;
    while (end < most - start && same(words.length - 1 - end, theirs.length - 1 - end)) end += 1;
    if (2 * (start + end) < most) continue; // another subject altogether
    from = Math.min(from, start);
    to = Math.max(to, words.length - end);
  }
  if (from >= to) return [prompt, "", ""];
  return [words.slice(0, from).join(""), words.slice(from, to).join(""), words.slice(to).join("")];
}

/** A word as it is compared: "fox," is "fox". @param {string} word */
const bare = (word) => word.trim().replace(/[,.;:]$/, "");

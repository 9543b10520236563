import { step } from "./grid_kit.js";

/**
 * The keyboard of a grid, as the ARIA grid pattern has it: arrows move, Space selects, Enter opens; and
 * one key for each thing that can be done with a tile.
 * @param {import("./grid_view.js").GridView} view @param {KeyboardEvent} event
 */
export function press(view, event) {
  const control = event.ctrlKey || event.metaKey;
  const key = view.order[view.active];
  const tile = view.store.tile(key);
  if (!tile || event.altKey) return;
  const goal = step(event.key, control, view.active, view.rows);
  const act = goal >= 0 ? () => move(view, key, goal, event.shiftKey)
    : control ? withControl(view, event.key, key, tile) : alone(view, event, key, tile);
  if (!act) return;
  act();
  event.preventDefault();
  event.stopPropagation();
}

/** @param {any} view @param {number} key @param {number} goal @param {boolean} selecting */
function move(view, key, goal, selecting) {
  view.activate(goal, true);
  if (!selecting) return;
  view.store.select([...view.store.selected, key, view.order[goal]]
    .filter((other) => view.store.tile(other)?.state === "image"));
}

/** @param {any} view @param {string} pressed @param {number} key @param {import("./grid_kit.js").Tile} tile */
function withControl(view, pressed, key, tile) {
  if (pressed === "a") return () => view.store.select(view.viewable());
  if (pressed === "c" && tile.state === "image") return () => view.run("copy", [key]);
  return undefined;
}

/** @param {any} view @param {KeyboardEvent} event @param {number} key @param {import("./grid_kit.js").Tile} tile */
function alone(view, event, key, tile) {
  const { store } = view;
  const picture = tile.state === "image";
  const keys = store.selected.includes(key) ? store.selected : [key];
  const menu = () => view.openMenu(key, view.cells.get(key));
  if (event.key === "F10") return event.shiftKey ? menu : undefined;
  if (event.key === "Escape") return store.selected.length ? () => store.select([]) : undefined;
  const always = {
    Enter: () => (tile.retry ? view.hands.retry(key) : view.open(key)),
    ContextMenu: menu,
    m: menu,
    Delete: () => view.run("remove", keys),
    p: tile.code ? () => view.run("code", keys) : undefined,
  }[event.key];
  if (always || !picture) return always;
  if (/^[0-5]$/.test(event.key)) {
    return () => view.guard(store.ask({ kind: "rate", keys, rating: Number(event.key) || null }));
  }
  return {
    " ": () => store.toggle(key),
    e: () => view.run("edit", [key]),
    c: () => view.run("copy", [key]),
    s: () => view.hands.star(key),
  }[event.key];
}

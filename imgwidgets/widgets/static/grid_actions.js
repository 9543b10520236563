import { button, icon, make, ownKeys, plural } from "./grid_kit.js";
import { copyText } from "./grid_store.js";

/** @typedef {import("./grid_store.js").Store} Store */

/**
 * What can be done with images: in a tile's menu and with the selection.
 * `one`: with a single image only; `pictures`: with images, not with failed tiles; `needs`: what a tile must have.
 * @type {Record<string, {label: string, icon: any, one?: boolean, pictures?: boolean, needs?: string, key?: string}>}
 */
export const ACTIONS = {
  use: { label: "Use as input", icon: "use", pictures: true },
  edit: { label: "Edit", icon: "edit", one: true, pictures: true, key: "E" },
  code: { label: "Copy as Python", icon: "code", needs: "code", key: "P" },
  copy: { label: "Copy image", icon: "copy", one: true, pictures: true, key: "C" },
  download: { label: "Download", icon: "download", pictures: true },
  save: { label: "Save", icon: "save", pictures: true },
  retry: { label: "Retry", icon: "retry", needs: "retry" },
  remove: { label: "Delete from the grid", icon: "remove", key: "Del" },
};

/**
 * The actions that some tiles allow, by name.
 * @param {import("./grid_kit.js").Tile[]} tiles @param {string[]} offers what Python offers besides
 */
export function allowed(tiles, offers) {
  const pictures = tiles.filter(({ state }) => state === "image");
  const names = Object.keys(ACTIONS).filter((name) => {
    const { one, pictures: needed, needs } = ACTIONS[name];
    if (name === "use" && !offers.includes("use")) return false;
    if (one && tiles.length !== 1) return false;
    if (needed && !pictures.length) return false;
    return !needs || tiles.some((/** @type {any} */ tile) => tile[needs]);
  });
  const own = offers.filter((name) => !(name in ACTIONS));
  if (!pictures.length) return names;
  return [...names.filter((name) => name === "use"), ...own, ...names.filter((name) => name !== "use")];
}

/**
 * Do something; give what there is to say about it.
 * @param {Store} store @param {string} name @param {number[]} keys @param {(painter: string) => void} edit
 * @returns {Promise<string>}
 */
export async function act(store, name, keys, edit) {
  const count = plural(keys.length, "image");
  if (name === "code") {
    const { code } = await store.ask({ kind: "code", keys });
    await copyText(code);
    return `Copied ${plural(code.trim().split("\n").length, "line")} of Python`;
  }
  if (name === "copy") {
    await store.copyImage(keys[0]);
    return "Copied the image";
  }
  if (name === "download") {
    await store.download(keys);
    return "";
  }
  if (name === "edit") {
    const { painter } = await store.ask({ kind: "edit", keys });
    if (painter) edit(painter);
    return "";
  }
  if (name in ACTIONS && name !== "use") {
    const { message } = await store.ask({ kind: name, keys });
    return message ?? "";
  }
  await store.ask({ kind: "act", name, keys });
  return name === "use" ? `${count} given as input` : `${name}: ${count}`;
}

/** @param {string} name */
export const labelOf = (name) => ACTIONS[name]?.label ?? name[0].toUpperCase() + name.slice(1);

/** Five stars to press. @param {number} rating @param {(rating: number|null) => void} rate @param {number} tab */
export function ratingStars(rating, rate, tab) {
  const stars = [1, 2, 3, 4, 5].map((value) => {
    const star = make("button", {
      type: "button", class: `iw-button iw-bare iw-rate${value <= rating ? " iw-on" : ""}`, tabIndex: tab,
      title: value === rating ? "Take the rating away" : `Rate ${value} of 5`,
      "aria-label": `Rate ${value} of 5`, "aria-pressed": String(value === rating),
      onclick: () => rate(value === rating ? null : value),
    }, icon("star"));
    return star;
  });
  return make("span", { class: "iw-rating", role: "group", "aria-label": "Rating" }, ...stars);
}

/** The menu of one tile: over the page, closed by Escape or a click elsewhere. */
export class Menu {
  /**
   * @param {HTMLElement} opener @param {{name: string, act: () => void}[]} entries @param {HTMLElement} rating
   * @param {() => void} closed
   */
  constructor(opener, entries, rating, closed) {
    this.closed = closed;
    this.items = entries.map(({ name, act: run }) => {
      const entry = button(ACTIONS[name]?.icon ?? "plain", labelOf(name), () => {
        this.close();
        run();
      });
      entry.setAttribute("role", "menuitem");
      entry.tabIndex = -1;
      if (ACTIONS[name]?.key) entry.append(make("kbd", {}, ACTIONS[name].key ?? ""));
      return entry;
    });
    const list = make("div", { role: "menu", "aria-label": "Actions" }, ...this.items);
    this.el = ownKeys(make("div", {
      class: "iw-menu", popover: "auto",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
      ontoggle: (/** @type {any} */ event) => { if (event.newState === "closed") this.close(); },
    }, rating, list));
    this.host = opener.closest(".iw-grid") ?? document.body;
    this.host.append(this.el);
    this.el.showPopover?.();
    const box = opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.el;
    const below = box.bottom + 4 + height < innerHeight;
    this.el.style.left = `${Math.max(8, Math.min(innerWidth - width - 8, box.right - width))}px`;
    this.el.style.top = `${Math.max(8, below ? box.bottom + 4 : box.top - height - 4)}px`;
    this.items[0]?.focus();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const at = this.items.indexOf(/** @type {any} */ (document.activeElement));
    const goal = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.close();
    } else if (goal !== undefined) {
      event.preventDefault();
      this.items.at(goal % this.items.length)?.focus();
    }
  }

  close() {
    if (!this.el.isConnected) return;
    this.el.remove();
    this.closed();
  }
}

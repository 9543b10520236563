import { ACTIONS, allowed, labelOf, ratingStars } from "./grid_actions.js";
import { button, make, plural } from "./grid_kit.js";
import { groupings } from "./grid_order.js";
import { KERNEL_GONE } from "./grid_store.js";

/** @typedef {import("./grid_store.js").Store} Store */

const SORTS = {
  "": "as they came", time: "oldest first", "-time": "newest first", cost: "cheapest first",
  "-cost": "dearest first", "-rating": "best rated first", rating: "worst rated first",
};
const WITHOUT_SELECTION = ["download", "save", "code"];

/** The lines above the tiles: what there is, what is shown of it, what can be done. */
export class Bar {
  /**
   * @param {Store} store
   * @param {{run: (name: string, keys: number[]) => void, compare: () => void, chosen: () => number[],
   *   star: (keys: number[], on: boolean) => void, rate: (keys: number[], rating: number|null) => void}} hands
   */
  constructor(store, hands) {
    this.store = store;
    this.hands = hands;
    this.open = false;
    this.unseen = 0; // selected images that a filter hides
    this.summary = make("span", { class: "iw-summary" });
    this.chosen = make("span", { class: "iw-chosen", role: "status" });
    this.status = make("span", { class: "iw-status", role: "status" });
    this.actions = make("span", { class: "iw-actions", role: "toolbar", "aria-label": "Actions" });
    this.filters = make("button", {
      type: "button", class: "iw-button", "aria-expanded": "false", onclick: () => this.toggle(),
    });
    this.filters.append(...button("filter", "Sort and filter", () => {}).childNodes);
    this.wishes = make("div", { class: "iw-wishes", hidden: true });
    this.gone = make("p", { class: "iw-gone", role: "alert", hidden: true }, KERNEL_GONE);
    this.el = make("div", { class: "iw-head" },
      make("div", { class: "iw-bar" }, this.summary, this.chosen, this.status, this.actions), this.wishes, this.gone);
    this.build();
  }

  /** The controls that say what is shown. */
  build() {
    const { store } = this;
    const field = (/** @type {string} */ label, /** @type {HTMLElement} */ control) => (
      make("label", { class: "iw-field" }, make("span", {}, label), control));
    const choice = (/** @type {string} */ trait, /** @type {(value: string) => any} */ read) => (
      make("select", {
        onchange: (/** @type {Event} */ event) => (
          store.set(trait, read(/** @type {HTMLSelectElement} */ (event.target).value))),
      }));
    this.text = make("input", {
      type: "search", placeholder: "words",
      oninput: () => {
        clearTimeout(this.typing);
        this.typing = setTimeout(() => store.set("filter_text", this.text.value), 150);
      },
    });
    this.model = choice("filter_model", (value) => value);
    this.rating = choice("filter_rating", Number);
    this.sort = choice("sort_by", (value) => value);
    this.group = choice("group_by", (value) => value);
    this.starred = make("input", {
      type: "checkbox", onchange: () => store.set("filter_starred", this.starred.checked),
    });
    this.reset = button("close", "Show all", () => {
      for (const [trait, value] of Object.entries({
        filter_text: "", filter_model: "", filter_starred: false, filter_rating: 0, sort_by: "", group_by: "",
      })) store.set(trait, value);
    });
    this.modelField = field("Model", this.model);
    fillChoice(this.rating, [["0", "any"], ...[1, 2, 3, 4, 5].map((n) => [String(n), n < 5 ? `${n} or more` : "5"])]);
    fillChoice(this.sort, Object.entries(SORTS));
    this.wishes.append(field("Find", this.text), this.modelField, field("Rating", this.rating),
      field("Sort", this.sort), field("Group by", this.group),
      make("label", { class: "iw-field iw-tick" }, this.starred, make("span", {}, "Starred only")), this.reset);
  }

  toggle() {
    this.open = !this.open;
    this.update();
    if (this.open) this.text.focus();
  }

  /** @param {number} [shown] how many tiles are shown */
  update(shown = this.shown ?? 0) {
    this.shown = shown;
    const { store } = this;
    const tiles = store.listed;
    const { wish } = store;
    const filtered = Boolean(wish.text || wish.model || wish.starred || wish.rating);
    const any = filtered || wish.sort || wish.group;
    const failed = tiles.filter((tile) => tile.state === "error").length;
    const waiting = tiles.filter((tile) => tile.state === "waiting").length;
    const total = store.connected ? tiles.length : store.total;
    const parts = [plural(total - failed - waiting, "image")];
    if (filtered) parts.unshift(`${shown} shown of`);
    if (waiting) parts.push(`${waiting} waiting`);
    if (failed) parts.push(`${failed} failed`);
    const cost = store.model.get("_cost");
    if (cost) parts.push(cost);
    this.summary.textContent = total
      ? (filtered ? `${parts[0]} ${parts.slice(1).join(" · ")}` : parts.join(" · ")) : "No images yet";
    const { length: chosen } = store.selected;
    this.chosen.textContent = chosen ? `${chosen} selected${this.unseen ? ` (${this.unseen} not shown)` : ""}` : "";
    const many = total > 1 || any;
    this.filters.hidden = !many;
    this.filters.setAttribute("aria-expanded", String(this.open));
    this.filters.classList.toggle("iw-on", Boolean(any));
    this.wishes.hidden = !this.open || !many;
    if (this.open) this.fillChoices(tiles, wish, Boolean(any));
    this.showActions(tiles);
    this.gone.hidden = !store.gone && !store.silent;
    this.gone.textContent = store.gone ? KERNEL_GONE : "Waiting for the kernel: it answers when it is free.";
  }

  /** @param {any[]} tiles @param {any} wish @param {boolean} any */
  fillChoices(tiles, wish, any) {
    const models = [...new Set(tiles.map(({ model }) => model).filter(Boolean))];
    this.modelField.hidden = models.length < 2 && !wish.model;
    fillChoice(this.model, [["", "all"], ...models.map((name) => [name, name])]);
    fillChoice(this.group, [["", "nothing"], ...groupings(tiles).map((name) => [name, name.replaceAll("_", " ")])]);
    this.model.value = wish.model;
    this.group.value = wish.group;
    this.rating.value = String(wish.rating);
    this.sort.value = wish.sort;
    this.starred.checked = wish.starred;
    if (document.activeElement !== this.text) this.text.value = wish.text;
    this.reset.hidden = !any;
  }

  /** @param {any[]} tiles */
  showActions(tiles) {
    const { store, hands } = this;
    const selected = store.selected.map((key) => store.tile(key)).filter((tile) => tile !== undefined);
    const offers = store.model.get("_offers") ?? [];
    const keys = () => hands.chosen();
    let names = allowed(selected, offers);
    if (!selected.length) names = allowed(tiles, []).filter((name) => WITHOUT_SELECTION.includes(name));
    // Built again only where it changes: a button must not vanish under the pointer or lose the focus.
    const said = JSON.stringify([names, selected.length > 0, selected.map(({ key, starred, rating }) => [key, starred, rating])]);
    if (said === this.said) return;
    const had = this.actions.contains(document.activeElement) ? document.activeElement?.getAttribute("data-name") : null;
    this.said = said;
    const made = names.map((name) => {
      const one = button(ACTIONS[name]?.icon ?? "plain", labelOf(name), () => hands.run(name, keys()),
        !["use", "edit", "download", "save"].includes(name) && name in ACTIONS);
      one.title = labelOf(name) + (selected.length ? "" : ` (all ${plural(tiles.length, "image")})`);
      one.dataset.name = name;
      return one;
    });
    if (selected.length) {
      const stars = selected.every(({ starred }) => starred);
      const star = button("star", stars ? "Take the star away" : "Star", () => hands.star(keys(), !stars), true);
      star.classList.add("iw-star");
      star.setAttribute("aria-pressed", String(stars));
      star.dataset.name = "star";
      const rating = selected.every((tile) => tile.rating === selected[0].rating) ? selected[0].rating : 0;
      made.unshift(star, ratingStars(rating, (value) => hands.rate(keys(), value), 0));
    }
    this.compare = button("compare", "Compare", () => hands.compare());
    this.compare.hidden = selected.filter(({ state }) => state === "image").length < 2 || selected.length > 4;
    this.compare.dataset.name = "compare";
    this.filters.dataset.name = "filters";
    this.actions.replaceChildren(this.filters, this.compare, ...made);
    if (had) /** @type {any} */ (this.actions.querySelector(`[data-name="${had}"]`))?.focus();
  }

  /** Said until there is something else to say, or long enough to be read. @param {string} text */
  say(text) {
    this.status.textContent = text;
    clearTimeout(this.forgetting);
    this.forgetting = setTimeout(() => { this.status.textContent = ""; }, 15_000);
  }
}

/** @param {any} select @param {string[][]} options */
function fillChoice(select, options) {
  const said = JSON.stringify(options);
  if (select.dataset.said === said) return;
  select.dataset.said = said;
  select.replaceChildren(...options.map(([value, label]) => make("option", { value }, label)));
}

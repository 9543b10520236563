/**
 * The bar above the history's grid: words to search for, filters, pages, what was spent.
 *
 * Python searches; this only says what is wanted and shows what was found. Text from outside only ever
 * becomes text nodes and the values of fields.
 */

import { ALL, STATUSES, amount, emptiness, inUse, pageOf, summary } from "./history_kit.js";

/** @typedef {import("./history_kit.js").Wish} Wish */
/** @typedef {import("./history_kit.js").State} State */

const PATIENCE = 250; // milliseconds without a key before the words are searched for

/** @param {string} tag @param {string} name @param {Element | null} [parent] @param {string} [text] @returns {any} */
function node(tag, name, parent = null, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
}

/** @param {Element} parent @param {string} text @param {() => void} act @param {string} [title] */
function button(parent, text, act, title = "") {
  const made = node("button", "iwh-button", parent, text);
  made.type = "button";
  if (title) made.title = title;
  made.addEventListener("click", act);
  return made;
}

/** Options without losing what is chosen. @param {HTMLSelectElement} select @param {string[][]} options @param {string} value */
function fill(select, options, value) {
  const wanted = options.some(([name]) => name === value) ? options : [...options, [value, value]];
  const have = [...select.options].map((option) => option.value).join("\n");
  if (have !== wanted.map(([name]) => name).join("\n")) {
    select.replaceChildren(...wanted.map(([name, text]) => {
      const option = node("option", "", null, text);
      option.value = name;
      return option;
    }));
  }
  if (select.value !== value) select.value = value;
}

/** The bar of one view. */
class Bar {
  /** @param {any} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.timer = 0;
    this.root = node("div", "iwh-bar", el);
    this.build();
    this.heard = () => this.show();
    model.on("change:_state", this.heard);
    model.on("change:_wish", this.heard);
    this.show();
  }

  /** @returns {Wish} */
  get wish() { return { ...ALL, ...this.model.get("_wish") }; }

  /** @returns {State} */
  get state() { return this.model.get("_state"); }

  /** @param {Record<string, any>} message */
  say(message) { this.model.send(message); }

  /** @param {Partial<Wish>} changes */
  want(changes) {
    clearTimeout(this.timer);
    this.say({ do: "search", wish: { ...this.wish, text: this.words.value, ...changes } });
  }

  build() {
    const first = node("div", "iwh-row", this.root);
    this.words = node("input", "iwh-words", first);
    Object.assign(this.words, { type: "search", placeholder: "Search prompts and models", maxLength: 500 });
    this.words.setAttribute("aria-label", "Search the history");
    this.words.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.want({}), PATIENCE);
    });
    this.words.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation(); // the notebook's own keys
      if (event.key === "Enter") this.want({});
    });
    this.star = button(first, "★ Starred", () => this.want({ starred: !this.wish.starred }), "Only what has a star");
    this.more = button(first, "Filters", () => this.open(!this.isOpen));
    this.more.setAttribute("aria-expanded", "false");
    this.filters = node("div", "iwh-filters", this.root);
    this.filters.hidden = true;
    this.fields = {
      model: this.select("Model", "model"),
      provider: this.select("Provider", "provider"),
      status: this.select("Outcome", "status"),
      since: this.field("From", "since", "date"),
      until: this.field("To", "until", "date"),
      min_cost: this.field("Cost from ($)", "min_cost", "number"),
      max_cost: this.field("Cost to ($)", "max_cost", "number"),
    };
    this.clear = button(this.filters, "Clear", () => {
      this.words.value = "";
      this.want({ ...ALL });
    });
    const second = node("div", "iwh-row iwh-facts", this.root);
    this.said = node("span", "iwh-said", second);
    this.said.setAttribute("role", "status");
    this.said.title = "What was spent leaves out the sandbox and requests whose price is not known";
    this.fresh = button(second, "", () => this.say({ do: "page", to: 0 }));
    this.fresh.classList.add("iwh-fresh");
    const pages = node("span", "iwh-pages", second);
    this.back = button(pages, "‹", () => this.say({ do: "page", to: this.state.page - 1 }), "Newer");
    this.where = node("span", "", pages);
    this.next = button(pages, "›", () => this.say({ do: "page", to: this.state.page + 1 }), "Older");
    for (const turn of [this.back, this.next]) turn.setAttribute("aria-label", turn.title);
    const acts = node("span", "iwh-acts", second);
    button(acts, "Code", () => this.say({ do: "code" }), "Python that asks again for what is selected");
    button(acts, "Export", () => this.say({ do: "export" }),
      "Copy what is selected, or else all that was found, into a folder");
    button(acts, "Folder", () => this.say({ do: "folder" }), "Where the files are");
    this.notice = node("div", "iwh-notice", this.root);
    this.notice.setAttribute("role", "status");
    this.error = node("div", "iwh-error", this.root);
    this.error.setAttribute("role", "alert");
    this.code = node("div", "iwh-code", this.root);
    this.text = node("pre", "", this.code);
    this.text.tabIndex = 0;
    const below = node("div", "iwh-row", this.code);
    this.copy = button(below, "Copy", () => this.copied());
    button(below, "Close", () => this.say({ do: "hide" }));
    this.empty = node("div", "iwh-empty", this.root);
  }

  get isOpen() { return !this.filters.hidden; }

  /** @param {boolean} open */
  open(open) {
    this.filters.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
  }

  /** @param {string} label @param {keyof Wish} name */
  select(label, name) {
    const box = node("label", "iwh-field", this.filters, label);
    const select = node("select", "", box);
    select.addEventListener("change", () => this.want({ [name]: select.value }));
    return select;
  }

  /** @param {string} label @param {keyof Wish} name @param {string} type */
  field(label, name, type) {
    const box = node("label", "iwh-field", this.filters, label);
    const input = node("input", "", box);
    input.type = type;
    if (type === "number") Object.assign(input, { min: "0", step: "any", inputMode: "decimal" });
    input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.stopPropagation());
    input.addEventListener("change", () => {
      this.want({ [name]: type === "number" ? amount(input.value) : input.value });
    });
    return input;
  }

  async copied() {
    try {
      await navigator.clipboard.writeText(this.text.textContent ?? "");
      this.copy.textContent = "Copied";
    } catch {
      // Without https a page may not write to the clipboard: select it, so that Ctrl+C does.
      getSelection()?.selectAllChildren(this.text);
      this.copy.textContent = "Press Ctrl+C";
    }
    setTimeout(() => { this.copy.textContent = "Copy"; }, 2000);
  }

  show() {
    const { wish, state } = this;
    if (document.activeElement !== this.words && this.words.value !== wish.text) this.words.value = wish.text;
    this.star.setAttribute("aria-pressed", String(wish.starred));
    const used = inUse(wish);
    this.more.textContent = used ? `Filters (${used})` : "Filters";
    const names = (/** @type {string} */ any, /** @type {string[]} */ list) => [["", any], ...list.map((one) => [one, one])];
    fill(this.fields.model, names("Any", state.models), wish.model);
    fill(this.fields.provider, names("Any", state.providers), wish.provider);
    fill(this.fields.status, STATUSES, wish.status);
    for (const name of /** @type {const} */ (["since", "until", "min_cost", "max_cost"])) {
      const field = this.fields[name];
      const value = String(wish[name] ?? "");
      if (document.activeElement !== field && field.value !== value) field.value = value;
    }
    this.said.textContent = summary(state);
    this.fresh.hidden = !state.fresh;
    this.fresh.textContent = `${state.fresh} new: show`;
    this.where.textContent = pageOf(state);
    this.back.hidden = this.next.hidden = state.pages < 2;
    this.back.disabled = state.page <= 0;
    this.next.disabled = state.page >= state.pages - 1;
    for (const [place, text] of [
      [this.notice, state.notice], [this.error, state.error], [this.empty, emptiness(state, wish)],
    ]) {
      place.hidden = !text;
      if (place.textContent !== text) place.textContent = text;
    }
    this.code.hidden = !state.code;
    this.text.textContent = state.code;
  }

  remove() {
    clearTimeout(this.timer);
    this.model.off("change:_state", this.heard);
    this.model.off("change:_wish", this.heard);
  }
}

export default {
  /** @param {{model: any, el: HTMLElement}} place */
  render({ model, el }) {
    const bar = new Bar(model, el);
    return () => bar.remove();
  },
};

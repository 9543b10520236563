import { element, pressable, setText, whenRooted } from "./studio_kit.js";

const TABS = [["results", "Results"], ["edit", "Edit"], ["sweep", "Sweep"], ["history", "History"]];
let tabsMade = 0;

/** The tabs, which work without the kernel; and the screen as Python. */
export class Tabs {
  /** @param {any} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.id = `iws-${++tabsMade}-${Math.random().toString(36).slice(2, 8)}`;
    const bar = element("div", "iws-tabbar", el);
    const list = element("div", "iws-tabs", bar);
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Studio");
    this.tabs = TABS.map(([name, title]) => {
      const button = element("button", "iws-tab", list, title);
      button.type = "button";
      button.id = `${this.id}-${name}`;
      button.setAttribute("role", "tab");
      button.addEventListener("click", () => this.choose(name));
      return { name, title, button };
    });
    list.addEventListener("keydown", (event) => this.key(event));
    this.copied = element("span", "iws-quiet", bar);
    this.copied.setAttribute("role", "status");
    this.copy = pressable(bar, "Copy as Python", () => this.copyCode(), { kind: "iws-outlined" });
    this.show = pressable(bar, "{ }", () => this.toggle(), { kind: "iws-bare", name: "Show the Python" });
    this.show.setAttribute("aria-expanded", "false");
    this.code = element("pre", "iws-code", el);
    this.code.tabIndex = 0;
    this.code.hidden = true;
    this.code.setAttribute("role", "region");
    this.code.setAttribute("aria-label", "The screen as Python");
    /** @type {(() => void)[]} */
    this.stops = [];
    this.stops.push(whenRooted(el, (root) => this.found(root)));
  }

  /** @param {HTMLElement} root */
  found(root) {
    this.root = root;
    root.dataset.lmSuppressShortcuts = "true"; // JupyterLab looks no further up for its keys
    root.tabIndex = -1; // so that a click into it lets it hear what is pasted
    for (const { name } of this.tabs) {
      const panel = root.querySelector(`.iws-panel-${name}`);
      if (!panel) continue;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `${this.id}-${name}`);
      panel.id = `${this.id}-panel-${name}`;
      root.querySelector(`#${this.id}-${name}`)?.setAttribute("aria-controls", panel.id);
    }
    this.stops.push(nameSliders(root));
    this.paint();
  }

  choose(name, { tell = true } = {}) {
    this.chosen = name;
    this.paint();
    if (tell) this.model.send({ do: "tab", tab: name });
  }

  paint() {
    if (this.root) this.root.dataset.tab = this.chosen ?? "results";
    for (const { name, button } of this.tabs) {
      const chosen = name === (this.chosen ?? "results");
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const place = this.tabs.findIndex(({ button }) => button === document.activeElement);
    const moves = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: this.tabs.length - 1 };
    if (place < 0 || !(event.key in moves)) return;
    event.preventDefault();
    const next = this.tabs.at(moves[event.key] % this.tabs.length);
    next.button.focus();
    this.choose(next.name);
  }

  /** @param {any} state */
  update(state) {
    // Python's word counts when it is new: a page may have moved on meanwhile.
    if (state.turn !== this.turn) {
      this.turn = state.turn;
      this.choose(state.tab, { tell: false });
    }
    for (const { name, title, button } of this.tabs) {
      setText(button, state.counts[name] ? `${title} ${state.counts[name]}` : title);
    }
    setText(this.code, state.code);
  }

  toggle() {
    this.code.hidden = !this.code.hidden;
    this.show.setAttribute("aria-expanded", String(!this.code.hidden));
  }

  async copyCode() {
    this.model.send({ do: "copied" }); // Python writes the pictures that the code names
    const text = this.code.textContent;
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      done = copyByHand(text); // pages that are not served over https have no clipboard
    }
    if (!done && this.code.hidden) this.toggle();
    setText(this.copied, done ? "Copied" : "Select and copy it here");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => setText(this.copied, ""), 4000);
  }

  close() {
    clearTimeout(this.timer);
    for (const stop of this.stops) stop();
  }
}

/**
 * The sliders of ipywidgets have a label for the eye and no name for a screen reader.
 * @param {HTMLElement} root
 */
function nameSliders(root) {
  const form = root.querySelector(".iws-form");
  const name = () => {
    for (const handle of form?.querySelectorAll(".noUi-handle:not([aria-label])") ?? []) {
      const label = handle.closest(".jupyter-widgets")?.querySelector(".widget-label");
      handle.setAttribute("aria-label", label?.textContent || "slider");
    }
  };
  const watcher = new MutationObserver(name);
  if (form) watcher.observe(form, { childList: true, subtree: true });
  name();
  return () => watcher.disconnect();
}

/** @param {string} text */
function copyByHand(text) {
  const box = element("textarea", "iws-spoken", document.body);
  box.value = text;
  box.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    done = false;
  }
  box.remove();
  return done;
}

import { make, ownKeys, plural } from "./grid_kit.js";
import { loaded, reason, Stage, zoomButtons } from "./grid_stage.js";

const PATIENCE = 3000; // ms
const WAITING = "Waiting for the kernel: it is busy, or gone. The vote counts when it answers.";
const SIDES = ["left", "right"];
const CHOICES = [
  { choice: "left", label: "← Left is better", keys: ["ArrowLeft"] },
  { choice: "tie", label: "Tie", keys: ["ArrowDown", "t"] },
  { choice: "skip", label: "Skip", keys: ["s"] },
  { choice: "right", label: "Right is better →", keys: ["ArrowRight"] },
];

/** @param {number} value @param {{low: number, high: number}} scale share of the way from low to high */
const along = (value, { low, high }) => (100 * (value - low)) / (high - low || 1);

/** What the result says in a sentence. @param {any[]} rows the best first @param {number} votes */
export function verdict(rows, votes) {
  const [first, second] = rows;
  const count = plural(votes, "vote");
  if (!votes || !second) return "No votes were cast.";
  if (first.low > second.high) return `After ${count}, ${first.name} is ahead.`;
  return `After ${count}, the best cannot be told apart with certainty: their intervals overlap.`;
}

/** One view of a blind test. */
export class BlindView {
  /** @param {any} booth @param {HTMLElement} el */
  constructor(booth, el) {
    this.booth = booth;
    this.shown = -1;
    this.ready = false;
    this.zooms = zoomButtons(() => this.stage);
    this.stage = new Stage(() => this.zooms.update(this.stage), { wheelNeedsControl: true });
    this.count = make("span", { class: "iw-summary" });
    this.bar = make("progress", { "aria-label": "Pairs that have a vote", max: 1, value: 0 });
    this.status = make("span", { class: "iw-status", role: "status" });
    this.images = SIDES.map((side) => make("img", { alt: `Picture on the ${side}`, draggable: false }));
    this.panes = this.images.map((image, i) => {
      const pane = Stage.pane(`Picture on the ${SIDES[i]}`);
      pane.append(image);
      return pane;
    });
    this.votes = CHOICES.map(({ choice, label, keys }) => make("button", {
      type: "button", class: `iw-button iw-vote iw-vote-${choice}`, title: `Key: ${keys.join(" or ").replaceAll("Arrow", "arrow ").toLowerCase()}`,
      "aria-disabled": "true", onclick: () => this.vote(choice),
    }, label));
    this.undo = make("button", {
      type: "button", class: "iw-button", title: "Take the last vote back (key: u)", "aria-disabled": "true",
      onclick: () => this.takeBack(),
    }, "Undo");
    this.end = make("button", { type: "button", class: "iw-button", onclick: () => this.finish() }, "End");
    this.pairs = make("div", { class: "iw-booth" }, ...this.panes);
    this.asking = make("div", {},
      make("div", { class: "iw-bar" }, make("strong", { class: "iw-question" }, "Which one is better?"),
        this.count, this.bar, this.zooms.el),
      this.pairs,
      make("div", { class: "iw-votes", role: "group", "aria-label": "Your vote" }, ...this.votes),
      make("div", { class: "iw-bar iw-under-votes" }, this.status, this.undo, this.end));
    this.result = make("div", { class: "iw-outcome", role: "region", "aria-label": "Result", tabIndex: -1, hidden: true });
    this.root = ownKeys(make("div", {
      class: "iw-grid iw-blind",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    }, this.asking, this.result));
    el.append(this.root);
    this.tell = () => this.update();
    booth.views.add(this.tell);
    this.update();
  }

  close() {
    this.booth.views.delete(this.tell);
    clearTimeout(this.patience);
    this.stage.close();
    this.freeResult();
    this.root.remove();
  }

  update() {
    const { state, trouble } = this.booth;
    clearTimeout(this.patience);
    this.status.textContent = trouble;
    if (!state) return;
    this.root.classList.add("iw-live");
    if (trouble && state.serial === this.shown) this.allow(true, this.only);
    this.bar.max = state.rounds;
    this.bar.value = state.serial;
    this.count.textContent = `Pair ${Math.min(state.serial + 1, state.rounds)} of ${state.rounds}`;
    this.undo.setAttribute("aria-disabled", String(state.serial === 0));
    this.end.textContent = "End";
    this.end.title = "End the test and show the labels";
    if (state.revealed) this.reveal();
    else if (state.serial !== this.shown) this.show();
  }

  // -- voting ------------------------------------------------------------------------------------

  async show() {
    const { serial, sizes } = this.booth.state;
    this.shown = serial;
    this.asking.hidden = false;
    this.result.hidden = true;
    this.allow(false);
    const current = () => this.shown === serial && this.booth.state.serial === serial;
    const slow = setTimeout(() => { if (current()) this.status.textContent = "Loading…"; }, 300);
    try {
      const urls = await Promise.all(SIDES.map((_, side) => this.booth.picture(side)));
      const whole = await Promise.all(urls.map(loaded));
      if (!current()) return;
      const found = whole.map((image, i) => ({
        width: sizes[i][0] || image.naturalWidth || 512, height: sizes[i][1] || image.naturalHeight || 512,
      }));
      // Both at once: who comes first must not be seen first.
      this.images.forEach((image, i) => { image.src = urls[i]; });
      const widest = Math.max(...found.map(({ width, height }) => width / height));
      this.pairs.style.setProperty("--iw-ratio", String(Math.min(2.4, Math.max(0.5, widest))));
      this.stage.fitted = true;
      this.stage.show(this.panes.map((el, i) => ({ el, layers: [{ el: this.images[i], size: found[i] }] })));
      this.status.textContent = "";
      this.allow(true);
    } catch (error) {
      if (!current()) return;
      this.status.textContent = reason(error);
      this.allow(true, ["skip"]);
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {boolean} ready @param {string[]} [only] */
  allow(ready, only) {
    this.ready = ready;
    this.only = only;
    CHOICES.forEach(({ choice }, i) => {
      this.votes[i].setAttribute("aria-disabled", String(!ready || Boolean(only && !only.includes(choice))));
    });
  }

  /** @param {string} choice */
  vote(choice) {
    if (!this.ready || (this.only && !this.only.includes(choice))) return;
    this.allow(false);
    this.patience = setTimeout(() => { this.status.textContent = WAITING; }, PATIENCE);
    try {
      this.booth.vote(choice);
    } catch {
      this.status.textContent = "The kernel that made this is gone: run the cell again.";
    }
  }

  takeBack() {
    if (this.booth.state?.serial) this.booth.model.send({ kind: "undo" });
  }

  /** Asked twice: labels that were seen cannot be hidden again. */
  finish() {
    const { serial, rounds } = this.booth.state;
    const question = `End with ${plural(rounds - serial, "pair")} left?`;
    if (this.end.textContent === question) this.booth.model.send({ kind: "reveal" });
    else this.end.textContent = question;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey || (control && event.key !== "z") || this.booth.state?.revealed) return;
    const { target } = event;
    if ((event.key === " " || event.key === "Enter") && target instanceof HTMLButtonElement) {
      event.stopPropagation(); // the button's own; the notebook must not hear of it
      return;
    }
    const found = event.shiftKey ? undefined : CHOICES.find(({ keys }) => keys.includes(event.key));
    if (found && !control) this.vote(found.choice);
    else if (event.key === "u" || event.key === "Backspace" || control) this.takeBack();
    else if (!this.stage.key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // -- the result --------------------------------------------------------------------------------

  reveal() {
    const { rows, serial, by } = this.booth.state;
    const focused = this.root.contains(document.activeElement);
    this.asking.hidden = true;
    this.result.hidden = false;
    this.stage.show([]);
    for (const image of this.images) image.removeAttribute("src");
    this.booth.forget();
    this.freeResult();
    const buffers = [...this.booth.buffers];
    const scale = {
      low: Math.min(...rows.map((/** @type {any} */ row) => row.low)),
      high: Math.max(...rows.map((/** @type {any} */ row) => row.high)),
    };
    const heads = ["", by === "label" ? "Label" : by, "Score", "Won", "Tied", "Lost"];
    this.result.replaceChildren(
      make("p", { class: "iw-verdict", dir: "auto" }, verdict(rows, serial)),
      make("table", {},
        make("thead", {}, make("tr", {}, ...heads.map((head) => (head ? make("th", { scope: "col" }, head) : make("td", {}))))),
        make("tbody", {}, ...rows.map((/** @type {any} */ row) => this.row(row, row.media_type ? buffers.shift() : undefined, scale)))),
      make("p", { class: "iw-legend" }, "Score: 1000 is the average, 400 more is preferred ten times out of eleven. It lies within the bar with 95 % certainty."));
    if (focused) this.result.focus();
  }

  /** @param {any} row @param {DataView | undefined} bytes @param {{low: number, high: number}} scale */
  row(row, bytes, scale) {
    const picture = make("td", { class: "iw-small" });
    if (bytes) {
      const url = URL.createObjectURL(new Blob([bytes], { type: row.media_type }));
      this.urls = [...(this.urls ?? []), url];
      picture.append(make("img", { src: url, alt: "" }));
    }
    const range = make("i", {});
    range.style.left = `${along(row.low, scale)}%`;
    range.style.width = `${along(row.high, scale) - along(row.low, scale)}%`;
    const dot = make("b", {});
    dot.style.left = `${along(row.score, scale)}%`;
    const said = `${Math.round(row.low)} to ${Math.round(row.high)}`;
    const counts = [row.wins, row.ties, row.losses];
    return make("tr", {}, picture, make("th", { scope: "row", dir: "auto" }, row.name),
      make("td", {}, make("span", { class: "iw-score" }, String(Math.round(row.score))),
        make("span", { class: "iw-interval", title: said, "aria-hidden": "true" }, range, dot),
        make("span", { class: "iw-spread" }, said)),
      ...counts.map((count) => make("td", { class: "iw-count" }, String(count))));
  }

  freeResult() {
    for (const url of this.urls ?? []) URL.revokeObjectURL(url);
    this.urls = [];
  }
}

import { element, pressable, progressOf, setText, whenRooted } from "./studio_kit.js";

/** Generate or Edit, Stop, and how far it is. */
export class Run {
  /** @param {any} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.error = element("p", "iws-error", el);
    this.error.setAttribute("role", "alert");
    const row = element("div", "iws-row", el);
    this.go = pressable(row, "", () => this.run(), { kind: "iws-primary" });
    this.stop = pressable(row, "Stop", () => model.send({ do: "stop" }), { kind: "iws-outlined" });
    this.price = element("p", "iws-price", el);
    this.progress = element("div", "iws-progress", el);
    this.bar = element("div", "iws-bar", this.progress);
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", "The request that is on its way");
    this.fill = element("div", "iws-fill", this.bar);
    const line = element("div", "iws-line", this.progress);
    this.words = element("span", "iws-quiet", line);
    this.queue = element("span", "iws-quiet", line);
    this.drop = pressable(line, "Clear", () => model.send({ do: "drop" }), { name: "Take out what waits" });
    this.spoken = element("p", "iws-spoken", el);
    this.spoken.setAttribute("role", "status");
    this.timer = setInterval(() => this.tick(), 250);
    /** @type {(() => void)[]} */
    this.stops = [];
    this.stops.push(whenRooted(el, (root) => {
      const keys = (event) => {
        const here = event.target instanceof Element && event.target.closest(".iws-left");
        if (!here || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        event.stopPropagation();
        this.run();
      };
      root.addEventListener("keydown", keys, true);
      this.stops.push(() => root.removeEventListener("keydown", keys, true));
    }));
  }

  run() {
    // What is being typed counts: a text box may tell only when it is left.
    const typing = document.activeElement;
    if (typing?.matches("textarea, input[type=text], input[type=number]")) {
      typing.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.model.send({ do: "run" });
  }

  /** @param {any} state */
  update(state) {
    if (state.number !== this.state?.number) this.heard = performance.now() - 1000 * Math.max(0, Date.now() / 1000 - state.began);
    this.state = state;
    setText(this.go, state.label);
    setText(this.price, state.price);
    setText(this.error, state.error);
    this.error.hidden = !state.error;
    this.stop.hidden = !state.running;
    this.progress.hidden = !state.running;
    setText(this.queue, state.waiting ? `${state.waiting} waiting` : "");
    this.drop.hidden = !state.waiting;
    setText(this.spoken, state.running ? "A request is on its way." : state.said);
    this.tick();
  }

  tick() {
    if (!this.state?.running) return;
    const { words, share } = progressOf((performance.now() - this.heard) / 1000, this.state.usual);
    setText(this.words, words);
    this.bar.classList.toggle("iws-unknown", share === null);
    this.fill.style.width = share === null ? "" : `${100 * share}%`;
    if (share === null) this.bar.removeAttribute("aria-valuenow");
    else this.bar.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  }

  close() {
    clearInterval(this.timer);
    for (const stop of this.stops) stop();
  }
}

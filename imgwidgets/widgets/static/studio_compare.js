import { element, pressable, setText, whenRooted } from "./studio_kit.js";

const VIEWS = [["paint", "Paint"], ["compare", "Before and after"]];

/**
 * The head of the Edit tab, once there was an edit: paint on, or see before and after, one over the other
 * with a line between them that can be moved. The painter stands below; CSS shows one of the two.
 */
export class Compare {
  /** @param {any} model @param {HTMLElement} el @param {import("./studio_kit.js").Pictures} pictures */
  constructor(model, el, pictures) {
    this.pictures = pictures;
    this.el = el;
    const head = element("div", "iws-head", el);
    const views = element("div", "iws-segments", head);
    views.setAttribute("role", "group");
    views.setAttribute("aria-label", "What to look at");
    this.views = VIEWS.map(([name, title]) => {
      const button = element("button", "iws-segment", views, title);
      button.type = "button";
      button.addEventListener("click", () => this.turn(name));
      return { name, button };
    });
    const tools = element("div", "iws-tools", head);
    this.earlier = pressable(tools, "‹", () => model.send({ do: "other", step: -1 }), { kind: "iws-bare", name: "The result before" });
    this.place = element("span", "iws-quiet", tools);
    this.later = pressable(tools, "›", () => model.send({ do: "other", step: 1 }), { kind: "iws-bare", name: "The next result" });
    pressable(tools, "Use result", () => model.send({ do: "use" }), { kind: "iws-outlined", name: "Go on with this result" });
    this.stage = element("div", "iws-stage", el);
    [this.after, this.before] = ["after", "before"].map((name) => {
      const image = element("img", `iws-${name}`, this.stage);
      image.alt = `The image ${name} the edit`;
      image.draggable = false;
      return image;
    });
    for (const name of ["before", "after"]) {
      element("span", `iws-caption iws-caption-${name}`, this.stage, name).setAttribute("aria-hidden", "true");
    }
    this.line = element("div", "iws-split", this.stage);
    this.range = element("input", "iws-range", this.stage);
    Object.assign(this.range, { type: "range", min: "0", max: "100", value: "50" });
    this.range.setAttribute("aria-label", "How much of the image before is shown, in percent");
    this.range.addEventListener("input", () => this.split());
    this.words = element("p", "iws-quiet", el);
    this.view = "paint";
    this.stops = [whenRooted(el, (root) => {
      this.root = root;
      this.turn(this.view);
    })];
    this.split();
  }

  /** @param {string} view */
  turn(view) {
    this.view = view;
    if (this.root) this.root.dataset.edit = view;
    this.stage.hidden = this.words.hidden = view !== "compare";
    for (const { name, button } of this.views) button.setAttribute("aria-pressed", String(name === view));
  }

  split() {
    const share = Number(this.range.value);
    this.before.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
    this.line.style.left = `${share}%`;
  }

  /** @param {any} state */
  update(state) {
    this.el.hidden = !state.shown;
    if (state.number !== this.number) {
      this.number = state.number;
      this.turn(state.shown ? "compare" : "paint"); // something has come, or the image is another one
    }
    setText(this.words, state.words);
    setText(this.place, state.count > 1 ? `${state.place + 1} of ${state.count}` : "");
    this.earlier.hidden = this.later.hidden = state.count < 2;
    for (const [image, name] of [[this.before, "before"], [this.after, "after"]]) {
      const url = this.pictures.get(name);
      image.hidden = !url;
      if (url && image.getAttribute("src") !== url) image.setAttribute("src", url);
    }
    const [width, height] = state.size ?? [1, 1];
    this.stage.style.aspectRatio = `${width} / ${height}`;
    this.stage.style.maxWidth = `min(100%, ${Math.round((600 * width) / height)}px)`;
  }

  close() {
    for (const stop of this.stops) stop();
  }
}

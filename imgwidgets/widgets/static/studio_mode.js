import { element, setText } from "./studio_kit.js";

const MODES = [["generations", "Generate"], ["edits", "Edit"]];

/** Generate or Edit; and why the sandbox answers in a provider's place. */
export class Mode {
  /** @param {any} model @param {HTMLElement} el */
  constructor(model, el) {
    const modes = element("div", "iws-segments", el);
    modes.setAttribute("role", "group");
    modes.setAttribute("aria-label", "What to do");
    this.buttons = MODES.map(([endpoint, title]) => {
      const button = element("button", "iws-segment", modes, title);
      button.type = "button";
      button.addEventListener("click", () => model.send({ do: "endpoint", endpoint }));
      return { endpoint, button };
    });
    this.notice = element("p", "iws-notice", el);
    this.notice.setAttribute("role", "status");
  }

  /** @param {any} state */
  update(state) {
    for (const { endpoint, button } of this.buttons) {
      button.setAttribute("aria-pressed", String(endpoint === state.endpoint));
    }
    setText(this.notice, state.notice);
    this.notice.hidden = !state.notice;
  }
}

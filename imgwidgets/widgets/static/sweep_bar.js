import { make, plural } from "./grid_kit.js";
import { dollars, spoken, STATES } from "./sweep_kit.js";

/**
 * The line that tells how a run stands, with its buttons.
 *
 *   from Python  the trait _now: {state, progress, budget, estimate, confirmation, trouble, id, free}
 *   to Python    {kind: "start" | "pause" | "go_on" | "cancel" | "retry"}
 */

const PARTS = /** @type {const} */ (["done", "failed", "maybe_billed", "not_sent", "running"]);
const WORDS = {
  "waiting for start": "Ready to start", running: "Running", paused: "Paused", cancelled: "Cancelled", done: "Done",
};

/**
 * The facts beside the state, as short phrases.
 * @param {any} now
 */
export function facts(now) {
  const { progress, budget, estimate, state } = now;
  const ended = progress.cells - progress.waiting - progress.running;
  const said = [`${ended} of ${progress.cells} cells`];
  const counts = { ...progress, not_sent: progress.not_sent - (now.invalid ?? 0), invalid: now.invalid ?? 0 };
  for (const name of /** @type {const} */ (["running", "failed", "maybe_billed", "not_sent", "invalid"])) {
    if (counts[name] > 0) said.push(`${STATES[name][0]} ${counts[name]} ${STATES[name][1]}`);
  }
  const limit = budget === null ? "" : ` of ${dollars(budget)}`;
  said.push(`${dollars(progress.spent)}${limit} spent${now.free ? " (sandbox: free)" : ""}`);
  if (progress.reserved) said.push(`${dollars(progress.reserved)} set aside`);
  if (estimate) said.push(`planned ${estimate} for ${plural(now.images, "image")}`);
  const left = state === "running" ? spoken(progress.remaining) : "";
  if (left) said.push(`about ${left} left`);
  return said;
}

/** Which buttons a state has: [what, word, is the main one]. @param {any} now @returns {[string, string, boolean][]} */
export function actions(now) {
  const { state, progress } = now;
  const again = progress.failed + progress.not_sent - (now.invalid ?? 0);
  if (state === "waiting for start") return [["start", `Start (${now.estimate || "$0"})`, true], ["cancel", "Cancel", false]];
  if (state === "running") return [["pause", "Pause", false], ["cancel", "Cancel", false]];
  if (state === "paused") return [["go_on", "Go on", true], ["cancel", "Cancel", false]];
  return again > 0 ? [["retry", `Retry ${again}`, false]] : [];
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  const state = make("span", { class: "iw-run-state", role: "status" });
  const told = make("span", { class: "iw-run-facts" });
  const buttons = make("span", { class: "iw-run-actions" });
  const bar = make("div", { class: "iw-run-bar", role: "progressbar", "aria-label": "Cells done", "aria-valuemin": 0 });
  const said = make("p", { class: "iw-run-said", dir: "auto" });
  const trouble = make("p", { class: "iw-run-said iw-run-trouble", role: "alert", dir: "auto" });
  const root = make("div", { class: "iw-grid iw-run" },
    make("div", { class: "iw-run-line" }, state, told, buttons), bar, said, trouble);
  el.append(root);
  let offered = "";

  const draw = () => {
    const now = model.get("_now");
    if (!now.progress) return;
    const { progress } = now;
    state.textContent = /** @type {any} */ (WORDS)[now.state] ?? now.state;
    told.replaceChildren(...facts(now).map((text) => make("span", {}, text)));
    const parts = PARTS.map((name) => {
      const part = make("span", { class: `iw-run-part-${name}`, title: `${progress[name]} ${STATES[name][1]}` });
      part.style.width = `${(100 * progress[name]) / Math.max(1, progress.cells)}%`;
      return part;
    });
    bar.replaceChildren(...parts);
    const ended = progress.cells - progress.waiting - progress.running;
    bar.setAttribute("aria-valuemax", String(progress.cells));
    bar.setAttribute("aria-valuenow", String(ended));
    said.textContent = now.confirmation || (progress.reason && now.state === "running" ? `Next: ${progress.reason}` : "");
    said.hidden = !said.textContent;
    trouble.textContent = now.trouble;
    trouble.hidden = !now.trouble;
    const list = actions(now);
    if (JSON.stringify(list) === offered) return;
    offered = JSON.stringify(list);
    const focused = buttons.contains(document.activeElement);
    buttons.replaceChildren(...list.map(([kind, word, main]) => make("button", {
      type: "button", class: `iw-button${main ? " iw-sweep-main" : ""}`, onclick: (/** @type {MouseEvent} */ event) => {
        /** @type {HTMLButtonElement} */ (event.currentTarget).disabled = true;
        offered = "";
        try {
          model.send({ kind });
        } catch {
          trouble.hidden = false;
          trouble.textContent = "The kernel that runs this is gone.";
        }
      },
    }, word)));
    if (focused) /** @type {HTMLElement | null} */ (buttons.firstElementChild)?.focus();
  };
  model.on("change:_now", draw);
  draw();
  return () => model.off("change:_now", draw);
}

export default { render };

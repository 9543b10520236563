/**
 * What the history's bar says and asks for: pure functions, tested without a page.
 */

/**
 * @typedef {{text: string, model: string, provider: string, status: string, since: string, until: string,
 *   min_cost: number | null, max_cost: number | null, starred: boolean}} Wish
 * @typedef {{found: number, page: number, pages: number, shown: number, running: number, spent: string,
 *   today: string, models: string[], providers: string[], place: string, notice: string, error: string,
 *   code: string, fresh: number}} State
 */

/** Nothing is left out. @type {Wish} */
export const ALL = {
  text: "", model: "", provider: "", status: "", since: "", until: "",
  min_cost: null, max_cost: null, starred: false,
};

/** The statuses in people's words. */
export const STATUSES = [
  ["", "Any"],
  ["done", "Done"],
  ["failed", "Failed"],
  ["maybe_billed", "May have been billed"],
  ["not_sent", "Not sent"],
  ["running", "Running"],
];

/** How many filters beside the words are in use. @param {Wish} wish */
export function inUse(wish) {
  return Object.entries(ALL).filter(([name, none]) => name !== "text" && name !== "starred"
    && (wish[/** @type {keyof Wish} */ (name)] ?? none) !== none).length;
}

/** A field's text as an amount; null where it is empty or no number. @param {string} text */
export function amount(text) {
  const value = Number.parseFloat(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** @param {number} count @param {string} one @param {string} many */
const counted = (count, one, many) => `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;

/** What was found. @param {State} state */
export function summary(state) {
  const said = [counted(state.found, "request", "requests")];
  if (state.running) said.push(`${state.running} running`);
  if (state.spent) said.push(`${state.spent} spent in all`);
  if (state.today) said.push(`${state.today} today`);
  return said.join(" · ");
}

/** Which page this is. @param {State} state */
export function pageOf(state) {
  return state.pages > 1 ? `Page ${state.page + 1} of ${state.pages.toLocaleString("en-US")}` : "";
}

/** What stands where there is nothing to show. @param {State} state @param {Wish} wish */
export function emptiness(state, wish) {
  if (state.found || state.error) return "";
  const searched = wish.text || wish.starred || inUse(wish);
  return searched
    ? "Nothing was found. Try fewer words, or clear the filters."
    : "Nothing is here yet. Every request that a client makes is kept here, with its images.";
}

import { make } from "./grid_kit.js";
import { Store } from "./grid_store.js";
import { TableView } from "./sweep_table_view.js";

/**
 * The table of a sweep in the browser. Its images, selection and actions are the result grid's; what is new
 * is where they stand.
 *
 *   from Python  table  {rows, columns, pages, places}     which cell stands where
 *                cells  {cells: [index, status, reason, keys]...}
 *
 * Labels and reasons are hostile: they only ever become text nodes and attribute values.
 */

/** What this page knows of the sweep; all views share it. */
export class Table {
  /** @param {any} model @param {[any, DataView[]][]} early messages that came before this module */
  constructor(model, early) {
    /** @type {any} */
    this.said = undefined;
    /** @type {Map<string, number[]>} row,column/page -> cells */
    this.places = new Map();
    /** @type {Map<number, import("./sweep_table_view.js").CellState>} */
    this.states = new Map();
    /** @type {Set<(what: string, cells: number[]) => void>} */
    this.views = new Set();
    this.total = 0;
    model.on("msg:custom", (/** @type {any} */ message) => this.receive(message));
    for (const [message] of early) this.receive(message);
  }

  /** @param {any} message */
  receive(message) {
    if (message.kind === "table") {
      const text = JSON.stringify(message);
      if (text === this.text) return; // greeted twice: what a person is doing stays undisturbed
      this.text = text;
      this.said = message;
      this.places.clear();
      this.total = 0;
      for (const [row, column, page, cells] of message.places) {
        this.places.set(`${row},${column}/${page.join(",")}`, cells);
        this.total += cells.length;
      }
      for (const view of this.views) view("table", []);
    } else if (message.kind === "cells") {
      for (const [index, ...state] of message.cells) this.states.set(index, state);
      const cells = message.cells.map((/** @type {any[]} */ [index]) => index);
      for (const view of this.views) view("cells", cells);
    }
  }

  /** @param {number} cell @returns {import("./sweep_table_view.js").CellState} */
  state(cell) {
    return this.states.get(cell) ?? ["waiting", "", []];
  }

  /** How many cells are in each state. */
  counts() {
    /** @type {Record<string, number>} */
    const counts = { all: this.total };
    for (const [status] of this.states.values()) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }
}

/** One store and one table for each model, shared by its views; grid_boot.js calls this. */
export default () => {
  /** @type {Store} */
  let store;
  /** @type {Table} */
  let table;
  return {
    /** @param {{model: any, early: [any, DataView[]][]}} context */
    initialize({ model, early }) {
      store = new Store(model, early);
      table = new Table(model, early);
      return () => store.forget();
    },
    /** @param {{el: HTMLElement, css: string}} context */
    render({ el, css }) {
      dress(el, css);
      const view = new TableView(store, table, el);
      return () => view.close();
    },
  };
};

/** The style sheet, once for each page. @param {HTMLElement} el @param {string} css */
function dress(el, css) {
  const root = el.getRootNode();
  for (const place of new Set([document.head, root instanceof ShadowRoot ? root : document.head])) {
    const old = place.querySelector("style[data-imgwidgets-sweep]");
    if (old?.textContent === css) continue;
    const sheet = make("style", { "data-imgwidgets-sweep": "" });
    sheet.textContent = css;
    old?.remove();
    place.append(sheet);
  }
}

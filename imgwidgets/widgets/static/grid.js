import { make } from "./grid_kit.js";
import { Store } from "./grid_store.js";
import { GridView } from "./grid_view.js";

/**
 * The result grid in the browser.
 *
 * Python owns the images; here are only tiles: a caption that came with the list, and a thumbnail
 * that is asked for when its tile scrolls into view. A full image is fetched in pieces when it is
 * opened. All of it travels by custom message, so that nothing big is ever widget state.
 *
 *   to Python    hello      {module}                        a page has come up: send me code and list
 *                thumbnails {keys}                          these tiles are in view
 *                image      {key, offset, request}          the next piece of the provider's file
 *                zip        {keys, offset, request}         the next piece of a zip of several
 *                find, save, star, rate, remove, retry, edit, code, act, differences
 *                           {keys, ..., request}            each is answered
 *   from Python  module     {esm, css}                     this code, to grid_boot.js
 *                tiles      {start, total, tiles}           a stretch of the list
 *                tile       {tile}                          one tile has changed
 *                gone       {keys}                          tiles have gone
 *                thumbnail  {key, version, media_type} + bytes
 *                image, zip {offset, total, request, ...} + bytes
 *                done       {request, ...}, failed {request, message}, trouble {message}
 *                compare    {keys}                          open the comparison
 *
 * Modules, from the bottom up:
 *     grid_kit.js        where things go; elements
 *     grid_order.js      filter, sort, group, what differs: pure
 *     grid_store.js      what this page knows of one grid
 *     grid_stage.js, grid_lightbox.js, grid_compare*.js, grid_heat.js   the large views
 *     grid_tile.js       the content of one tile
 *     grid_actions.js    what can be done with images
 *     grid_bar.js        the lines above the tiles
 *     grid_edit.js       the painter inside the grid
 *     grid_twin.js       the static copy beside it
 *     grid_keys.js       the keyboard
 *     grid_view.js       one view: rows, what is in sight
 *
 * Prompts and messages are hostile: they only ever become text nodes and attribute values.
 */

/** One store for each model, shared by its views; grid_boot.js calls this once for each model. */
export default () => {
  /** @type {Store} */
  let store;
  return {
    /** @param {{model: any, early: [any, DataView[]][]}} context `early`: what came before this module */
    initialize({ model, early }) {
      store = new Store(model, early);
      return () => store.forget();
    },
    /** @param {{el: HTMLElement, css: string}} context */
    render({ el, css }) {
      dress(el, css);
      const view = new GridView(store, el);
      return () => view.close();
    },
  };
};

/** The style sheet, once for each page. @param {HTMLElement} el @param {string} css */
function dress(el, css) {
  const root = el.getRootNode();
  for (const place of new Set([document.head, root instanceof ShadowRoot ? root : document.head])) {
    const old = place.querySelector("style[data-imgwidgets-grid]");
    if (old?.textContent === css) continue;
    const sheet = make("style", { "data-imgwidgets-grid": "" });
    sheet.textContent = css;
    old?.remove();
    place.append(sheet);
  }
}

import { Store } from "./grid_store.js";
import { GridView } from "./grid_view.js";

/**
 * The result grid in the browser.
 *
 * Python owns the images; here are only tiles: a caption that came with the list, and a thumbnail
 * that is asked for when its tile scrolls into view. A full image is fetched in pieces when it is
 * opened. All of it travels by custom message, so that nothing big is ever widget state.
 *
 *   to Python    hello                                     a page has come up: send me the list
 *                thumbnails {keys}                          these tiles are in view
 *                image      {key, offset, request}          the next piece of the provider's file
 *                save       {keys, request}                 write these into the folder
 *   from Python  tiles      {start, total, tiles}           a stretch of the list
 *                tile       {tile}                          one tile has changed
 *                thumbnail  {key, version, media_type} + bytes
 *                image      {key, offset, total, request, ...} + bytes
 *                done       {request, message}, failed {request, message}
 *
 * Prompts and messages are hostile: they only ever become text nodes and attribute values.
 */

/** One store for each model, shared by its views; anywidget calls this once for each model. */
export default () => {
  /** @type {Store} */
  let store;
  return {
    /** @param {{model: any}} context */
    initialize({ model }) {
      store = new Store(model);
      return () => store.forget();
    },
    /** @param {{el: HTMLElement}} context */
    render({ el }) {
      const view = new GridView(store, el);
      return () => view.close();
    },
  };
};

import { button, make } from "./grid_kit.js";
import { copyText } from "./grid_store.js";

/**
 * The painter inside the grid: an ipywidget of its own, whose model the page finds as it finds all others.
 */
export class Editor {
  /**
   * @param {import("./grid_store.js").Store} store @param {string} painter the painter's model
   * @param {(said: string) => void} say @param {() => void} closed
   */
  constructor(store, painter, say, closed) {
    this.closed = closed;
    this.place = make("div", { class: "iw-painter" });
    this.el = make("section", { class: "iw-editor", "aria-label": "Edit the image" },
      make("div", { class: "iw-bar" },
        make("span", { class: "iw-summary" }, "Paint what an edit may change: ", make("code", {}, "grid.painter.mask")),
        make("span", { class: "iw-actions" },
          button("code", "Copy mask as Python", async () => {
            try {
              await copyText((await store.ask({ kind: "painted" })).code);
              say("Copied the mask");
            } catch (error) {
              say(error instanceof Error ? error.message : String(error));
            }
          }),
          button("close", "Close the painter", () => this.close(), true))),
      this.place);
    this.manager = store.model.widget_manager;
    this.painter = painter;
  }

  /** Show the painter; the editor is in the page by now. */
  async open() {
    const { manager } = this;
    try {
      const model = await manager.get_model(this.painter);
      this.view = await manager.create_view(model);
      const widget = this.view.luminoWidget ?? this.view.pWidget;
      // The front end's own way to put a widget into a page, where there is one: its parts hear of it.
      if (widget?.constructor.attach && this.place.isConnected) widget.constructor.attach(widget, this.place);
      else {
        this.place.append(this.view.el);
        this.view.trigger?.("displayed");
      }
    } catch (error) {
      this.place.textContent = `The painter cannot be shown here: ${error instanceof Error ? error.message : error}`;
    }
  }

  close() {
    if (!this.el.isConnected) return;
    this.view?.remove?.();
    this.el.remove();
    this.closed();
  }
}

const known = (globalThis.imgwidgetsModules ??= new Map());

// Nothing here waits: the page takes no further message of the kernel before a widget has begun.
export default () => {
  const early = [];
  let ready;
  return {
    initialize({ model }) {
      const hash = model.get("_module");
      let ended = false;
      let end = () => {};
      let take;
      const code = new Promise((resolve) => { take = resolve; });
      const hear = (message, buffers) => {
        if (message.kind === "module") take(message);
        else early.push([message, buffers]);
      };
      const load = async () => {
        if (!known.has(hash)) {
          const { esm, css } = await code;
          const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
          known.set(hash, { css, module: import(url).finally(() => URL.revokeObjectURL(url)) });
        }
        const { css, module } = known.get(hash);
        const widget = (await module).default();
        model.off("msg:custom", hear);
        if (!ended) end = widget.initialize({ model, early });
        return (el) => widget.render({ el, css });
      };
      model.on("msg:custom", hear);
      model.send({ kind: "hello", module: !known.has(hash) });
      ready = load();
      return () => {
        ended = true;
        end();
      };
    },
    render({ el }) {
      let gone = false;
      let close = () => {};
      ready.then((render) => { if (!gone) close = render(el); });
      return () => {
        gone = true;
        close();
      };
    },
  };
};

// Keys for the whole page, and the list of them. Each can be switched off: who dictates, or leans on a
// key by accident, must not set things off (WCAG 2.1.4).
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const keys = [];
  const WIDE = { "？": "?", "／": "/" }; // what a Chinese keyboard writes
  let on = true;

  // {key, name, work, when?}: called t("key." + name) in the list; `when` false leaves it out of it.
  gm.parts.key = (one) => keys.push(one);

  const writing = (node) => Boolean(node) && (node.isContentEditable || /^(TEXTAREA|SELECT)$/.test(node.tagName) || (node.tagName === "INPUT" && !/^(checkbox|radio|button|range)$/.test(node.type)));

  function pressed(event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (writing(event.target) || document.querySelector("dialog[open]")) return;
    const name = WIDE[event.key] || (event.key.length === 1 ? event.key.toLowerCase() : event.key);
    const found = keys.find((one) => one.key === name && (on || one.always) && (!one.when || one.when()));
    if (!found) return;
    event.preventDefault();
    found.work();
  }

  // A window over the page, with a title and a button that closes it; Escape does, too.
  gm.parts.dialog = function (id, title, children) {
    const head = el("h2", { id: id + "-title" });
    const close = el("button", { type: "button", class: "gm-plain" });
    const box = el("dialog", { id: id, class: "gm-dialog", "aria-labelledby": id + "-title" }, [el("div", { class: "gm-dialog-head" }, [head, close])].concat(children));
    close.addEventListener("click", () => box.close());
    gm.parts.worded(() => {
      head.textContent = gm.parts.t(title);
      close.textContent = gm.parts.t("close");
    });
    document.getElementById("gm-app").appendChild(box);
    return box;
  };

  const MAP = [["↑ ↓ ← →", "key.pan"], ["+  −", "key.zoom"], ["Tab", "key.tab"], ["Esc", "key.escape"]];

  function build() {
    const list = el("dl", { class: "gm-keys" });
    const box = el("input", { type: "checkbox", checked: true, on: { change: (event) => {
      on = event.target.checked;
    } } });
    const said = el("span", {});
    const dialog = gm.parts.dialog("gm-help", "keys", [list, el("label", { class: "gm-keys-on" }, [box, said])]);
    gm.parts.worded(() => {
      gm.parts.empty(list);
      const own = keys.filter((one) => !one.when || one.when()).map((one) => [one.key, "key." + one.name]);
      own.concat(MAP).forEach((one) => {
        list.appendChild(el("dt", {}, [el("kbd", { text: one[0].length === 1 ? one[0].toUpperCase() : one[0] })]));
        list.appendChild(el("dd", { text: gm.parts.t(one[1]) }));
      });
      said.textContent = gm.parts.t("keys.on");
    });
    return dialog;
  }

  gm.parts.plug(95, () => {
    let dialog = null;
    const open = () => {
      if (!dialog) dialog = build();
      dialog.showModal();
    };
    gm.parts.key({ key: "?", name: "help", work: open, always: true });
    gm.parts.tool({ name: "keys", order: 90, icon: "M7 7.5A3 3 0 1 1 11.6 10C10.5 10.7 10 11.2 10 12.5M10 15.5V16", work: open });
    document.addEventListener("keydown", pressed);
  });
})(window.gridmap);

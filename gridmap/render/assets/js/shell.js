// The page's frame: tabs of the panel, the dock under the map, tools on the map, and what parts tell
// each other. A part registers itself with `plug`; nobody else has to know of it.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const NARROW = 760; // pixels: below, the panel is a sheet over the map
  const plugs = [];
  const listeners = {};

  // Called with the map when the page is put together, the smaller order first.
  gm.parts.plug = (order, work) => plugs.push({ order: order, work: work });
  gm.parts.plugged = (map) => plugs.sort((a, b) => a.order - b.order).forEach((one) => one.work(map));

  // Events: "filter" (masks changed), "select" {features, latlng}, "hover" {table, row} or null,
  // "drawings" (a drawing was switched), "theme". What they carry is for reading only.
  gm.parts.on = (name, work) => (listeners[name] = listeners[name] || []).push(work);
  gm.parts.tell = (name, detail) => (listeners[name] || []).forEach((work) => work(detail));

  gm.parts.narrow = () => window.innerWidth <= NARROW;

  // A row of tabs after the pattern of WAI-ARIA: arrows move, one is in the tab order.
  function tabs(kind, list, chosen, choose) {
    const bar = el("div", { role: "tablist", class: "gm-tabs" });
    list.forEach((one, at) => {
      const node = el("button", {
        type: "button", role: "tab", id: "gm-" + kind + "-" + one.name, "aria-controls": "gm-" + kind + "-box-" + one.name,
        on: {
          click: () => choose(one.name),
          keydown: (event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (!step) return;
            event.preventDefault();
            const other = list[(at + step + list.length) % list.length];
            choose(other.name, true);
            other.button.focus();
          },
        },
      });
      one.button = bar.appendChild(node);
    });
    gm.parts.worded(() => {
      list.forEach((one) => {
        one.button.textContent = gm.parts.t(kind + "." + one.name);
      });
      bar.setAttribute("aria-label", gm.parts.t(kind));
    });
    return bar;
  }

  function holder(kind) {
    const list = [];
    const add = (one) => {
      one.box = el("div", { role: "tabpanel", id: "gm-" + kind + "-box-" + one.name, class: "gm-box", "aria-labelledby": "gm-" + kind + "-" + one.name, tabindex: "-1" });
      list.push(one);
    };
    const show = (name) => list.forEach((one) => {
      const open = one.name === name;
      one.box.hidden = !open;
      one.box.classList.toggle("gm-chosen", open);
      one.button.setAttribute("aria-selected", String(open));
      one.button.tabIndex = open || (!name && one === list[0]) ? 0 : -1;
      if (one.opened) one.opened(open);
    });
    return { list: list, add: add, show: show };
  }

  const panel = holder("tab");
  const dock = holder("dock");
  let tab = "layers";
  let docked = null;

  // {name, order, build(box), opened(open)?}: a tab of the panel, called t("tab." + name).
  gm.parts.tab = panel.add;
  // The same under the map, called t("dock." + name); it can be closed.
  gm.parts.dock = dock.add;
  gm.parts.tabNow = () => tab;
  gm.parts.dockNow = () => docked;

  gm.parts.openTab = function (name, quietly) {
    tab = name;
    panel.show(name);
    if (!quietly) gm.parts.sheet(true);
    gm.parts.tell("tab", name);
  };
  gm.parts.openDock = function (name) {
    docked = name;
    document.getElementById("gm-app").classList.toggle("gm-docked", name !== null);
    dock.show(name);
    gm.map.invalidateSize({ animate: false, pan: false });
    gm.parts.tell("dock", name);
  };

  // On a phone: the sheet that the panel is, open or not.
  gm.parts.sheet = function (open) {
    document.getElementById("gm-app").classList.toggle("gm-open", open);
    const handle = document.getElementById("gm-handle");
    handle.setAttribute("aria-expanded", String(open));
    handle.textContent = gm.parts.t(open ? "panel.close" : "panel.open");
  };

  const ordered = (list) => list.sort((a, b) => a.order - b.order);

  function buildPanel() {
    const box = document.getElementById("gm-panel");
    const app = document.getElementById("gm-app");
    const handle = el("button", { type: "button", id: "gm-handle", "aria-controls": "gm-cards" });
    handle.addEventListener("click", () => gm.parts.sheet(!app.classList.contains("gm-open")));
    const cards = el("div", { id: "gm-cards" });
    ordered(panel.list);
    [handle, tabs("tab", panel.list, tab, gm.parts.openTab), cards].forEach((one) => box.appendChild(one));
    panel.list.forEach((one) => one.build(cards.appendChild(one.box)));
    gm.parts.worded(() => {
      gm.parts.sheet(app.classList.contains("gm-open"));
      box.setAttribute("aria-label", gm.parts.t("panel"));
    });
    gm.parts.openTab(tab, true);
  }

  function buildDock() {
    const box = document.getElementById("gm-dock");
    if (!dock.list.length) return;
    ordered(dock.list);
    const bar = tabs("dock", dock.list, null, (name, moved) => gm.parts.openDock(name === docked && !moved ? null : name));
    const boxes = el("div", { id: "gm-dock-boxes" });
    [bar, boxes].forEach((one) => box.appendChild(one));
    dock.list.forEach((one) => one.build(boxes.appendChild(one.box)));
    gm.parts.worded(() => box.setAttribute("aria-label", gm.parts.t("dock")));
    // The strip is there from the start where there is room for it.
    const tall = window.innerHeight >= 760 && !gm.parts.narrow();
    gm.parts.openDock(tall && dock.list.some((one) => one.name === "strip") ? "strip" : null);
  }

  const toolbar = [];
  // {name, order, icon, work(pressed), toggle?}: a button on the map, called t("tool." + name). `icon` is an
  // SVG path in a box of 20 by 20, drawn as a line. Of the toggles at most one is pressed.
  gm.parts.tool = (one) => toolbar.push(one);
  gm.parts.unpress = () => toolbar.forEach((one) => one.toggle && one.button.getAttribute("aria-pressed") === "true" && one.button.click());

  gm.parts.toolbar = function () {
    const box = el("div", { class: "gm-zoom gm-toolbar", role: "toolbar" });
    ordered(toolbar).forEach((one) => {
      const picture = gm.parts.svg("svg", { width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true" });
      picture.appendChild(gm.parts.svg("path", { d: one.icon, fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linejoin": "round", "stroke-linecap": "round" }));
      one.button = el("button", { type: "button", id: "gm-tool-" + one.name, on: { click: () => {
        const pressed = one.toggle && one.button.getAttribute("aria-pressed") !== "true";
        if (pressed) gm.parts.unpress();
        if (one.toggle) one.button.setAttribute("aria-pressed", String(pressed));
        one.work(pressed);
      } } }, [picture]);
      if (one.toggle) one.button.setAttribute("aria-pressed", "false");
      box.appendChild(one.button);
    });
    gm.parts.worded(() => {
      box.setAttribute("aria-label", gm.parts.t("tools"));
      toolbar.forEach((one) => {
        one.button.title = gm.parts.t("tool." + one.name);
        one.button.setAttribute("aria-label", gm.parts.t("tool." + one.name));
      });
    });
    return box;
  };

  // Said to screen readers, and to nobody else.
  gm.parts.say = function (text) {
    document.getElementById("gm-live").textContent = text;
  };

  gm.parts.shell = function () {
    buildPanel();
    buildDock();
  };
})(window.gridmap);

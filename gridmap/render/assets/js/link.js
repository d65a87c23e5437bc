// The view in the address: where, how near, filters, language, colours, layers, tab, what is selected.
// A hash is somebody else's text: what is not known here is passed over.
(function (gm) {
  "use strict";
  const LONGEST = 4000;
  const WAIT_MS = 250; // browsers refuse an address that changes too often
  const FILTER = "f.";
  const NEAREST = 22;
  const el = gm.parts.el;
  let selected = null;
  let restored = false;
  let timer = 0;
  let first = [];

  const names = (of) => gm.scene.drawings.filter(of).map((one) => one.name);
  const visible = () => gm.parts.visible().map((one) => one.name);
  const digits = (value, places) => Number(value.toFixed(places));

  // A row by its kind and id, where ids are known outside this file.
  function reference(feature) {
    if (!feature || !gm.scene.statement.keeps_ids) return null;
    const id = feature.table.id(feature.row);
    return id === null ? null : feature.table.name + ":" + id;
  }

  // What a link keeps, as plain data.
  gm.state = function () {
    const centre = gm.map.getCenter();
    return {
      centre: [digits(centre.lng, 5), digits(centre.lat, 5)], zoom: digits(gm.map.getZoom(), 2), filters: gm.parts.filters.chosen(),
      language: gm.language, theme: gm.parts.theme() || "system", drawings: visible(), tab: gm.parts.tabNow(), dock: gm.parts.dockNow(), selected: reference(selected),
    };
  };

  // Only what differs from the map as it opens: a link should be short.
  function hash() {
    const state = gm.state();
    const found = new URLSearchParams();
    found.set("at", state.centre.join(","));
    found.set("z", state.zoom);
    Object.keys(state.filters).forEach((key) => found.set(FILTER + key, state.filters[key]));
    if (state.language !== gm.scene.language) found.set("lang", state.language);
    if (state.theme !== "system") found.set("theme", state.theme);
    const on = state.drawings.filter((name) => !first.includes(name));
    const off = first.filter((name) => !state.drawings.includes(name));
    if (on.length) found.set("on", on.join(","));
    if (off.length) found.set("off", off.join(","));
    found.set("tab", state.tab);
    if (state.dock) found.set("dock", state.dock);
    if (state.selected) found.set("sel", state.selected);
    return "#" + found.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
  }

  function write() {
    try {
      window.history.replaceState(null, "", hash());
    } catch (error) {
      // In a notebook's frame there is no address to write to; the view itself is as it was.
    }
  }
  function later() {
    if (!restored) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(write, WAIT_MS);
  }

  function number(text, low, high) {
    const value = text === undefined || text === null || text.trim() === "" ? NaN : Number(text);
    return value >= low && value <= high ? value : null;
  }

  function place(wanted) {
    const at = (wanted.get("at") || "").split(",");
    const lon = number(at[0], -180, 180);
    const lat = number(at[1], -85, 85);
    const zoom = number(wanted.get("z"), 0, NEAREST);
    if (at.length === 2 && lon !== null && lat !== null) gm.map.setView([lat, lon], zoom === null ? gm.map.getZoom() : zoom, { animate: false });
  }

  function filters(wanted) {
    const all = {};
    wanted.forEach((value, key) => {
      if (!key.startsWith(FILTER)) return;
      const name = key.slice(FILTER.length);
      if (!gm.parts.filters.keys().includes(name)) return;
      try {
        gm.parts.filters.check(name, value);
        all[name] = value;
      } catch (error) {
        // A link of other data: the rest of it may still be good.
      }
    });
    if (Object.keys(all).length || Object.keys(gm.parts.filters.chosen()).length) gm.filter(all);
  }

  function select(text) {
    const cut = text.indexOf(":");
    const name = text.slice(0, cut);
    const known = cut > 0 && gm.scene.statement.keeps_ids && Object.prototype.hasOwnProperty.call(gm.scene.tables, name);
    const table = known ? gm.scene.tables[name] : null;
    const row = table ? table.rowOf(text.slice(cut + 1)) : -1;
    const drawing = row >= 0 ? gm.parts.drawingOf(table, row) : null;
    if (!drawing) return;
    const at = gm.parts.rowPlace(table, row);
    gm.parts.show([{ drawing: drawing, table: table, row: row }], at && at.point ? L.latLng(at.lat, at.lon) : null);
  }

  function restore() {
    const text = window.location.hash.slice(1);
    if (!text || text.length > LONGEST) return;
    const wanted = new URLSearchParams(text);
    if (!wanted.has("at")) return;
    const list = (key) => (wanted.get(key) || "").split(",");
    const all = names(() => true);
    const language = wanted.get("lang") || gm.scene.language;
    if (gm.parts.languages().includes(language)) gm.language = language;
    const theme = wanted.get("theme");
    gm.parts.setTheme(theme === "dark" || theme === "light" ? theme : "");
    const on = list("on");
    const off = list("off");
    all.forEach((name) => gm.parts.toggle(name, (first.includes(name) || on.includes(name)) && !off.includes(name)));
    filters(wanted);
    if (wanted.get("sel")) select(wanted.get("sel"));
    const tab = wanted.get("tab");
    if (tab && document.getElementById("gm-tab-box-" + tab)) gm.parts.openTab(tab, true);
    const dock = wanted.get("dock");
    if (!gm.parts.narrow() && (!dock || document.getElementById("gm-dock-box-" + dock)) && document.getElementById("gm-dock").childNodes.length) gm.parts.openDock(dock || null);
    // Last: what opened above may have moved the map or changed its size.
    place(wanted);
  }

  const address = () => window.location.href.split("#")[0] + hash();

  function copy() {
    write();
    const text = address();
    const clipboard = window.navigator.clipboard;
    if (clipboard && clipboard.writeText) clipboard.writeText(text).then(() => gm.parts.toast(gm.parts.t("link.copied")), () => offer(text));
    else offer(text);
  }

  // Where the page may not write to the clipboard, the reader does.
  let dialog = null;
  let field = null;
  function offer(text) {
    if (!dialog) {
      field = el("input", { type: "text", readonly: "", class: "gm-link-field" });
      const hint = el("p", { class: "gm-hint" });
      dialog = gm.parts.dialog("gm-link", "tool.link", [hint, field]);
      gm.parts.worded(() => {
        hint.textContent = gm.parts.t("link.hint");
        field.setAttribute("aria-label", gm.parts.t("tool.link"));
      });
    }
    field.value = text;
    dialog.showModal();
    field.focus();
    field.select();
  }

  // Said to everybody, for a moment.
  gm.parts.toast = function (text) {
    const old = document.getElementById("gm-toast");
    if (old) old.remove();
    const node = el("p", { id: "gm-toast", text: text });
    document.getElementById("gm-app").appendChild(node);
    gm.parts.say(text);
    window.setTimeout(() => node.remove(), 2500);
  };

  gm.parts.plug(90, (map) => {
    first = visible();
    gm.parts.on("select", (detail) => {
      selected = detail.features[0] || null;
      later();
    });
    map.on("moveend", later);
    ["filter", "drawings", "theme", "language", "tab", "dock"].forEach((name) => gm.parts.on(name, later));
    gm.parts.tool({ name: "link", order: 80, icon: "M8.5 11.5L11.5 8.5M9 6.5L11 4.5A3.2 3.2 0 0 1 15.5 9L13.5 11M11 13.5L9 15.5A3.2 3.2 0 0 1 4.5 11L6.5 9", work: copy });
    window.addEventListener("hashchange", restore);
  });
  gm.ready.then(() => {
    restore();
    restored = true;
  }, () => {});
})(window.gridmap);

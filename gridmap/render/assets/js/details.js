// The panel's answer: what is here, its columns, who keeps it on each layer and why.
(function (gm) {
  "use strict";
  const LAYERS = ["line", "area", "point"];
  const METRES = { from_m: true, to_m: true };
  const FIRST = "\u2068"; // an isolate around a value inside a sentence: its direction stays its own
  const LAST = "\u2069";
  let found = [];
  let chosen = 0;
  let here = null;

  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  const value = (text, className) => gm.parts.value(text, className);

  // A name with its id behind it; an id that was made for this audience says nothing, and stays away.
  function named(tableName, id) {
    const name = gm.parts.calledById(tableName, id);
    if (name === null) return t("held.elsewhere");
    return name === id || !gm.scene.statement.keeps_ids ? name : name + " (" + id + ")";
  }

  function shown(table, column, raw) {
    if (raw === null || raw === undefined || raw === "") return el("span", { text: t("none.value"), class: "gm-none" });
    if (column.type === "boolean") return value(t("value." + raw));
    if (METRES[column.name]) return value(gm.parts.chainage(raw));
    if (column.name === "unit" || column.name === "outpost") return value(named(column.name, raw));
    // Values of the catalogue's own vocabularies (classes of landmarks and tracks) have words.
    const key = table.name + "." + raw;
    return value(gm.parts.has(key) ? t(key) : raw);
  }

  function heading(feature) {
    const table = feature.table;
    const id = table.id(feature.row);
    const one = feature.drawing ? feature.drawing.cases[feature.drawing.codes[feature.row]] : null;
    const kind = gm.parts.both(one ? one.title : table.title);
    const under = gm.parts.both(table.title);
    const small = el("p", { class: "gm-kind" }, [el("span", { text: kind === under ? kind : under + " · " + kind })]);
    if (id !== null && gm.scene.statement.keeps_ids) small.appendChild(value(id, "gm-id"));
    const head = el("div", { class: "gm-head" }, [one && gm.parts.swatch(feature.drawing, feature.drawing.codes[feature.row]), small]);
    const title = gm.parts.called(table, feature.row);
    return [head, el("h3", {}, [value(title === null ? kind : title)])];
  }

  function findingTitle(table, row) {
    const code = table.get(row, "code") || "";
    if (gm.scene.codes[code]) return gm.parts.both(gm.scene.codes[code]);
    const key = "fault." + code.slice(code.lastIndexOf("-") + 1);
    return gm.parts.has(key) ? t(key) : code;
  }
  gm.parts.findingTitle = findingTitle;

  function facts(feature) {
    const list = el("dl", { class: "gm-facts" });
    const add = (title, node) => {
      list.appendChild(el("dt", { text: title }));
      list.appendChild(el("dd", {}, [node]));
    };
    feature.table.columns.forEach((column) => {
      const raw = column.get(feature.row);
      if (column.name === "name" || raw === null || raw === "") return;
      if (column.name === "rows" && gm.parts.derivedOf(feature.table)) return; // it is the title
      add(gm.parts.both(column.title), shown(feature.table, column, raw));
    });
    const at = gm.parts.placeOf(feature.table, feature.row);
    if (at && at.point) add(t("position"), value(gm.parts.lonlat(at.lon, at.lat, Math.min(5, feature.table.decimals)), "gm-value gm-figures"));
    if (!at && (feature.table.lon || feature.table.shapes)) add(t("position"), value(t("position.none")));
    const id = feature.table.id(feature.row);
    if (id !== null && !gm.scene.statement.keeps_ids && !gm.parts.derivedOf(feature.table)) add(t("column.id"), value(id, "gm-id"));
    return list;
  }

  // The rule's own words in the page's language; the stored reason where a rule has none.
  function reason(one, id) {
    const words = gm.scene.reasons[one.rule];
    const own = one.kind === one.table && one.target === id;
    const text = words && (words[own ? "self" : one.role] || words.lead || words.support);
    if (one.reason || !text) return one.reason || one.rule || "";
    const target = FIRST + named(one.table, one.target) + LAST;
    const metres = one.metres === null ? "?" : gm.parts.number(one.metres);
    return gm.parts.fill(gm.parts.both(text), { target: target, metres: metres });
  }

  function keeper(one, id) {
    const unit = one.unit === null ? t("none.unit") : gm.parts.calledById("unit", one.unit) || t("unit.other");
    const line = el("p", { class: "gm-keeper" }, [value(unit, "gm-unit")]);
    if (one.role) line.appendChild(el("span", { class: "gm-role gm-role-" + (one.role === "lead" ? "lead" : "support"), text: gm.parts.has("role." + one.role) ? t("role." + one.role) : one.role }));
    const target = gm.scene.statement.keeps_ids ? one.target : gm.parts.calledById(one.table, one.target);
    if (target !== null) line.appendChild(value(target, "gm-id"));
    return el("div", {}, [line, el("p", { class: "gm-reason", text: reason(one, id) })]);
  }

  // What to say of a layer on which a home has no row: only of a whole one that nobody answers.
  function nobody(layer) {
    const held = gm.scene.layers[layer];
    if (held !== "whole") return el("p", { class: "gm-reason", text: t("held." + held) });
    return el("p", { class: layer === "line" ? "gm-reason" : "gm-nobody", text: t(layer === "line" ? "who.belt" : "who.none") });
  }

  function who(feature) {
    if (gm.scene.counts.assignments === undefined) return null;
    const all = gm.scene.assignments.of(feature.table.name, feature.row);
    const home = feature.table.name === "household";
    if (!all.length && !home) return null;
    const box = el("section", { class: "gm-who" }, [el("h4", { text: t("who") })]);
    LAYERS.forEach((layer) => {
      const rows = all.filter((one) => one.layer === layer);
      if (!rows.length && !home) return;
      const part = el("div", { class: "gm-layer gm-layer-" + layer }, [el("h5", { text: t("group." + layer) })]);
      rows.forEach((one) => part.appendChild(keeper(one, feature.table.id(feature.row))));
      if (!rows.length) part.appendChild(nobody(layer));
      box.appendChild(part);
    });
    return box;
  }

  function serves(feature) {
    const list = gm.scene.assignments.on(feature.table.name, feature.table.id(feature.row));
    if (!list.length) return null;
    return el("section", { class: "gm-serves" }, [el("h4", { text: t("serves") })].concat(list.map((one) => {
      const title = gm.scene.tables[one.kind] ? gm.parts.both(gm.scene.tables[one.kind].title) : one.kind;
      return el("p", { text: t("serves.one", { table: title, n: gm.parts.number(one.lead), m: gm.parts.number(one.support) }) });
    })));
  }

  function others(box) {
    if (found.length < 2) return;
    box.appendChild(el("h4", { text: t("also") }));
    const list = el("ul", { class: "gm-also" });
    found.forEach((one, at) => {
      if (at === chosen) return;
      const name = gm.parts.called(one.table, one.row);
      const button = el("button", { type: "button", on: { click: () => pick(at) } }, [
        gm.parts.swatch(one.drawing, one.drawing.codes[one.row]),
        el("span", { text: gm.parts.both(one.table.title), class: "gm-kind" }),
        value(name === null ? "" : name),
      ]);
      list.appendChild(el("li", {}, [button]));
    });
    box.appendChild(list);
  }

  function write() {
    const box = gm.parts.empty(document.getElementById("gm-details"));
    box.appendChild(el("h2", { text: t("details") }));
    if (here) box.appendChild(el("p", { class: "gm-figures gm-here", text: gm.parts.lonlat(here.lng, here.lat) }));
    if (!found.length) {
      box.appendChild(el("p", { class: "gm-hint", text: t(gm.parts.whole() ? "details.none" : "details.less") }));
      const held = here && gm.parts.held(found);
      if (held) box.appendChild(held);
      return;
    }
    const feature = found[chosen];
    const answer = who(feature) || gm.parts.held(found);
    const parts = heading(feature).concat([gm.parts.derivedWords(feature.table), facts(feature), serves(feature)]);
    // What stands for many is explained before it is said who answers there.
    parts.splice(gm.parts.derivedOf(feature.table) ? 4 : 2, 0, answer);
    parts.forEach((part) => part && box.appendChild(part));
    others(box);
  }

  function pick(at) {
    chosen = at;
    highlight();
    write();
  }

  // The chosen feature, the targets that keep it, and a line to its stronghold.
  function highlight() {
    const group = gm.parts.selected.clearLayers();
    const feature = found[chosen];
    if (!feature) return;
    const options = { pane: "gm-selected", interactive: false, fill: false };
    const outline = (table, row, style) => {
      const shape = table.shapes && table.shapes[row];
      const at = gm.parts.placeOf(table, row);
      if (at && at.point) group.addLayer(L.circleMarker([at.lat, at.lon], Object.assign({ radius: 13 }, options, style)));
      if (shape) shape.parts.forEach((part) => {
        const paths = part.paths.map(gm.parts.latlngs);
        if (part.kind === 3) group.addLayer(L.polygon(paths, Object.assign({}, options, style)));
        if (part.kind === 2) group.addLayer(L.polyline(paths[0], Object.assign({}, options, style)));
      });
      return at;
    };
    const white = { color: "#fff", weight: 6, opacity: 0.9 };
    const ink = { color: "#111", weight: 2.5 };
    const from = gm.parts.placeOf(feature.table, feature.row);
    gm.scene.assignments.of(feature.table.name, feature.row).forEach((one) => {
      const table = gm.scene.tables[one.table];
      const row = table ? table.rowOf(one.target) : -1;
      if (row < 0 || one.role !== "lead" || (table === feature.table && row === feature.row)) return;
      const colour = { line: "#D55E00", area: "#0072B2", point: "#007A59" }[one.layer];
      const to = outline(table, row, { color: colour, weight: 3 });
      if (to && to.point && from && from.point) {
        const ends = [[from.lat, from.lon], [to.lat, to.lon]];
        group.addLayer(L.polyline(ends, Object.assign({}, options, white)));
        group.addLayer(L.polyline(ends, Object.assign({}, options, { color: colour, weight: 2.5, dashArray: "6 4" })));
      }
    });
    outline(feature.table, feature.row, white);
    outline(feature.table, feature.row, ink);
  }

  gm.parts.show = function (features, latlng) {
    found = features;
    here = latlng;
    pick(0);
    gm.parts.openPanel("gm-details");
    // On a phone the panel lies over the map: what was touched moves out from under it.
    const covered = document.getElementById("gm-panel").getBoundingClientRect();
    const map = gm.map.getContainer().getBoundingClientRect();
    if (latlng && covered.top < map.bottom && covered.left <= map.left) {
      gm.map.panInside(latlng, { paddingTopLeft: [60, 60], paddingBottomRight: [40, map.bottom - covered.top + 40], animate: false });
    }
  };
  gm.parts.details = function (box) {
    box.appendChild(el("section", { id: "gm-details", class: "gm-card" }));
    gm.parts.worded(write);
  };
})(window.gridmap);

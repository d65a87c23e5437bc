// The list of gaps, overlaps, orphans and other findings; each flies to its place.
(function (gm) {
  "use strict";
  const MOST = 300; // entries written: the file may hold thousands, nobody reads them in a list
  const el = gm.parts.el;

  function boxOf(table, row) {
    const shape = table.shapes && table.shapes[row];
    if (shape) return L.latLngBounds([shape.box[1], shape.box[0]], [shape.box[3], shape.box[2]]);
    if (table.lon && table.lon[row] === table.lon[row]) return L.latLngBounds([[table.lat[row], table.lon[row]]]);
    return null;
  }

  function go(table, row, drawing) {
    if (drawing) gm.parts.toggle(drawing.name, true);
    const box = boxOf(table, row);
    if (box) gm.map.flyToBounds(box.pad(0.4), { maxZoom: 12, duration: 0.6 });
    gm.parts.show([{ drawing: drawing, table: table, row: row }], null);
  }

  // What a finding is about: its table and id; where ids are new, the row's name.
  function about(name, id) {
    if (gm.scene.statement.keeps_ids) return [name, id].filter((one) => one).join(" · ");
    const title = gm.scene.tables[name] ? gm.parts.both(gm.scene.tables[name].title) : name;
    return [title, id && gm.parts.calledById(name, id)].filter((one) => one).join(" · ");
  }

  function entry(table, row, drawing) {
    const level = table.get(row, "level");
    const id = table.get(row, "id");
    const placed = boxOf(table, row);
    const button = el("button", { type: "button", class: "gm-finding gm-level-" + (level === "error" ? "error" : "other"), title: gm.parts.t(placed ? "findings.go" : "findings.noplace"), on: { click: () => go(table, row, drawing) } }, [
      drawing ? gm.parts.swatch(drawing, drawing.codes[row]) : null,
      el("strong", {}, [gm.parts.value(gm.parts.findingTitle(table, row))]),
      gm.parts.value(about(table.get(row, "table"), id), "gm-id"),
      gm.parts.value(table.get(row, "message") || "", "gm-message-text"),
    ]);
    return el("li", {}, [button]);
  }

  function write() {
    const box = gm.parts.empty(document.getElementById("gm-findings"));
    const table = gm.scene.tables.findings;
    const drawing = gm.scene.drawings.find((one) => one.table === "findings" && one.codes);
    box.appendChild(el("h2", {}, [el("span", { text: gm.parts.t("table.findings") }), el("span", { class: "gm-count", text: gm.parts.number(table.rows) })]));
    if (!table.rows) {
      box.appendChild(el("p", { class: "gm-complete", text: gm.parts.t(gm.parts.whole() ? "findings.none" : "findings.less") }));
      return;
    }
    const list = el("ul", {});
    for (let row = 0; row < Math.min(MOST, table.rows); row += 1) list.appendChild(entry(table, row, drawing));
    box.appendChild(list);
    if (table.rows > MOST) box.appendChild(el("p", { text: gm.parts.t("findings.more", { n: gm.parts.number(table.rows - MOST) }) }));
  }

  gm.parts.findings = function (box) {
    if (!gm.scene.tables.findings) return;
    box.appendChild(el("section", { id: "gm-findings", class: "gm-card" }));
    gm.parts.worded(write);
  };
})(window.gridmap);

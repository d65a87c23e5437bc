// What stands for rows that this audience may not see as they are, and how a row is called.
(function (gm) {
  "use strict";
  const MOST = 300; // rows written in a list: nobody reads more
  const SHORT = 5; // characters of a new id: enough to tell two rows of one panel apart
  const TARGETS = { line: "sections", area: "patrol_zone", point: "household" };
  const FORMS = { areas: "areas", counts: "counts", generalised: "rough" };
  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);

  gm.parts.derivedOf = (table) => (table ? gm.scene.derived[table.name] : undefined);

  // Words for a kind if there are any ("10 homes"), else those for all.
  gm.parts.ofKind = function (key, made, values) {
    const own = key + "." + made.kind;
    return t(gm.parts.has(own) ? own : key, values);
  };

  // What a row of a derived table stands for: "23 homes". Null for a row that stands for itself.
  function amount(table, row) {
    const made = gm.parts.derivedOf(table);
    const rows = made ? table.get(row, "rows") : null;
    if (rows === null) return null;
    const many = gm.parts.ofKind("rows", made, { n: gm.parts.number(rows), kind: gm.parts.both(made.title) });
    const unit = made.form === "counts" && table.get(row, "area_name");
    return unit ? unit + " · " + many : many;
  }
  gm.parts.amount = amount;

  // A row's name; where it has none and ids are new, its kind and the beginning of its id.
  gm.parts.called = function (table, row) {
    const name = table.get(row, "name");
    if (name) return name;
    if (table.name === "findings") return gm.parts.findingTitle(table, row);
    const many = amount(table, row);
    if (many !== null) return many;
    const id = table.id(row);
    if (id === null || gm.scene.statement.keeps_ids) return id;
    return gm.parts.both(table.title) + " " + String(id).slice(0, SHORT);
  };

  // The same for a row that something refers to; null where this product does not hold it.
  gm.parts.calledById = function (tableName, id) {
    const table = gm.scene.tables[tableName];
    const row = table ? table.rowOf(id) : -1;
    if (row >= 0) return gm.parts.called(table, row);
    return gm.scene.statement.keeps_ids ? id : null;
  };

  // That positions are not shown, in words.
  gm.parts.derivedWords = function (table) {
    const made = gm.parts.derivedOf(table);
    if (!made || !FORMS[made.form]) return null;
    const key = FORMS[made.form] + (made.k ? ".k" : ".many");
    return el("p", { class: "gm-hint gm-derived", text: gm.parts.ofKind(key, made, { k: gm.parts.number(made.k) }) });
  };

  // How many rows stand behind a case of a drawing (all of them without one): the legend's figures.
  gm.parts.behind = function (drawing, at) {
    const table = gm.scene.tables[drawing.table];
    if (!gm.parts.derivedOf(table) || !table.by.rows) return null;
    let sum = 0;
    for (let row = 0; row < table.rows; row += 1) {
      if (at === undefined || drawing.codes[row] === at) sum += table.get(row, "rows") || 0;
    }
    return sum;
  };

  const whole = () => Object.keys(TARGETS).every((layer) => gm.scene.layers[layer] === "whole");
  gm.parts.whole = whole;

  // What this product does not hold, below the legend: it stands on paper, too.
  gm.parts.heldNote = function () {
    // A quick look at one frame has no layers to speak of.
    if (whole() || !Object.keys(gm.scene.layers).length) return null;
    const lines = Object.keys(TARGETS).filter((layer) => gm.scene.layers[layer] !== "whole").map((layer) =>
      el("p", {}, [el("b", { text: t("group." + layer) + " " }), el("span", { text: t("held." + gm.scene.layers[layer]) })])
    );
    return el("section", { class: "gm-held" }, [el("h3", { text: t("held") })].concat(lines));
  };

  function go(table, row) {
    const drawing = gm.scene.drawings.find((one) => one.table === table.name && one.codes);
    const shape = table.shapes && table.shapes[row];
    if (shape) gm.map.flyToBounds(L.latLngBounds([shape.box[1], shape.box[0]], [shape.box[3], shape.box[2]]).pad(0.2), { maxZoom: 12, duration: 0.6 });
    if (drawing) {
      gm.parts.toggle(drawing.name, true);
      gm.parts.show([{ drawing: drawing, table: table, row: row }], null);
    }
  }

  // One table as a list: what it is called and where it lies, then its figures.
  function list(table) {
    const made = gm.parts.derivedOf(table);
    const figures = table.columns.filter((one) => one.name === "rows" || one.type === "integer" || one.type === "real");
    const name = (row) => (made.form === "counts" ? table.get(row, "area_name") : null) || gm.parts.called(table, row);
    const place = made.form !== "counts" && table.by.area_name;
    const texts = [t("list.name")].concat(place ? [t("column.area_name")] : []);
    const head = texts.concat(figures.map((one) => gm.parts.both(one.name === "rows" ? made.title : one.title)));
    const body = [];
    for (let row = 0; row < Math.min(MOST, table.rows); row += 1) {
      const cells = [el("td", {}, [el("button", { type: "button", on: { click: () => go(table, row) } }, [gm.parts.value(name(row))])])];
      if (place) cells.push(el("td", {}, [gm.parts.value(table.get(row, "area_name") || t("none.value"))]));
      figures.forEach((one) => {
        const figure = one.get(row);
        cells.push(el("td", { class: "gm-figures" }, [gm.parts.value(figure === null ? t("none.value") : gm.parts.number(figure))]));
      });
      body.push(el("tr", {}, cells));
    }
    const card = el("section", { class: "gm-card gm-derived-list" }, [
      el("h2", {}, [el("span", { text: gm.parts.both(table.title) }), el("span", { class: "gm-count", text: gm.parts.number(table.rows) })]),
      el("table", {}, [el("thead", {}, [el("tr", {}, head.map((one, at) => el("th", { text: one, class: at < texts.length ? "" : "gm-figures" })))]), el("tbody", {}, body)]),
    ]);
    if (table.rows > MOST) card.appendChild(el("p", { text: t("findings.more", { n: gm.parts.number(table.rows - MOST) }) }));
    const words = gm.parts.derivedWords(table);
    if (words) card.appendChild(words);
    return card;
  }

  // Counts and rough places are lists as well; areas are many and nameless, they stay on the map.
  gm.parts.lists = function (box) {
    const tables = Object.keys(gm.scene.derived).filter((name) => gm.scene.derived[name].form !== "areas").map((name) => gm.scene.tables[name]);
    const shown = tables.filter((table) => table && table.rows);
    if (!shown.length) return;
    const root = el("div", { id: "gm-lists" });
    box.appendChild(root);
    gm.parts.worded(() => {
      gm.parts.empty(root);
      shown.forEach((table) => root.appendChild(list(table)));
    });
  };
})(window.gridmap);

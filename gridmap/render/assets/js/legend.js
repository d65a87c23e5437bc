// The legend is the layer control: groups by defence layer, a sample of every sign, and how many.
(function (gm) {
  "use strict";
  const GROUPS = ["line", "area", "point", "findings", "base"];
  const el = gm.parts.el;
  const svg = gm.parts.svg;
  const on = new Set();

  gm.parts.visible = () => gm.scene.drawings.filter((drawing) => on.has(drawing.name));
  gm.parts.shownAtFirst = () => gm.scene.drawings.forEach((drawing) => drawing.shown && on.add(drawing.name));

  function symbol(style, root, aside) {
    const size = Math.min(aside ? 6 : 7.5, Math.max(3, style.size));
    root.appendChild(svg("path", {
      d: gm.parts.symbols[style.shape] || gm.parts.symbols.circle, fill: style.fill || style.stroke,
      stroke: style.casing || style.stroke, "stroke-width": (style.width * 1.6) / size, "paint-order": "stroke",
      "fill-rule": "evenodd", transform: "translate(" + (aside ? 7 : 15) + " 9) scale(" + size + ")",
    }));
  }

  function line(style, root) {
    // A band that is too broad for bends is shown straight.
    const d = style.width > 7 ? "M1 9H29" : "M1 12L10 7L18 11L29 6";
    if (style.casing) root.appendChild(svg("path", { d: d, fill: "none", stroke: style.casing, "stroke-width": style.casing_width }));
    root.appendChild(svg("path", { d: d, fill: "none", stroke: style.stroke, "stroke-width": style.width, "stroke-dasharray": style.dash || "none" }));
  }

  function area(style, root, aside) {
    root.appendChild(svg("rect", {
      x: aside ? 16 : 2, y: 2, width: aside ? 13 : 26, height: 14, fill: style.hatch ? gm.parts.hatch(style.hatch, style.fill, style.fill_opacity) : style.fill || "none",
      "fill-opacity": style.hatch ? 1 : style.fill_opacity, stroke: style.stroke, "stroke-width": Math.min(2.5, style.width), "stroke-dasharray": style.dash || "none",
    }));
  }

  // A small sample of how a case is drawn, in vectors: it prints as sharp as the map.
  gm.parts.swatch = function (drawing, at) {
    const root = svg("svg", { class: "gm-swatch", width: 30, height: 18, viewBox: "0 0 30 18", "aria-hidden": "true" });
    const one = drawing.cases[at];
    if (!one) return root;
    const table = gm.scene.tables[drawing.table];
    const shape = table && table.shapes && table.shapes.find((value, row) => value && drawing.codes[row] === at);
    const kind = drawing.group === "findings" ? 0 : shape ? shape.parts[0].kind : 1;
    if (kind === 3) area(one.style, root);
    else if (kind === 2) line(one.style, root);
    else if (kind === 1) symbol(one.style, root);
    else {
      // A finding may be a place, a line or an area: both signs stand side by side.
      area(one.style, root, true);
      symbol(one.style, root, true);
    }
    return root;
  };

  gm.parts.toggle = function (name, wanted) {
    const drawing = gm.scene.drawings.find((one) => one.name === name);
    if (!drawing || on.has(name) === wanted) return;
    if (wanted) on.add(name);
    else on.delete(name);
    drawing.layers.forEach((layer) => (wanted ? layer.addTo(gm.map) : layer.remove()));
    gm.parts.redraw();
    gm.parts.tell("drawings", name);
  };

  // Under a drawing of areas: how many they are; the figures beside it are of what stands behind them.
  function note(drawing) {
    const table = gm.scene.tables[drawing.table];
    const made = gm.parts.derivedOf(table);
    if (!made || made.form !== "areas") return null;
    const said = gm.parts.t("areas.legend", { n: gm.parts.number(table.rows) });
    return el("p", { class: "gm-note", text: made.k ? said + gm.parts.ofKind("areas.least", made, { k: gm.parts.number(made.k) }) : said });
  }

  const ticks = {};
  let figures = []; // what counts, to be written again when the filters change

  // How many rows of each case pass the filters: one loop a drawing.
  function passing(drawing) {
    const mask = gm.parts.passes(drawing.table);
    if (!mask || !drawing.codes) return null;
    const many = new Uint32Array(drawing.cases.length + 1);
    const codes = drawing.codes;
    for (let at = 0; at < mask.length; at += 1) if (mask[at]) many[codes[at]] += 1;
    return many;
  }

  function counted(drawing, at, many) {
    const behind = gm.parts.behind(drawing, at);
    if (behind !== null) return gm.parts.number(behind);
    const sum = (of) => drawing.cases.reduce((total, one, which) => total + (at === undefined || at === which ? of(one, which) : 0), 0);
    const all = gm.parts.number(sum((one) => one.rows));
    return many ? gm.parts.t("legend.of", { n: gm.parts.number(sum((_, which) => many[which])), all: all }) : all;
  }

  function figure(drawing, at) {
    const node = el("span", { class: "gm-count" });
    figures.push({ drawing: drawing, at: at, node: node });
    return node;
  }

  function count() {
    const found = new Map();
    figures.forEach((one) => {
      if (!found.has(one.drawing)) found.set(one.drawing, passing(one.drawing));
      one.node.textContent = counted(one.drawing, one.at, found.get(one.drawing));
    });
    const said = document.getElementById("gm-filtered");
    const line = gm.parts.filterLine();
    gm.parts.empty(said).hidden = !line;
    if (line) [el("b", { text: gm.parts.t("filter.on") + " " }), gm.parts.value(line)].forEach((one) => said.appendChild(one));
  }

  function row(drawing) {
    const cases = drawing.cases.filter((one) => one.rows > 0);
    const many = cases.length !== 1 || drawing.raster;
    const box = el("input", { type: "checkbox", checked: on.has(drawing.name), on: { change: (event) => gm.parts.toggle(drawing.name, event.target.checked) } });
    ticks[drawing.name] = box;
    const head = el("label", { class: "gm-drawing" }, [box, many ? null : gm.parts.swatch(drawing, drawing.cases.indexOf(cases[0])), gm.parts.value(gm.parts.both(many ? drawing.title : cases[0].title), "gm-title")]);
    if (drawing.table) head.appendChild(figure(drawing));
    if (drawing.raster) head.appendChild(el("span", { class: "gm-count", text: gm.parts.t("relief.scale", { low: drawing.raster.min_m, high: drawing.raster.max_m }) }));
    const item = el("li", {}, [head, note(drawing)]);
    if (many && cases.length) item.appendChild(el("ul", {}, cases.map((one) => el("li", { class: "gm-case" }, [
      gm.parts.swatch(drawing, drawing.cases.indexOf(one)), gm.parts.value(gm.parts.both(one.title), "gm-title"),
      figure(drawing, drawing.cases.indexOf(one)),
    ]))));
    return item;
  }

  const boxes = {};
  gm.parts.on("drawings", heads);

  // Boxes are as their drawings are, whoever switched these; a group's is on, off, or in between.
  function heads() {
    Object.keys(ticks).forEach((name) => {
      ticks[name].checked = on.has(name);
    });
    Object.keys(boxes).forEach((group) => {
      const list = gm.scene.drawings.filter((one) => one.group === group);
      const many = list.filter((one) => on.has(one.name)).length;
      boxes[group].checked = many === list.length;
      boxes[group].indeterminate = many > 0 && many < list.length;
    });
  }

  function group(name) {
    const list = gm.scene.drawings.filter((one) => one.group === name).slice().reverse();
    if (!list.length) return null;
    const all = el("input", { type: "checkbox", on: { change: (event) => {
      // Every switch sets the boxes: this one says what was wanted only at first.
      const wanted = event.target.checked;
      list.forEach((one) => gm.parts.toggle(one.name, wanted));
    } } });
    boxes[name] = all;
    const title = el("label", {}, [all, el("span", { text: gm.parts.t("group." + name) }), el("span", { class: "gm-native", text: gm.parts.t("group." + name + ".native") })]);
    return el("section", { class: "gm-group gm-group-" + name }, [el("h3", {}, [title]), el("ul", {}, list.map(row))]);
  }

  function write() {
    const box = gm.parts.empty(document.getElementById("gm-legend"));
    figures = [];
    box.appendChild(el("h2", { text: gm.parts.t("legend") }));
    // On paper, too: a sheet that shows less than all must say so.
    box.appendChild(el("p", { id: "gm-filtered" }));
    GROUPS.forEach((name) => {
      const part = group(name);
      if (part) box.appendChild(part);
    });
    const held = gm.parts.heldNote();
    if (held) box.appendChild(held);
    heads();
    count();
  }

  gm.parts.plug(20, () => gm.parts.tab({ name: "layers", order: 20, build: (box) => {
    box.appendChild(el("section", { id: "gm-legend", class: "gm-card" }));
    gm.parts.worded(write);
    gm.parts.on("filter", count);
    gm.parts.lists(box);
  } }));
})(window.gridmap);

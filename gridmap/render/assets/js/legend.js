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
    const d = "M1 12L10 7L18 11L29 6";
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
  };

  // Under a drawing of areas: how many they are; the figures beside it are of what stands behind them.
  function note(drawing) {
    const table = gm.scene.tables[drawing.table];
    const made = gm.parts.derivedOf(table);
    if (!made || made.form !== "areas") return null;
    const said = gm.parts.t("areas.legend", { n: gm.parts.number(table.rows) });
    return el("p", { class: "gm-note", text: made.k ? said + gm.parts.ofKind("areas.least", made, { k: gm.parts.number(made.k) }) : said });
  }

  function row(drawing) {
    const cases = drawing.cases.filter((one) => one.rows > 0);
    const many = cases.length !== 1 || drawing.raster;
    const counted = (at) => {
      const behind = gm.parts.behind(drawing, at);
      if (behind !== null) return behind;
      return at === undefined ? drawing.cases.reduce((sum, one) => sum + one.rows, 0) : drawing.cases[at].rows;
    };
    const box = el("input", { type: "checkbox", checked: on.has(drawing.name), on: { change: (event) => {
      gm.parts.toggle(drawing.name, event.target.checked);
      heads();
    } } });
    const head = el("label", { class: "gm-drawing" }, [box, many ? null : gm.parts.swatch(drawing, drawing.cases.indexOf(cases[0])), gm.parts.value(gm.parts.both(many ? drawing.title : cases[0].title), "gm-title")]);
    if (drawing.table) head.appendChild(el("span", { class: "gm-count", text: gm.parts.number(counted()) }));
    if (drawing.raster) head.appendChild(el("span", { class: "gm-count", text: gm.parts.t("relief.scale", { low: drawing.raster.min_m, high: drawing.raster.max_m }) }));
    const item = el("li", {}, [head, note(drawing)]);
    if (many && cases.length) item.appendChild(el("ul", {}, cases.map((one) => el("li", { class: "gm-case" }, [
      gm.parts.swatch(drawing, drawing.cases.indexOf(one)), gm.parts.value(gm.parts.both(one.title), "gm-title"),
      el("span", { class: "gm-count", text: gm.parts.number(counted(drawing.cases.indexOf(one))) }),
    ]))));
    return item;
  }

  const boxes = {};

  // A group's box is on, off, or in between, as its drawings are.
  function heads() {
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
      list.forEach((one) => gm.parts.toggle(one.name, event.target.checked));
      write();
    } } });
    boxes[name] = all;
    const title = el("label", {}, [all, el("span", { text: gm.parts.t("group." + name) }), el("span", { class: "gm-native", text: gm.parts.t("group." + name + ".native") })]);
    return el("section", { class: "gm-group gm-group-" + name }, [el("h3", {}, [title]), el("ul", {}, list.map(row))]);
  }

  function write() {
    const box = gm.parts.empty(document.getElementById("gm-legend"));
    box.appendChild(el("h2", { text: gm.parts.t("legend") }));
    GROUPS.forEach((name) => {
      const part = group(name);
      if (part) box.appendChild(part);
    });
    const held = gm.parts.heldNote();
    if (held) box.appendChild(held);
    heads();
  }

  gm.parts.legend = function (box) {
    box.appendChild(el("section", { id: "gm-legend", class: "gm-card" }));
    gm.parts.worded(write);
  };
})(window.gridmap);

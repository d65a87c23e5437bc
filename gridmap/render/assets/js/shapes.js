// Lines and polygons as SVG: crisp at any scale and on paper. Hatches are the second cue to colour.
(function (gm) {
  "use strict";
  const svg = gm.parts.svg;
  // Symbols in a box from -1 to 1, shared by the canvas, the legend and the labels.
  gm.parts.symbols = {
    circle: "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    dot: "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    ring: "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0ZM.5 0A.5 .5 0 1 0 -.5 0A.5 .5 0 1 0 .5 0Z",
    square: "M-.85 -.85H.85V.85H-.85Z",
    diamond: "M0 -1.1L1 0L0 1.1L-1 0Z",
    house: "M0 -1.1L1.1 -.1H.8V.95H-.8V-.1H-1.1Z",
    flag: "M-.75 -1.15H-.45V-1.1L1.1 -.5L-.45 .1V1.1H-.75Z",
    shield: "M-.85 -.9H.85V.1C.85 .65 .4 .95 0 1.15C-.4 .95 -.85 .65 -.85 .1Z",
    hexagon: "M1 0L.5 .87H-.5L-1 0L-.5 -.87H.5Z",
    pillar: "M-.45 1.1V-.5L0 -1.1L.45 -.5V1.1Z",
    gate: "M-1 -.9H-.6V-.45H.6V-.9H1V.9H.6V.05H-.6V.9H-1Z",
    drop: "M0 -1.2C.5 -.5 .85 0 .85 .35A.85 .85 0 1 1 -.85 .35C-.85 0 -.5 -.5 0 -1.2Z",
    seat: "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0ZM.35 0A.35 .35 0 1 0 -.35 0A.35 .35 0 1 0 .35 0Z",
    orphan: "M0 -1.2L1.2 -.15H.85V1H-.85V-.15H-1.2ZM-.45 -.2V.65H.45V-.2L0 -.6Z",
    double: "M.35 0A.7 .7 0 1 1 -1.05 0A.7 .7 0 1 1 .35 0ZM1.05 0A.7 .7 0 1 1 -.35 0A.7 .7 0 1 1 1.05 0Z",
    fault: "M-.3 -1L0 -.45L.3 -1H1L.4 0L1 1H.3L0 .45L-.3 1H-1L-.4 0L-1 -1Z",
    warning: "M0 -1.1L1.1 .9H-1.1Z",
  };

  const made = {};
  let defs = null;

  // What a hatch is made of, in a tile of `size`: bars from its corner, or a dot. `tint` is the ground under it.
  gm.parts.hatchLines = function (name, colour, tint) {
    const fault = name.indexOf("fault") === 0;
    const size = fault ? 9 : 13;
    const turn = fault ? 45 : Number(name) || (name === "cross" ? 45 : 0);
    const opacity = fault ? 0.85 : 0.32;
    const bar = { width: name === "fault" ? 4 : fault ? 2 : 1, height: size, fill: colour, opacity: opacity };
    const across = { width: size, height: fault ? 2 : 1, fill: colour, opacity: opacity };
    return {
      size: size,
      turn: name === "90" ? 0 : name === "0" ? 90 : turn,
      ground: fault ? "#fff" : colour,
      tint: fault ? 0.55 : tint,
      bars: name === "dots" ? [] : name === "cross" || name === "fault-cross" ? [bar, across] : [bar],
      dot: name === "dots" ? { x: 5, y: 5, r: 1.1, fill: colour, opacity: 0.55 } : null,
    };
  };

  // A pattern per hatch and colour, made once.
  function hatch(name, colour, tint) {
    const key = "gm-hatch-" + name + "-" + colour.replace("#", "");
    if (made[key]) return "url(#" + key + ")";
    made[key] = true;
    if (!defs) {
      const root = svg("svg", { width: 0, height: 0, "aria-hidden": "true", class: "gm-defs" });
      defs = root.appendChild(svg("defs"));
      document.body.appendChild(root);
    }
    const lines = gm.parts.hatchLines(name, colour, tint);
    const pattern = svg("pattern", { id: key, width: lines.size, height: lines.size, patternUnits: "userSpaceOnUse", patternTransform: "rotate(" + lines.turn + ")" });
    pattern.appendChild(svg("rect", { width: lines.size, height: lines.size, fill: lines.ground, "fill-opacity": lines.tint }));
    lines.bars.forEach((one) => pattern.appendChild(svg("rect", { width: one.width, height: one.height, fill: one.fill, "fill-opacity": one.opacity })));
    if (lines.dot) pattern.appendChild(svg("circle", { cx: lines.dot.x, cy: lines.dot.y, r: lines.dot.r, fill: lines.dot.fill, "fill-opacity": lines.dot.opacity }));
    defs.appendChild(pattern);
    return "url(#" + key + ")";
  }
  gm.parts.hatch = hatch;

  function latlngs(flat) {
    const out = [];
    for (let at = 0; at < flat.length; at += 2) out.push([flat[at + 1], flat[at]]);
    return out;
  }
  gm.parts.latlngs = latlngs;

  function stroke(style, casing) {
    return {
      color: casing ? style.casing : style.stroke, weight: casing ? style.casing_width : style.width,
      dashArray: casing ? null : style.dash || null, lineCap: casing ? "round" : "butt",
      opacity: casing ? 0.85 : 1, fill: false, interactive: false, smoothFactor: 0.6,
    };
  }

  function polygon(paths, style, options) {
    const layers = [];
    if (style.casing) layers.push(L.polygon(paths.map(latlngs), Object.assign(stroke(style, true), options)));
    const edge = Object.assign(stroke(style, false), options);
    if (style.hatch || style.fill) {
      edge.fill = true;
      edge.fillColor = style.hatch ? hatch(style.hatch, style.fill, style.fill_opacity) : style.fill;
      edge.fillOpacity = style.hatch ? 1 : style.fill_opacity;
    }
    layers.push(L.polygon(paths.map(latlngs), edge));
    return layers;
  }

  // Many rows may stand at one rough place: its shape is drawn once, or it would grow dark with them.
  function firsts(table) {
    if (!gm.scene.derived[table.name]) return () => true;
    if (!table.firsts) {
      const seen = new Set();
      table.firsts = table.shapes.map((shape) => {
        const key = shape ? shape.parts.map((part) => part.paths.map((one) => one.join(" ")).join("/")).join("|") : "";
        const again = seen.has(key);
        seen.add(key);
        return !again;
      });
    }
    return (row) => table.firsts[row];
  }

  // Lines, and polygons if they are few enough for it, as SVG.
  function drawn(drawing, table, options, withPolygons) {
    const areas = [];
    const lines = drawing.cases.map(() => []);
    const mask = gm.parts.passes(table);
    const first = firsts(table);
    table.shapes.forEach((shape, row) => {
      const at = drawing.codes[row];
      if (!shape || at >= drawing.cases.length || (mask && !mask[row]) || !first(row)) return;
      shape.parts.forEach((part) => {
        if (part.kind === 3 && withPolygons) areas.push.apply(areas, polygon(part.paths, drawing.cases[at].style, options));
        if (part.kind === 2) lines[at].push(latlngs(part.paths[0]));
      });
    });
    const cased = [];
    const strokes = [];
    lines.forEach((list, at) => {
      const style = drawing.cases[at].style;
      if (!list.length) return;
      if (style.casing) cased.push(L.polyline(list, Object.assign(stroke(style, true), options)));
      strokes.push(L.polyline(list, Object.assign(stroke(style, false), options)));
    });
    return areas.concat(cased, strokes);
  }

  // All lines and polygons of a drawing as one layer group; null where it has none. What the filters leave
  // out is not drawn.
  gm.parts.shapes = function (drawing, pane) {
    const table = gm.scene.tables[drawing.table];
    if (!table || !table.shapes || !drawing.codes) return null;
    const options = { renderer: L.svg({ pane: pane, padding: 0.3 }), pane: pane };
    const many = gm.parts.manyPolygons(table);
    const canvas = many ? [gm.parts.polygons(drawing, table, pane, firsts(table))] : [];
    const group = L.layerGroup(canvas.concat(drawn(drawing, table, options, !many)));
    let mask = gm.parts.passes(table);
    gm.parts.on("filter", () => {
      if (gm.parts.passes(table) === mask) return;
      mask = gm.parts.passes(table);
      group.eachLayer((layer) => layer !== canvas[0] && group.removeLayer(layer));
      drawn(drawing, table, options, !many).forEach((layer) => group.addLayer(layer));
    });
    return group;
  };
})(window.gridmap);

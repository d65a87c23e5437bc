// Far out, a hundred thousand dots would be one blot: cells of the screen are tinted by how many stand in them.
(function (gm) {
  "use strict";
  const FROM = 50000; // rows of a table from which its dots may be drawn as cells
  const PIXELS = 60; // of the screen for each dot: with less room they run into each other
  const CELL = 10; // pixels a side
  const CLUSTER = 16; // cells a side that one number is written for
  const FEW = 100; // a number so many times smaller than the largest stays away
  const AROUND = 0.2; // of the view that is painted on every side of it, as on the canvas
  const TINTS = [0.16, 0.3, 0.46, 0.63, 0.82];
  const ROUND = [1, 1.5, 2, 3, 5, 7];
  const SHARES = [0.2, 0.4, 0.6, 0.8];
  const el = gm.parts.el;

  const counts = new Map(); // by drawing: the last view, and what was found in it

  function view(map) {
    const bounds = map.getPixelBounds();
    const around = bounds.getSize().multiplyBy(AROUND);
    return { min: bounds.min.subtract(around), max: bounds.max.add(around), zoom: map.getZoom() };
  }

  // How many rows that are drawn stand in each cell: cells are fixed to the ground, not to the screen.
  function count(drawing, table, where) {
    const factor = Math.pow(2, where.zoom);
    const left = Math.floor(where.min.x / CELL);
    const top = Math.floor(where.min.y / CELL);
    const wide = Math.floor(where.max.x / CELL) - left + 1;
    const tall = Math.floor(where.max.y / CELL) - top + 1;
    const cells = new Uint32Array(wide * tall);
    const mask = gm.parts.passes(table);
    const codes = drawing.codes;
    const cases = drawing.cases.length;
    const wx = table.wx;
    const wy = table.wy;
    const scale = factor / CELL;
    let total = 0;
    gm.parts.indexed(table).stretches(where.min.x / factor, where.min.y / factor, where.max.x / factor, where.max.y / factor, (from, to) => {
      for (let row = from; row < to; row += 1) {
        if (codes[row] >= cases || (mask && !mask[row])) continue;
        // A row without a place is NaN, and in no cell.
        const x = Math.floor(wx[row] * scale) - left;
        const y = Math.floor(wy[row] * scale) - top;
        if (!(x >= 0 && y >= 0 && x < wide && y < tall)) continue;
        cells[y * wide + x] += 1;
        total += 1;
      }
    });
    return { cells: cells, left: left, top: top, wide: wide, tall: tall, total: total };
  }

  // Round numbers nearest to the fifths of the cells that hold anything: a step of the map hardly moves them.
  function limits(cells) {
    const held = cells.filter((many) => many > 0).sort();
    const all = [];
    for (let power = 1; power <= held[held.length - 1]; power *= 10) ROUND.forEach((step) => all.push(step * power));
    const near = (value) => all.reduce((best, one) => (Math.abs(Math.log(one / value)) < Math.abs(Math.log(best / value)) ? one : best));
    const found = SHARES.map((share) => near(held[Math.floor(share * held.length)]));
    return Array.from(new Set(found)).filter((one) => one > held[0] && one === Math.floor(one)).sort((a, b) => a - b);
  }

  // The cells of a drawing in the present view; null where its dots have room, and are drawn one by one.
  gm.parts.crowd = function (drawing) {
    const table = gm.scene.tables[drawing.table];
    if (!table || table.rows < FROM || !gm.parts.dotted(drawing) || !gm.parts.indexed(table)) return null;
    const where = view(gm.map);
    const mask = gm.parts.passes(table);
    const key = [where.zoom, where.min, where.max].join(" ");
    const held = counts.get(drawing);
    if (held && held.key === key && held.mask === mask) return held.found;
    const found = count(drawing, table, where);
    const room = ((where.max.x - where.min.x) * (where.max.y - where.min.y)) / PIXELS;
    if (found.total > room) found.limits = limits(found.cells);
    counts.set(drawing, { key: key, mask: mask, found: found.limits ? found : null });
    return counts.get(drawing).found;
  };

  const classOf = function (limits, many) {
    let at = 0;
    while (at < limits.length && many >= limits[at]) at += 1;
    return at;
  };
  // Few classes are spread over all tints: the fullest is always the darkest.
  const tint = (limits, at) => TINTS[limits.length ? Math.round((at * (TINTS.length - 1)) / limits.length) : TINTS.length >> 1];

  gm.parts.paintCrowd = function (drawing, crowd, view) {
    const pen = view.pen;
    const style = drawing.cases[0].style;
    const edge = (value, origin) => Math.round((value * CELL - origin) * view.ratio);
    const gap = Math.max(1, Math.round(view.ratio));
    const boxes = crowd.limits.concat(0).map(() => []);
    for (let down = 0, at = 0; down < crowd.tall; down += 1) {
      const y = edge(crowd.top + down, view.origin.y);
      const high = edge(crowd.top + down + 1, view.origin.y) - y - gap;
      for (let along = 0; along < crowd.wide; along += 1, at += 1) {
        if (!crowd.cells[at]) continue;
        const x = edge(crowd.left + along, view.origin.x);
        boxes[classOf(crowd.limits, crowd.cells[at])].push(x, y, edge(crowd.left + along + 1, view.origin.x) - x - gap, high);
      }
    }
    pen.save();
    pen.fillStyle = style.fill || style.stroke;
    boxes.forEach((list, at) => {
      pen.globalAlpha = tint(crowd.limits, at);
      // One by one: a path of thousands takes a browser many times as long.
      for (let one = 0; one < list.length; one += 4) pen.fillRect(list[one], list[one + 1], list[one + 2], list[one + 3]);
    });
    pen.restore();
  };

  // Two digits say how many; more would change with every step of the map.
  function rounded(many) {
    const power = Math.pow(10, Math.max(0, String(many).length - 2));
    return gm.parts.number(Math.round(many / power) * power);
  }

  // Round numbers for the labels: {lon, lat, text}, one for a block of cells, at the middle of what is in it.
  gm.parts.clusters = function (drawing) {
    const crowd = gm.parts.crowd(drawing);
    if (!crowd) return [];
    const found = new Map();
    for (let at = 0; at < crowd.cells.length; at += 1) {
      const many = crowd.cells[at];
      if (!many) continue;
      const x = crowd.left + (at % crowd.wide);
      const y = crowd.top + Math.floor(at / crowd.wide);
      const key = Math.floor(x / CLUSTER) + " " + Math.floor(y / CLUSTER);
      const one = found.get(key) || { many: 0, x: 0, y: 0 };
      one.many += many;
      one.x += (x + 0.5) * many;
      one.y += (y + 0.5) * many;
      found.set(key, one);
    }
    const all = Array.from(found.values()).sort((a, b) => b.many - a.many);
    return all.filter((one) => one.many * FEW > all[0].many).map((one) => {
      const at = gm.map.unproject([(one.x / one.many) * CELL, (one.y / one.many) * CELL]);
      return { lon: at.lng, lat: at.lat, text: rounded(one.many) };
    });
  };

  // What the tints say, on the map while there are any.
  let hint = null;
  let said = "";

  function sample(drawing, limits, at) {
    const root = gm.parts.svg("svg", { class: "gm-swatch", width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" });
    const style = drawing.cases[0].style;
    root.appendChild(gm.parts.svg("rect", { x: 0.5, y: 0.5, width: 11, height: 11, fill: style.fill || style.stroke, "fill-opacity": tint(limits, at), stroke: style.fill || style.stroke, "stroke-width": 0.6 }));
    const low = at ? limits[at - 1] : 1;
    const n = gm.parts.number;
    const text = at < limits.length ? (limits[at] - 1 > low ? n(low) + "–" + n(limits[at] - 1) : n(low)) : "≥ " + n(low);
    return el("span", { class: "gm-tint" }, [root, el("span", { text: text })]);
  }

  function write(list) {
    gm.parts.empty(hint);
    hint.hidden = !list.length;
    list.forEach((one) => {
      const tints = one.crowd.limits.concat(0).map((_, at) => sample(one.drawing, one.crowd.limits, at));
      hint.appendChild(el("p", {}, [el("b", { text: gm.parts.t("crowd.title", { title: gm.parts.both(one.drawing.title) }) }), el("span", { class: "gm-tints" }, tints)]));
    });
    if (list.length) hint.appendChild(el("p", { class: "gm-crowd-note", text: gm.parts.t("crowd.note") }));
  }

  gm.parts.crowdHint = function () {
    if (!hint) return;
    const list = gm.parts.visible().map((drawing) => ({ drawing: drawing, crowd: gm.parts.crowd(drawing) })).filter((one) => one.crowd);
    const key = list.map((one) => one.drawing.name + one.crowd.limits.join(" ")).join("|");
    if (key === said) return;
    said = key;
    write(list);
  };

  gm.parts.plug(15, (map) => {
    const Corner = L.Control.extend({ onAdd: () => (hint = el("div", { class: "gm-crowd", hidden: true, role: "note" })) });
    map.addControl(new Corner({ position: "bottomright" }));
    gm.parts.worded(() => {
      said = "";
      gm.parts.crowdHint();
    });
  });
})(window.gridmap);

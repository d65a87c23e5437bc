// What the strip map shows: everything that has a place along the border, by its chainage.
(function (gm) {
  "use strict";
  const MARKER_M = 500; // a boundary marker stands at the border: one farther off marks something else
  const TOUCH_M = 2; // ends of neighbouring sections nearer than this are one place
  const SLICE_MS = 8; // work at a stretch where a browser does not say when it is idle
  const CLASSES = { marker: true, port: true, gate: true };
  const number = (value) => value !== null && value !== undefined && value - value === 0;

  gm.parts.belt = () => gm.scene.answering.belt_m;
  // Only a view that holds the whole border can be unrolled: chainage is counted along all of it.
  gm.parts.border = () => (gm.scene.answering && gm.scene.answering.course.length ? gm.parts.geo.border : null);

  // How one row is drawn on the map: its sign in the strip is the same.
  function styleOf(name, row) {
    const found = gm.scene.drawings.find((one) => one.table === name && one.codes && one.cases[one.codes[row]]);
    return found ? { drawing: found, style: found.cases[found.codes[row]].style } : null;
  }
  gm.parts.styleOf = styleOf;

  function sections() {
    const table = gm.scene.tables.sections;
    const list = [];
    for (let row = 0; table && row < table.rows; row += 1) {
      const from = table.get(row, "from_m");
      const to = table.get(row, "to_m");
      if (!number(from) || !number(to) || to <= from) continue;
      list.push({ row: row, id: table.id(row), from: from, to: to, unit: table.get(row, "unit"), outpost: table.get(row, "outpost") });
    }
    list.sort((a, b) => a.from - b.from || a.to - b.to);
    list.forEach((one, at) => {
      // As on the map: neighbours differ, counted from the west.
      one.even = at % 2 === 1;
    });
    return list;
  }

  // Stretches that no section covers, and those that two do. Only of a whole layer may they be named.
  function faults(list, length) {
    const found = { gaps: [], overlaps: [] };
    if (gm.scene.layers.line !== "whole" || !gm.scene.tables.sections) return found;
    // Chainages of the view may be rounded: then an end is as good as its rounding.
    const slack = Math.max(TOUCH_M, gm.scene.answering.step_m);
    let reach = 0;
    list.forEach((one, at) => {
      if (one.from - reach > slack) found.gaps.push({ from: reach, to: one.from });
      if (at && reach - one.from > slack) found.overlaps.push({ from: one.from, to: Math.min(reach, one.to) });
      reach = Math.max(reach, one.to);
    });
    if (length - reach > slack) found.gaps.push({ from: reach, to: length });
    return found;
  }

  // Neighbouring sections of one unit as one stretch: its name stands there once.
  function keepers(list) {
    const runs = [];
    list.forEach((one) => {
      const last = runs[runs.length - 1];
      if (last && last.unit === one.unit && one.from - last.to <= TOUCH_M) last.to = Math.max(last.to, one.to);
      else runs.push({ unit: one.unit, from: one.from, to: one.to });
    });
    return runs.filter((one) => one.unit !== null);
  }

  // A box around the border and its belt: most homes of a large area need no measuring at all.
  function beltBox() {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const table = gm.scene.tables.border;
    (table.shapes || []).forEach((shape) => {
      if (!shape) return;
      for (let at = 0; at < 4; at += 1) box[at] = at < 2 ? Math.min(box[at], shape.box[at]) : Math.max(box[at], shape.box[at]);
    });
    const high = Math.max(Math.abs(box[1]), Math.abs(box[3]));
    const up = (gm.parts.belt() / 110500) * 1.01;
    const side = up / Math.cos((Math.min(85, high + up) * Math.PI) / 180);
    return [box[0] - side, box[1] - up, box[2] + side, box[3] + up];
  }

  // Work for when nothing else is to be done: the map pans as before while a million homes are placed.
  const idle = function (work) {
    if (window.requestIdleCallback) window.requestIdleCallback((left) => work(() => left.timeRemaining() > 1), { timeout: 2000 });
    else window.setTimeout(() => {
      const end = performance.now() + SLICE_MS;
      work(() => performance.now() < end);
    }, SLICE_MS);
  };

  // Chainage and distance of every row with a place, a slice at a time; `tick` is called now and then,
  // and once when all are done. NaN is "outside the belt, or without a place".
  function place(table, tick) {
    if (!table || !table.lon || table.chainage) return;
    const border = gm.parts.border();
    const box = beltBox();
    const belt = gm.parts.belt();
    table.chainage = new Float64Array(table.rows).fill(NaN);
    table.off = new Float32Array(table.rows).fill(NaN);
    table.placed = 0;
    let said = performance.now();
    const slice = function (more) {
      for (let row = table.placed; row < table.rows; row += 1) {
        table.placed = row + 1;
        const lon = table.lon[row];
        const lat = table.lat[row];
        if (lon >= box[0] && lon <= box[2] && lat >= box[1] && lat <= box[3]) {
          const at = border.locate(lon, lat);
          if (at.metres <= belt) {
            table.chainage[row] = at.chainage;
            table.off[row] = at.metres;
          }
        }
        if (row % 16 === 15 && !more()) break;
      }
      const done = table.placed >= table.rows;
      if (done || performance.now() - said > 500) {
        said = performance.now();
        tick();
      }
      if (!done) idle(slice);
    };
    idle(slice);
  }

  const passing = (table) => {
    const mask = gm.parts.passes(table);
    return (row) => mask === null || mask[row] === 1;
  };

  // Rows of a table with a chainage, as they are drawn: {table, row, at, off, style, drawing}.
  function signs(table, wanted) {
    const list = [];
    if (!table || !table.chainage) return list;
    const shown = passing(table);
    for (let row = 0; row < table.rows; row += 1) {
      if (!(table.off[row] >= 0) || !shown(row) || !wanted(row)) continue;
      const drawn = styleOf(table.name, row);
      if (drawn) list.push({ table: table, row: row, at: table.chainage[row], off: table.off[row], style: drawn.style, drawing: drawn.drawing });
    }
    return list.sort((a, b) => a.at - b.at || a.row - b.row);
  }

  // Homes by whole kilometre of the border; null where this product holds none one by one.
  function homes(length) {
    const table = gm.scene.tables.household;
    // Where others' homes stand that this product does not hold, a count would be read as all of them.
    if (!table || !table.lon || gm.parts.derivedOf(table) || gm.scene.layers.point !== "whole") return null;
    const bins = new Uint32Array(Math.max(1, Math.ceil(length / 1000)));
    const shown = passing(table);
    for (let row = 0; table.chainage && row < table.placed; row += 1) {
      if (table.off[row] >= 0 && shown(row)) bins[Math.min(bins.length - 1, Math.floor(table.chainage[row] / 1000))] += 1;
    }
    return bins;
  }

  gm.parts.stripModel = function () {
    const border = gm.parts.border();
    const list = sections();
    const last = list.reduce((most, one) => Math.max(most, one.to), 0);
    const length = Math.max(border.length, last);
    const tables = gm.scene.tables;
    const kept = tables.sections ? passing(tables.sections) : () => true;
    list.forEach((one) => {
      one.passes = kept(one.row);
    });
    const mark = (row) => tables.landmark.get(row, "class");
    const model = Object.assign({ length: length, sections: list, keepers: keepers(list.filter((one) => one.passes)), homes: homes(length) }, faults(list, border.length));
    const near = signs(tables.landmark, (row) => CLASSES[mark(row)]);
    model.markers = near.filter((one) => mark(one.row) === "marker" && one.off <= MARKER_M);
    model.inland = signs(tables.outpost, () => true).concat(near.filter((one) => mark(one.row) !== "marker"));
    return model;
  };

  // Start to place what the strip shows; `tick` redraws it.
  gm.parts.stripPlace = (tick) => ["outpost", "landmark", "household"].forEach((name) => place(gm.scene.tables[name], tick));

  // What is at a chainage, in words: sections with their keepers, or a gap, and homes in that kilometre.
  gm.parts.stripSays = function (model, metres) {
    const last = metres >= model.length - 1e-6;
    const here = model.sections.filter((one) => (one.from <= metres && metres < one.to) || (last && one.to >= model.length - TOUCH_M));
    const words = { chainage: gm.parts.chainage(metres), keepers: [], fault: null, homes: null };
    here.forEach((one) => {
      const unit = one.unit === null ? gm.parts.noUnit("line") : gm.parts.calledById("unit", one.unit) || gm.parts.t("unit.other");
      words.keepers.push([gm.parts.sectionName(one), unit].filter((part) => part).join(" · "));
    });
    if (model.gaps.some((one) => one.from <= metres && metres <= one.to) && !here.length) words.fault = gm.parts.t("strip.gap");
    else if (here.length > 1) words.fault = gm.parts.t("strip.overlap");
    else if (!here.length) words.keepers.push(gm.parts.t(gm.scene.layers.line === "whole" ? "none.value" : "held.elsewhere"));
    const homes = gm.scene.tables.household;
    if (model.homes && homes.placed === homes.rows) words.homes = gm.parts.t("strip.homes.here", { n: gm.parts.number(model.homes[Math.min(model.homes.length - 1, Math.floor(metres / 1000))]) });
    return words;
  };

  // By its id where that is the project's own; else by its outpost, which has a name.
  gm.parts.sectionName = function (one) {
    const name = gm.scene.tables.sections.get(one.row, "name");
    if (name) return name;
    if (gm.scene.statement.keeps_ids && one.id !== null) return String(one.id);
    return (one.outpost !== null && gm.parts.calledById("outpost", one.outpost)) || "";
  };
})(window.gridmap);

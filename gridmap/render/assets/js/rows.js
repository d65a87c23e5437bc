// Columns of a table as codes, and who keeps its rows: what filters, lists and searches run over.
(function (gm) {
  "use strict";
  const LAYERS = ["line", "area", "point"];
  const TARGETS = { sections: "line", patrol_zone: "area" }; // a target is kept by the unit in its own row
  const cache = new Map();
  const units = [""]; // 0 is "no unit"
  const unitCodes = new Map([["", 0]]);
  const held = new Map();

  function unitCode(unit) {
    if (unit === null || unit === undefined || unit === "") return 0;
    if (!unitCodes.has(unit)) {
      unitCodes.set(unit, units.length);
      units.push(unit);
    }
    return unitCodes.get(unit);
  }

  // A column as {codes, values}: code 0 is missing, else values[code - 1]. Null where there is none.
  function coded(table, name) {
    const column = table.by[name];
    if (!column) return null;
    if (!cache.has(column)) cache.set(column, column.codes ? { codes: column.codes(), values: column.values } : byValue(column, table.rows));
    return cache.get(column);
  }

  function byValue(column, rows) {
    const codes = new Uint32Array(rows);
    const seen = new Map();
    for (let row = 0; row < rows; row += 1) {
      const value = column.get(row);
      if (value === null || value === undefined || value === "") continue;
      let code = seen.get(value);
      if (code === undefined) seen.set(value, (code = seen.size + 1));
      codes[row] = code;
    }
    return { codes: codes, values: Array.from(seen.keys()) };
  }

  // Every assignment of a kind's rows: visit(row, layer, unit), both as codes.
  function assigned(table, visit) {
    gm.scene.joins.forEach((join) => {
      if (join.kind !== table.name) return;
      const layer = LAYERS.indexOf(join.layer);
      const own = [0].concat(join.units.map(unitCode));
      const unit = join.unit();
      const target = join.target();
      for (let slot = 0; slot < join.size; slot += 1) {
        if (join.rows === null && !target[slot]) continue;
        visit(join.rows === null ? slot : join.rows[slot], layer, own[unit[slot]]);
      }
    });
  }

  // Who keeps the rows of a table, one list after the other: row r has the entries from start[r] up to
  // start[r + 1]. `own` marks what a target says of itself: that is no assignment. Null where nobody does.
  function keepers(table) {
    if (held.has(table.name)) return held.get(table.name);
    const start = new Uint32Array(table.rows + 1);
    const target = TARGETS[table.name];
    assigned(table, (row) => {
      start[row + 1] += 1;
    });
    for (let row = 0; row < table.rows; row += 1) start[row + 1] += start[row] + (target ? 1 : 0);
    const size = start[table.rows];
    const made = { start: start, layer: new Uint8Array(size), unit: new Uint32Array(size), own: new Uint8Array(size) };
    const next = start.slice();
    const put = (row, layer, unit, own) => {
      made.layer[next[row]] = layer;
      made.unit[next[row]] = unit;
      made.own[next[row]] = own;
      next[row] += 1;
    };
    assigned(table, (row, layer, unit) => put(row, layer, unit, 0));
    for (let row = 0; target && row < table.rows; row += 1) put(row, LAYERS.indexOf(target), unitCode(table.get(row, "unit")), 1);
    held.set(table.name, size ? made : null);
    return held.get(table.name);
  }

  const target = (table) => Boolean(TARGETS[table.name]) && table.rows > 0;
  // Whether a table has any keepers at all; with `unit`, any that are named.
  function kept(table, unit) {
    if (target(table)) return !unit || Boolean(table.by.unit);
    return gm.scene.joins.some((join) => join.kind === table.name && (!unit || join.units.length));
  }

  // Administrative units by code: {name, level, parent, row}.
  let admin = null;
  function adminOf(code) {
    if (!admin) {
      admin = new Map();
      const table = gm.scene.tables.admin;
      for (let row = 0; table && table.by.code && row < table.rows; row += 1) {
        const key = table.get(row, "code");
        if (key !== null && !admin.has(key)) admin.set(key, { row: row, name: table.get(row, "name"), level: table.get(row, "level"), parent: table.get(row, "parent") });
      }
    }
    return admin.get(code);
  }

  // The township of a code: itself if it is one, else what it lies in. Null where that is not known.
  function townshipOf(code) {
    const one = adminOf(code);
    if (!one) return null;
    return one.level === "township" ? code : one.parent;
  }

  // The column that says in which township a row is; without one of its own, by way of its gacha.
  function townships(table) {
    const own = coded(table, "township");
    if (own && own.values.length) return own;
    const key = "township of " + table.name;
    if (!cache.has(key)) {
      const gacha = coded(table, "gacha");
      const values = [];
      const codes = gacha && [0].concat(gacha.values.map((code) => {
        const township = townshipOf(code);
        if (township === null || township === undefined) return 0;
        if (values.indexOf(township) < 0) values.push(township);
        return values.indexOf(township) + 1;
      }));
      cache.set(key, gacha ? { codes: Uint32Array.from(gacha.codes, (code) => codes[code]), values: values } : null);
    }
    return cache.get(key);
  }

  // A row's place as {lon, lat, point?}: typed for points, worked out for shapes (these may have `lon`, too:
  // that of a point among their parts).
  gm.parts.rowPlace = function (table, row) {
    if (table.lon && !table.shapes) return table.lon[row] === table.lon[row] ? { lon: table.lon[row], lat: table.lat[row], point: true } : null;
    return gm.parts.placeOf(table, row);
  };
  // The box of a row as [west, south, east, north]; null without a place.
  gm.parts.rowBox = function (table, row) {
    const shape = table.shapes && table.shapes[row];
    if (shape) return shape.box;
    const at = table.lon && !table.shapes ? gm.parts.rowPlace(table, row) : null;
    return at && [at.lon, at.lat, at.lon, at.lat];
  };
  // The drawing that shows a row; null where none does.
  gm.parts.drawingOf = (table, row) => gm.scene.drawings.find((one) => one.table === table.name && one.codes && one.codes[row] < one.cases.length) || null;

  // The id that a finding names: a column, where several findings are about one row; else the rows' own ids.
  gm.parts.namedId = (table, row) => (table.by.id ? table.by.id.get(row) : table.id(row));

  // Go to a box or a place; at once for who asked the system for less motion.
  gm.parts.fly = function (box) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const wide = box[0] < box[2] || box[1] < box[3];
    const bounds = L.latLngBounds([box[1], box[0]], [box[3], box[2]]);
    if (wide) gm.map[calm ? "fitBounds" : "flyToBounds"](bounds.pad(0.25), calm ? { maxZoom: 13, animate: false } : { maxZoom: 13, duration: 0.6 });
    else gm.map[calm ? "setView" : "flyTo"](bounds.getCenter(), Math.max(gm.map.getZoom(), 12), calm ? { animate: false } : { duration: 0.6 });
  };

  // Select a row where it stands: its drawing is switched on, the map goes there, the panel answers.
  gm.parts.visit = function (table, row) {
    const drawing = gm.parts.drawingOf(table, row);
    const box = gm.parts.rowBox(table, row);
    const at = table.lon || (table.shapes && table.shapes[row]) ? gm.parts.rowPlace(table, row) : null;
    if (drawing) gm.parts.toggle(drawing.name, true);
    if (box) gm.parts.fly(box);
    const point = at && at.point ? L.latLng(at.lat, at.lon) : null;
    if (drawing) gm.parts.show([{ drawing: drawing, table: table, row: row }], point);
    else if (point) gm.parts.ask(point);
    return Boolean(drawing || box);
  };

  // Long work in short turns: a generator that yields often; `done` gets what it returns.
  gm.parts.slowly = function (work, done) {
    let stopped = false;
    const turn = () => {
      const until = performance.now() + 12;
      while (!stopped && performance.now() < until) {
        const one = work.next();
        if (!one.done) continue;
        stopped = true;
        done(one.value);
      }
      if (!stopped) window.setTimeout(turn, 0);
    };
    turn();
    return () => {
      stopped = true;
    };
  };

  gm.parts.rows = { LAYERS: LAYERS, coded: coded, keepers: keepers, kept: kept, target: target, units: units, unitCodes: unitCodes, adminOf: adminOf, townships: townships };
})(window.gridmap);

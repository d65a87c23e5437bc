// Filters that combine, and the counts that follow them. The rules are in docs/map.md.
(function (gm) {
  "use strict";
  const KEYS = ["layer", "unit", "township", "gacha", "status"];
  const KEPT = ["layer", "unit"]; // about who keeps a row; the others about columns of its own
  const rows = gm.parts.rows;
  let chosen = {};
  let masks = {};
  let known = null;

  const tables = () => Object.keys(gm.scene.tables).map((name) => gm.scene.tables[name]);

  // A table's column for a filter. One in which nothing is written is no column.
  function columnOf(table, key) {
    const found = key === "township" ? rows.townships(table) : rows.coded(table, key);
    return found && found.values.length ? found : null;
  }

  // The values that a filter knows: {held, all}. `all` has those, too, that nothing in the view bears.
  function values(key) {
    if (!known) known = {};
    if (known[key]) return known[key];
    const found = new Set();
    tables().forEach((table) => {
      if (KEPT.includes(key)) {
        const kept = rows.keepers(table);
        const names = key === "layer" ? rows.LAYERS : rows.units;
        const seen = new Uint8Array(names.length);
        if (kept) kept[key].forEach((code) => {
          seen[code] = 1;
        });
        names.forEach((name, code) => seen[code] && found.add(name));
      } else {
        const column = columnOf(table, key);
        if (column) column.values.forEach((value) => found.add(String(value)));
      }
    });
    found.delete("");
    const held = Array.from(found);
    known[key] = { held: held, all: found.size ? held.concat(others(key).filter((one) => !found.has(one))) : [] };
    return known[key];
  }

  // Whether there is anything to filter by, told without going through the rows.
  function offered(key) {
    if (KEPT.includes(key)) return tables().some((table) => rows.kept(table, key === "unit"));
    return tables().some((table) => {
      const column = table.by[key] || (key === "township" && table.by.gacha);
      return column && (column.codes ? column.values.length > 0 : Boolean(columnOf(table, key)));
    });
  }

  function others(key) {
    if (key === "layer") return rows.LAYERS;
    const table = gm.scene.tables[key === "unit" ? "unit" : "admin"];
    if (!table || key === "status") return [];
    const all = Array.from({ length: table.rows }, (_, row) => row);
    if (key === "unit") return all.map((row) => table.id(row)).filter((id) => id !== null);
    return all.filter((row) => table.get(row, "level") === key).map((row) => table.get(row, "code"));
  }

  function called(key, value) {
    if (key === "layer") return gm.parts.t("group." + value);
    if (key === "unit") return gm.parts.calledById("unit", value) || gm.parts.t("unit.other");
    const admin = key === "status" ? null : rows.adminOf(value);
    return (admin && admin.name) || value;
  }

  // A value as given: itself, or the name of exactly one.
  function meant(key, given) {
    const text = String(given);
    const all = values(key).all;
    if (!all.length) throw new Error(gm.parts.t("filter.absent", { key: key }));
    if (all.includes(text)) return text;
    const named = key === "layer" || key === "status" ? [] : all.filter((value) => called(key, value) === text);
    if (named.length === 1) return named[0];
    throw new Error(gm.parts.t("filter.unknown", { key: key, value: text.slice(0, 80) }));
  }

  function read(wanted) {
    if (wanted === undefined || wanted === null) return {};
    if (typeof wanted !== "object" || Array.isArray(wanted)) throw new Error(gm.parts.t("filter.object", { keys: KEYS.join(", ") }));
    const found = {};
    Object.keys(wanted).forEach((key) => {
      if (!KEYS.includes(key)) throw new Error(gm.parts.t("filter.key", { key: key.slice(0, 80), keys: KEYS.join(", ") }));
      const value = wanted[key];
      if (value === undefined || value === null || value === "") return;
      if (typeof value === "object") throw new Error(gm.parts.t("filter.unknown", { key: key, value: String(value).slice(0, 80) }));
      found[key] = meant(key, value);
    });
    return found;
  }

  // Rows with an assignment, or as a target a keeper, that is of the layer and of the unit at once.
  function keptMask(table, by, mask) {
    const kept = by.layer || by.unit ? rows.keepers(table) : null;
    if (!kept) return mask;
    const layer = by.layer ? rows.LAYERS.indexOf(by.layer) : -1;
    const unit = by.unit ? rows.unitCodes.get(by.unit) || -2 : -1;
    const out = mask || new Uint8Array(table.rows).fill(1);
    for (let row = 0; row < table.rows; row += 1) {
      let found = 0;
      for (let at = kept.start[row]; at < kept.start[row + 1]; at += 1) {
        if ((layer < 0 || kept.layer[at] === layer) && (unit === -1 || kept.unit[at] === unit)) found = 1;
      }
      if (!found) out[row] = 0;
    }
    return out;
  }

  // Which rows pass; null where none of the filters is about this table.
  function maskOf(table, by) {
    let mask = keptMask(table, by, null);
    KEYS.forEach((key) => {
      const column = by[key] && !KEPT.includes(key) ? columnOf(table, key) : null;
      if (!column) return;
      const code = column.values.findIndex((value) => String(value) === by[key]) + 1 || -1;
      const codes = column.codes;
      if (!mask) mask = new Uint8Array(table.rows).fill(1);
      for (let row = 0; row < table.rows; row += 1) if (codes[row] !== code) mask[row] = 0;
    });
    return mask;
  }

  // A finding goes with the row that it is about; one of the whole arrangement stays.
  function findingsMask() {
    const table = gm.scene.tables.findings;
    if (!table || !table.by.table) return null;
    const mask = new Uint8Array(table.rows).fill(1);
    for (let row = 0; row < table.rows; row += 1) {
      const about = gm.scene.tables[table.get(row, "table")];
      const id = about && about !== table && masks[about.name] ? gm.parts.namedId(table, row) : null;
      const other = id === null || id === "" ? -1 : about.rowOf(id);
      if (other >= 0 && !masks[about.name][other]) mask[row] = 0;
    }
    return mask.includes(0) ? mask : null;
  }

  function apply(wanted) {
    const found = read(wanted);
    chosen = found;
    masks = {};
    tables().forEach((table) => {
      masks[table.name] = Object.keys(chosen).length ? maskOf(table, chosen) : null;
    });
    if (gm.scene.tables.findings) masks.findings = findingsMask();
    gm.parts.tell("filter", Object.assign({}, chosen));
  }

  const sum = (mask) => {
    let many = 0;
    for (let row = 0; row < mask.length; row += 1) many += mask[row];
    return many;
  };

  // Assignments of rows that pass, if they are of the layer and of the unit themselves.
  function assignments() {
    const layer = chosen.layer ? rows.LAYERS.indexOf(chosen.layer) : -1;
    const unit = chosen.unit ? rows.unitCodes.get(chosen.unit) || -2 : -1;
    let many = 0;
    tables().forEach((table) => {
      const kept = rows.keepers(table);
      const mask = masks[table.name];
      for (let row = 0; kept && row < table.rows; row += 1) {
        if (mask && !mask[row]) continue;
        for (let at = kept.start[row]; at < kept.start[row + 1]; at += 1) {
          if (!kept.own[at] && (layer < 0 || kept.layer[at] === layer) && (unit === -1 || kept.unit[at] === unit)) many += 1;
        }
      }
    });
    return many;
  }

  gm.counts = function () {
    const out = Object.assign({}, gm.scene ? gm.scene.counts : {});
    if (!Object.keys(chosen).length) return out;
    Object.keys(out).forEach((name) => {
      if (masks[name]) out[name] = sum(masks[name]);
    });
    if (out.assignments !== undefined) out.assignments = assignments();
    return out;
  };

  // {layer, unit, township, gacha, status}: any of them; an empty object clears. Returns the counts.
  gm.filter = function (wanted) {
    apply(wanted);
    return gm.counts();
  };

  // For each value of a filter: how many rows would stay, the other filters being as they are.
  function options(key) {
    const others = Object.assign({}, chosen);
    delete others[key];
    const found = new Map(values(key).held.map((value) => [value, 0]));
    tables().forEach((table) => (KEPT.includes(key) ? countKept : countOwn)(table, key, maskOf(table, others), found));
    return found;
  }

  function countOwn(table, key, mask, found) {
    const column = columnOf(table, key);
    if (!column) return;
    const many = new Uint32Array(column.values.length + 1);
    for (let row = 0; row < table.rows; row += 1) if (!mask || mask[row]) many[column.codes[row]] += 1;
    column.values.forEach((value, at) => found.set(String(value), (found.get(String(value)) || 0) + many[at + 1]));
  }

  function countKept(table, key, mask, found) {
    const kept = rows.keepers(table);
    if (!kept) return;
    const byLayer = key === "layer";
    const codes = byLayer ? kept.layer : kept.unit;
    const other = byLayer ? kept.unit : kept.layer;
    const limit = byLayer ? (chosen.unit ? rows.unitCodes.get(chosen.unit) || -2 : -1) : chosen.layer ? rows.LAYERS.indexOf(chosen.layer) : -1;
    const many = new Uint32Array(byLayer ? rows.LAYERS.length : rows.units.length);
    for (let row = 0; row < table.rows; row += 1) {
      if (mask && !mask[row]) continue;
      for (let at = kept.start[row]; at < kept.start[row + 1]; at += 1) {
        if (limit !== -1 && other[at] !== limit) continue;
        // A row counts once for each value, however many of its entries have it.
        let first = true;
        for (let back = kept.start[row]; first && back < at; back += 1) first = codes[back] !== codes[at] || (limit !== -1 && other[back] !== limit);
        if (first) many[codes[at]] += 1;
      }
    }
    many.forEach((n, code) => {
      const value = byLayer ? rows.LAYERS[code] : rows.units[code];
      if (n && value) found.set(value, (found.get(value) || 0) + n);
    });
  }

  // Which rows of a table pass: null for all, else a Uint8Array with 1 for those that do.
  gm.parts.passes = (table) => masks[typeof table === "string" ? table : table.name] || null;
  gm.parts.filters = {
    keys: () => KEYS.filter(offered),
    // Whether there is any: told from what is read anyway.
    any: () => Boolean(gm.scene.counts.assignments) || KEYS.some((key) => !KEPT.includes(key) && offered(key)) || tables().some((table) => rows.target(table)),
    chosen: () => Object.assign({}, chosen),
    // The same with one of them changed; "" takes it away.
    with: (key, value) => apply(Object.assign({}, chosen, { [key]: value })),
    // Throws where `filter` would.
    check: meant,
    called: called,
    options: options,
  };
})(window.gridmap);

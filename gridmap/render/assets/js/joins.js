// Assignments: which target and unit every row has on each layer (written by gridmap/render/joins.py).
(function (gm) {
  "use strict";
  const NAMES = { unit: "units", role: "roles", rule: "rules", reason: "reasons" };

  // The place of a number in an ascending array, or where it would stand.
  function placeIn(sorted, value) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // What depends on the target alone is held once a target.
  function perSlot(one, name, data) {
    const codes = gm.parts.ints(data[name]);
    if (data.by_target.indexOf(name) < 0) return { at: (slot) => codes[slot], all: () => codes };
    const target = () => one.target();
    let spread = null;
    const all = function () {
      if (spread) return spread;
      spread = new codes.constructor(one.size);
      const of = target();
      for (let slot = 0; slot < spread.length; slot += 1) if (of[slot]) spread[slot] = codes[of[slot] - 1];
      return spread;
    };
    return { at: (slot) => (target()[slot] ? codes[target()[slot] - 1] : 0), all: all };
  }

  // One kind on one layer: `size` slots, one for every row of the kind, or for those that `rows` lists (ascending).
  // target(), unit(), role(), rule() and reason() are 1-based codes into targets, units, roles, rules and reasons,
  // 0 for none; metres() are one more than whole metres, 0 for unknown.
  gm.parts.join = function (data) {
    const table = gm.scene.tables[data.kind];
    const one = { kind: data.kind, layer: data.layer, table: data.table, size: data.rows === null && table ? table.rows : data.size };
    const codes = {};
    const read = (name) => {
      if (!codes[name]) codes[name] = perSlot(one, name, data);
      return codes[name];
    };
    gm.parts.lazy(one, "rows", () => (data.rows === null ? null : gm.parts.ints(data.rows)));
    ["target", "metres"].forEach((name) => {
      gm.parts.lazy(codes, name, () => gm.parts.ints(data[name]));
      one[name] = () => codes[name];
    });
    Object.keys(NAMES).forEach((name) => {
      one[NAMES[name]] = data[NAMES[name]];
      one[name] = () => read(name).all();
      one[name + "At"] = (slot) => data[NAMES[name]][read(name).at(slot) - 1] || null;
    });
    const held = Array.isArray(data.targets) ? null : gm.scene.tables[data.table];
    gm.parts.lazy(one, "targetRows", () => (held ? gm.parts.ints(data.targets) : Int32Array.from(data.targets, (id) => (gm.scene.tables[data.table] ? gm.scene.tables[data.table].rowOf(id) : -1))));
    gm.parts.lazy(one, "targets", () => (held ? Array.from(one.targetRows, (row) => held.id(row)) : data.targets));
    // The code of a target, 0 if nothing is assigned to it.
    one.codeOf = function (id) {
      if (!held) return data.targets.indexOf(id) + 1;
      const row = held.rowOf(id);
      const at = placeIn(one.targetRows, row);
      return row >= 0 && one.targetRows[at] === row ? at + 1 : 0;
    };
    // How many are led and supported by each target, by code.
    gm.parts.lazy(one, "led", () => counted(one, true));
    gm.parts.lazy(one, "supported", () => counted(one, false));
    return one;
  };

  function counted(one, led) {
    const found = new Uint32Array(one.targets.length + 1);
    const lead = one.roles.indexOf("lead") + 1;
    const target = one.target();
    const role = one.role();
    for (let slot = 0; slot < one.size; slot += 1) if ((role[slot] === lead) === led) found[target[slot]] += 1;
    return found;
  }

  function row(one, slot) {
    const target = one.target()[slot];
    const metres = one.metres()[slot];
    return {
      kind: one.kind, layer: one.layer, table: one.table, target: target ? one.targets[target - 1] : null,
      unit: one.unitAt(slot), role: one.roleAt(slot), rule: one.ruleAt(slot), reason: one.reasonAt(slot),
      metres: metres ? metres - 1 : null,
    };
  }

  // of(kind, row) lists a row's assignments; on(table, id) says how many of each kind a target leads and supports.
  gm.parts.assignments = function (joins) {
    const of = function (kind, at) {
      const found = [];
      joins().filter((one) => one.kind === kind).forEach((one) => {
        if (one.rows === null) {
          if (one.target()[at]) found.push(row(one, at));
          return;
        }
        for (let slot = placeIn(one.rows, at); one.rows[slot] === at; slot += 1) found.push(row(one, slot));
      });
      return found;
    };
    const on = function (name, id) {
      const found = [];
      joins().filter((one) => one.table === name).forEach((one) => {
        const code = one.codeOf(id);
        if (!code) return;
        let entry = found.find((other) => other.kind === one.kind);
        if (!entry) found.push((entry = { kind: one.kind, lead: 0, support: 0 }));
        entry.lead += one.led[code];
        entry.support += one.supported[code];
      });
      return found;
    };
    return { of: of, on: on };
  };
})(window.gridmap);

// From the JSON blocks to typed arrays and accessors (written by gridmap/render/pack.py).
(function (gm) {
  "use strict";
  const FRONT_SEPARATOR = "\u001f";

  function blocks(part) {
    const found = document.querySelectorAll('script[type="application/json"][data-gridmap="' + part + '"]');
    return Array.prototype.map.call(found, (node) => JSON.parse(node.textContent));
  }

  // Integers: offset + width little-endian bytes each; width 0 says all are the offset.
  function ints(packed, rows) {
    const small = packed.offset >= 0 && packed.offset + Math.pow(256, packed.width) <= 65536;
    const out = small ? new Uint16Array(rows) : new Float64Array(rows);
    if (packed.width === 0) return out.fill(packed.offset);
    const raw = window.atob(packed.data);
    const width = packed.width;
    for (let row = 0, at = 0; row < rows; row += 1) {
      let value = 0;
      for (let place = 0, unit = 1; place < width; place += 1, at += 1, unit *= 256) {
        value += raw.charCodeAt(at) * unit;
      }
      out[row] = packed.offset + value;
    }
    return out;
  }

  function bytes(text) {
    const raw = window.atob(text);
    const out = new Uint8Array(raw.length);
    for (let at = 0; at < raw.length; at += 1) out[at] = raw.charCodeAt(at);
    return out;
  }

  // Each text: one base-36 digit that says how much it shares with the one before, and its rest.
  function front(joined) {
    let before = "";
    return joined.split(FRONT_SEPARATOR).map((part) => {
      before = before.slice(0, parseInt(part[0], 36)) + part.slice(1);
      return before;
    });
  }

  function column(data, rows) {
    const out = { name: data.name, title: data.title, type: data.type };
    if (data.form === "codes") {
      const codes = ints(data.codes, rows);
      out.get = (row) => (codes[row] ? data.values[codes[row] - 1] : null);
    } else {
      const values = data.form === "front" ? front(data.values) : data.values;
      out.get = (row) => values[row];
      out.values = values;
    }
    return out;
  }

  function path(flat, unit) {
    const out = new Float64Array(flat.length);
    let x = 0;
    let y = 0;
    for (let at = 0; at < flat.length; at += 2) {
      x += flat[at];
      y += flat[at + 1];
      out[at] = x / unit;
      out[at + 1] = y / unit;
    }
    return out;
  }

  function shape(parts, unit) {
    if (!parts) return null;
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const list = parts.map((part) => {
      const paths = part[0] === 3 ? part[1].map((ring) => path(ring, unit)) : [path(part[1], unit)];
      paths.forEach((one) => {
        for (let at = 0; at < one.length; at += 2) {
          box[0] = Math.min(box[0], one[at]);
          box[1] = Math.min(box[1], one[at + 1]);
          box[2] = Math.max(box[2], one[at]);
          box[3] = Math.max(box[3], one[at + 1]);
        }
      });
      return { kind: part[0], paths: paths };
    });
    return { parts: list, box: box };
  }

  function table(data) {
    const out = { name: data.name, title: data.title, rows: data.rows, columns: [], by: {} };
    data.columns.forEach((one) => {
      const made = column(one, data.rows);
      out.columns.push(made);
      out.by[made.name] = made;
    });
    const ids = data.ids ? column(data.ids, data.rows) : null;
    out.id = (row) => (ids ? ids.get(row) : null);
    let index = null;
    out.rowOf = function (id) {
      if (!index) {
        index = new Map();
        for (let row = 0; ids && row < data.rows; row += 1) index.set(ids.get(row), row);
      }
      return index.has(id) ? index.get(id) : -1;
    };
    out.get = (row, name) => (name === "id" ? out.id(row) : out.by[name] ? out.by[name].get(row) : null);
    places(out, data.geometry);
    return out;
  }

  function places(out, geometry) {
    out.shapes = null;
    out.lon = null;
    out.decimals = geometry ? geometry.decimals : 0;
    if (!geometry) return;
    const unit = Math.pow(10, geometry.decimals);
    if (geometry.x === null) {
      out.shapes = geometry.shapes.map((parts) => shape(parts, unit));
      return;
    }
    const scaled = (packed) => Float64Array.from(ints(packed, out.rows), (value) => value / unit);
    out.lon = scaled(geometry.x);
    out.lat = scaled(geometry.y);
    // Rows without a place: NaN compares false with every bound, so nothing draws or finds them.
    geometry.missing.forEach((row) => {
      out.lon[row] = NaN;
      out.lat[row] = NaN;
    });
  }

  // One accessor for assignments: of(kind, row) lists them; on(table, id) says how many lead and support.
  function assignments(list) {
    const joined = list.map((data) => {
      const rows = data.rows;
      const size = rows === null ? gm.scene.tables[data.kind].rows : data.size;
      const one = { kind: data.kind, layer: data.layer, table: data.table, data: data, size: size };
      one.rows = rows === null ? null : ints(rows, size);
      ["target", "unit", "role", "rule", "metres", "reason"].forEach((name) => {
        one[name] = ints(data[name], size);
      });
      return one;
    });
    const text = (names, code) => (code ? names[code - 1] : null);
    const read = (one, slot) => ({
      kind: one.kind, layer: one.layer, table: one.table,
      target: text(one.data.targets, one.target[slot]), unit: text(one.data.units, one.unit[slot]),
      role: text(one.data.roles, one.role[slot]), rule: text(one.data.rules, one.rule[slot]),
      reason: text(one.data.reasons, one.reason[slot]),
      metres: one.metres[slot] ? one.metres[slot] - 1 : null,
    });
    const of = function (kind, row) {
      const found = [];
      joined.forEach((one) => {
        if (one.kind !== kind) return;
        if (one.rows === null) {
          if (one.target[row]) found.push(read(one, row));
          return;
        }
        for (let slot = 0; slot < one.size; slot += 1) if (one.rows[slot] === row) found.push(read(one, slot));
      });
      return found;
    };
    const on = function (name, id) {
      const found = [];
      joined.forEach((one) => {
        const code = one.table === name ? one.data.targets.indexOf(id) + 1 : 0;
        if (!code) return;
        const lead = one.data.roles.indexOf("lead") + 1;
        let entry = found.find((other) => other.kind === one.kind);
        if (!entry) found.push((entry = { kind: one.kind, lead: 0, support: 0 }));
        for (let slot = 0; slot < one.size; slot += 1) {
          if (one.target[slot] !== code) continue;
          if (one.role[slot] === lead) entry.lead += 1;
          else entry.support += 1;
        }
      });
      return found;
    };
    return { of: of, on: on };
  }

  gm.parts.read = function () {
    const scene = { tables: {} };
    ["statement", "counts", "codes", "reasons", "layers", "derived", "title", "bounds", "language", "messages"].forEach((part) => {
      scene[part] = blocks(part)[0];
    });
    gm.scene = scene;
    blocks("table").forEach((data) => {
      scene.tables[data.name] = table(data);
    });
    scene.assignments = assignments(blocks("join"));
    scene.drawings = blocks("drawing").map((drawing) => {
      const held = drawing.table ? scene.tables[drawing.table] : null;
      return Object.assign(drawing, { codes: held && drawing.codes ? ints(drawing.codes, held.rows) : null });
    });
    return scene;
  };
  gm.parts.bytes = bytes;
})(window.gridmap);

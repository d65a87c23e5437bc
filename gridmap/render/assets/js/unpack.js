// From the JSON blocks to tables and drawings (written by gridmap/render/pack.py). All is decoded when it is
// first read: a map opens on what it draws.
(function (gm) {
  "use strict";
  const POLYGON = 3;

  function blocks(part) {
    const found = document.querySelectorAll('script[type="application/json"][data-gridmap="' + part + '"]');
    return Array.prototype.map.call(found, (node) => JSON.parse(node.textContent));
  }

  // All vertices of a table in one array; a ring ends where it began.
  function vertices(data, unit) {
    const x = gm.parts.ints(data.x);
    const y = gm.parts.ints(data.y);
    const kinds = gm.parts.ints(data.kinds);
    const rings = gm.parts.ints(data.rings);
    const sizes = gm.parts.ints(data.sizes);
    const all = new Float64Array((x.length + sizes.length) * 2);
    let from = 0;
    let to = 0;
    let path = 0;
    const next = function (closed) {
      const begin = to;
      for (let end = from + sizes[path]; from < end; from += 1, to += 2) {
        all[to] = x[from] / unit;
        all[to + 1] = y[from] / unit;
      }
      if (closed) {
        all[to] = all[begin];
        all[to + 1] = all[begin + 1];
        to += 2;
      }
      path += 1;
      return all.subarray(begin, to);
    };
    let part = 0;
    return function () {
      const kind = kinds[part];
      const paths = [];
      for (let left = rings[part]; left > 0; left -= 1) paths.push(next(kind === POLYGON));
      part += 1;
      return { kind: kind, paths: paths };
    };
  }

  // Shapes row by row: {parts: [{kind, paths}], box}, null for a row without a place.
  function shapes(data, unit) {
    const take = vertices(data, unit);
    return Array.from(gm.parts.ints(data.parts), (many) => {
      if (!many) return null;
      const parts = [];
      for (let left = many; left > 0; left -= 1) parts.push(take());
      return { parts: parts, box: boxOf(parts) };
    });
  }

  function boxOf(parts) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    parts.forEach((part) => {
      // Holes lie within.
      const path = part.paths[0];
      for (let at = 0; at < path.length; at += 2) {
        if (path[at] < box[0]) box[0] = path[at];
        if (path[at] > box[2]) box[2] = path[at];
        if (path[at + 1] < box[1]) box[1] = path[at + 1];
        if (path[at + 1] > box[3]) box[3] = path[at + 1];
      }
    });
    return box;
  }

  function table(data) {
    const out = { name: data.name, title: data.title, rows: data.rows, columns: [], by: Object.create(null) };
    data.columns.forEach((one) => {
      const made = gm.parts.column(one, data.rows);
      out.columns.push(made);
      out.by[made.name] = made;
    });
    const ids = data.ids ? gm.parts.column(data.ids, data.rows) : null;
    out.id = (row) => (ids ? ids.get(row) : null);
    out.rowOf = (id) => (ids ? ids.find(id) : -1);
    out.get = (row, name) => (name === "id" && ids ? out.id(row) : out.by[name] ? out.by[name].get(row) : null);
    places(out, data.geometry);
    return out;
  }

  function places(out, geometry) {
    out.shapes = null;
    out.lon = null;
    out.decimals = geometry ? geometry.decimals : 0;
    if (!geometry) return;
    const unit = Math.pow(10, geometry.decimals);
    if (geometry.shapes) {
      gm.parts.lazy(out, "shapes", () => shapes(geometry.shapes, unit));
      return;
    }
    const degrees = function (packed) {
      const whole = gm.parts.ints(packed);
      const found = new Float64Array(whole.length);
      for (let row = 0; row < whole.length; row += 1) found[row] = whole[row] / unit;
      // Rows without a place: NaN compares false with every bound, so nothing draws or finds them.
      if (geometry.missing) gm.parts.ints(geometry.missing).forEach((row) => (found[row] = NaN));
      return found;
    };
    gm.parts.lazy(out, "lon", () => degrees(geometry.x));
    gm.parts.lazy(out, "lat", () => degrees(geometry.y));
  }

  gm.parts.read = function () {
    const scene = { tables: Object.create(null) };
    ["statement", "counts", "codes", "reasons", "layers", "derived", "answering", "title", "bounds", "language", "messages"].forEach((part) => {
      scene[part] = blocks(part)[0];
    });
    // A layer whose columns are not all there cannot be answered for, however many of its rows are.
    Object.keys(scene.layers).forEach((layer) => {
      if (scene.answering && scene.answering.held[layer]) scene.layers[layer] = scene.answering.held[layer];
    });
    gm.scene = scene;
    blocks("table").forEach((data) => {
      scene.tables[data.name] = table(data);
    });
    gm.parts.lazy(scene, "joins", () => blocks("join").map(gm.parts.join));
    scene.assignments = gm.parts.assignments(() => scene.joins);
    scene.drawings = blocks("drawing").map((drawing) => {
      const packed = scene.tables[drawing.table] ? drawing.codes : null;
      return packed ? gm.parts.lazy(drawing, "codes", () => gm.parts.ints(packed)) : Object.assign(drawing, { codes: null });
    });
    return scene;
  };
})(window.gridmap);

// Points on a canvas of our own, over typed arrays: a household costs some bytes, not an element.
(function (gm) {
  "use strict";
  const CROWD = 5000; // rows from which dots are painted pixel by pixel

  // Web Mercator at zoom 0 in pixels, once per table: a redraw is then two multiplications a point.
  function world(table) {
    if (table.wx) return;
    const rows = table.rows;
    table.wx = new Float64Array(rows);
    table.wy = new Float64Array(rows);
    for (let row = 0; row < rows; row += 1) {
      const sine = Math.sin((table.lat[row] * Math.PI) / 180);
      table.wx[row] = ((table.lon[row] + 180) / 360) * 256;
      table.wy[row] = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
    }
  }

  // Points of mixed tables (findings) live in their shapes: the first point part of a row is its place.
  function pointsOf(table) {
    if (table.lon || !table.shapes) return;
    const first = (row) => {
      const shape = table.shapes[row];
      const part = shape && shape.parts.find((one) => one.kind === 1);
      return part ? part.paths[0] : [NaN, NaN];
    };
    table.lon = Float64Array.from({ length: table.rows }, (_, row) => first(row)[0]);
    table.lat = Float64Array.from({ length: table.rows }, (_, row) => first(row)[1]);
  }

  // A grid of cells over the points, as one sorted list of rows with the start of every cell.
  function index(table) {
    if (table.grid) return table.grid;
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let row = 0; row < table.rows; row += 1) {
      const x = table.wx[row];
      const y = table.wy[row];
      if (!(x - x === 0 && y - y === 0)) continue;
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x > box[2]) box[2] = x;
      if (y > box[3]) box[3] = y;
    }
    const side = Math.max(1, Math.min(512, Math.ceil(Math.sqrt(table.rows / 4))));
    const width = (box[2] - box[0]) / side || 1;
    const height = (box[3] - box[1]) / side || 1;
    const cell = (value, low, step) => Math.max(0, Math.min(side - 1, Math.floor((value - low) / step)));
    const starts = new Uint32Array(side * side + 1);
    const of = new Int32Array(table.rows).fill(-1);
    for (let row = 0; row < table.rows; row += 1) {
      if (!(table.wx[row] - table.wx[row] === 0 && table.wy[row] - table.wy[row] === 0)) continue;
      of[row] = cell(table.wy[row], box[1], height) * side + cell(table.wx[row], box[0], width);
      starts[of[row] + 1] += 1;
    }
    for (let at = 0; at < side * side; at += 1) starts[at + 1] += starts[at];
    const fill = starts.slice();
    const sorted = new Uint32Array(starts[side * side]);
    for (let row = 0; row < table.rows; row += 1) if (of[row] >= 0) sorted[fill[of[row]]++] = row;
    // Call visit(row) for every row in the cells that a box of world pixels touches.
    const within = function (x0, y0, x1, y1, visit) {
      if (!sorted.length || x1 < box[0] || y1 < box[1] || x0 > box[2] || y0 > box[3]) return;
      const left = cell(x0, box[0], width);
      const right = cell(x1, box[0], width);
      const bottom = cell(y1, box[1], height);
      for (let down = cell(y0, box[1], height); down <= bottom; down += 1) {
        const end = starts[down * side + right + 1];
        for (let at = starts[down * side + left]; at < end; at += 1) visit(sorted[at]);
      }
    };
    table.grid = { within: within };
    return table.grid;
  }

  // The index of a table's points; null where it has none.
  gm.parts.indexed = function (table) {
    if (table.pointless === undefined) {
      pointsOf(table);
      table.pointless = !table.lon || table.lon.every((value) => value !== value);
    }
    if (table.pointless) return null;
    world(table);
    return index(table);
  };

  function sprite(style, ratio) {
    const radius = style.size * 1.25 + 3;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(radius * 2 * ratio);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio * style.size, 0, 0, ratio * style.size, canvas.width / 2, canvas.height / 2);
    const path = new Path2D(gm.parts.symbols[style.shape] || gm.parts.symbols.circle);
    if (style.stroke || style.casing) {
      pen.lineJoin = "round";
      pen.lineWidth = ((style.shape === "dot" ? 0.8 : Math.min(2.2, style.width)) * 2) / style.size;
      // A fault's stroke is its own colour, on a white casing: it must not melt into what it marks.
      pen.strokeStyle = style.casing || style.stroke;
      pen.stroke(path);
    }
    pen.fillStyle = style.fill || style.stroke;
    pen.fill(path, "evenodd");
    canvas.half = canvas.width / ratio / 2;
    return canvas;
  }

  // Far out, symbols shrink a little: a crowd of full-size ones hides what is under it.
  function scale(zoom, style) {
    if (style.shape === "dot") return zoom < 8.6 ? 0.6 : zoom < 10 ? 1 : zoom < 12 ? 1.35 : 1.8;
    return zoom < 8.6 ? style.far * style.far : zoom < 9.9 ? style.far : 1;
  }

  // Two ways to put a sprite at many places. A few: the canvas draws each.
  function sparse(pen, sprites) {
    return { at: (code, x, y) => pen.drawImage(sprites[code], x, y), done: () => {} };
  }

  // A crowd: pixels are set in memory, twenty times faster than as many drawing calls.
  function crowded(canvas, sprites) {
    const width = canvas.width;
    const height = canvas.height;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const opaque = new Uint8Array(image.data.buffer);
    const stamps = sprites.map((one) => {
      const data = one.getContext("2d").getImageData(0, 0, one.width, one.height);
      return { side: one.width, colour: new Uint32Array(data.data.buffer), alpha: data.data };
    });
    const at = function (code, x, y) {
      const one = stamps[code];
      if (x < 0 || y < 0 || x + one.side > width || y + one.side > height) return;
      for (let down = 0, from = 0; down < one.side; down += 1) {
        for (let to = (y + down) * width + x, end = to + one.side; to < end; to += 1, from += 1) {
          // The more opaque pixel stays: a soft edge must not cut into a neighbour.
          if (one.alpha[from * 4 + 3] >= opaque[to * 4 + 3] && one.alpha[from * 4 + 3]) pixels[to] = one.colour[from];
        }
      }
    };
    const done = function (pen) {
      const sheet = document.createElement("canvas");
      sheet.width = width;
      sheet.height = height;
      sheet.getContext("2d").putImageData(image, 0, 0);
      pen.drawImage(sheet, 0, 0);
    };
    return { at: at, done: done };
  }

  // One canvas for the points of all drawings, over every line and area: a canvas a drawing would
  // cost 40 MB each when it is printed.
  const Points = L.Renderer.extend({
    options: { padding: 0.2 },
    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
    },
    _destroyContainer: function () {
      L.DomUtil.remove(this._container);
      delete this._container;
    },
    // Several events ask for an update at once; the points are painted once, before the next frame.
    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      if (gm.parts.printing) this.repaint();
      else this._later();
    },
    onAdd: function (map) {
      this._later = gm.parts.soon(() => this.repaint());
      L.Renderer.prototype.onAdd.call(this, map);
    },
    repaint: function () {
      if (!this._map || !this._bounds) return;
      // Chromium prints a canvas by replaying what was drawn on it, and a replayed clearing is white:
      // on paper it would cover all that lies below. So every drawing for paper has a new canvas.
      if (gm.parts.printing) {
        const fresh = document.createElement("canvas");
        fresh.className = this._container.className;
        this._container.replaceWith(fresh);
        this._container = fresh;
      }
      const ratio = gm.parts.ratio();
      const size = this._bounds.getSize();
      const canvas = this._container;
      canvas.width = Math.round(size.x * ratio);
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      L.DomUtil.setPosition(canvas, this._bounds.min);
      const pen = canvas.getContext("2d");
      gm.parts.visible().forEach((drawing) => this._paint(drawing, pen, ratio, size));
    },
    _paint: function (drawing, pen, ratio, size) {
      const table = gm.scene.tables[drawing.table];
      const index = table && drawing.codes ? gm.parts.indexed(table) : null;
      if (!index) return;
      const zoom = this._map.getZoom();
      const factor = Math.pow(2, zoom);
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      const sprites = drawing.cases.map((one) => {
        const style = Object.assign({}, one.style, { size: one.style.size * scale(zoom, one.style) });
        return sprite(style, ratio);
      });
      const crowd = table.rows > CROWD && !gm.parts.printing && drawing.cases.every((one) => one.style.shape === "dot");
      const stamp = crowd ? crowded(pen.canvas, sprites) : sparse(pen, sprites);
      const codes = drawing.codes;
      const edge = 20;
      const draw = (row) => {
        const code = codes[row];
        if (code >= sprites.length) return;
        const half = sprites[code].half;
        const x = Math.round((table.wx[row] * factor - origin.x - half) * ratio);
        stamp.at(code, x, Math.round((table.wy[row] * factor - origin.y - half) * ratio));
      };
      const x0 = (origin.x - edge) / factor;
      const y0 = (origin.y - edge) / factor;
      index.within(x0, y0, (origin.x + size.x + edge) / factor, (origin.y + size.y + edge) / factor, draw);
      stamp.done(pen);
    },
    _updatePaths: function () {},
  });
  gm.parts.points = (pane) => new Points({ pane: pane });
  gm.parts.printing = false;
  // Paper has more dots than a screen: Chromium would rasterise a canvas at 96 to the inch. A power of
  // two: at any other ratio it prints what is on the canvas up to 2 % too small, and homes move by kilometres.
  gm.parts.ratio = () => (gm.parts.printing ? 4 : Math.min(3, window.devicePixelRatio || 1));
})(window.gridmap);

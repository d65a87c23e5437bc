// Points on a canvas of our own, over typed arrays: a household costs some bytes, not an element.
(function (gm) {
  "use strict";
  const CROWD = 3000; // dots from which they are painted pixel by pixel
  const STRETCH = 64; // rows that share a box: in the file they are neighbours
  const FEW = 8; // a drawing of one row in so many is gone through by its own list
  const EDGE = 20; // pixels that a symbol reaches over its place

  // World pixels, once per table: a redraw is then two multiplications a point.
  function world(table) {
    if (table.wx) return;
    const wx = new Float64Array(table.rows);
    const wy = new Float64Array(table.rows);
    for (let row = 0; row < table.rows; row += 1) {
      wx[row] = gm.parts.world.x(table.lon[row]);
      wy[row] = gm.parts.world.y(table.lat[row]);
    }
    table.wx = wx;
    table.wy = wy;
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

  // A box around every stretch of rows; the file has them along a curve that keeps neighbours together.
  function index(table) {
    const wx = table.wx;
    const wy = table.wy;
    const many = Math.ceil(table.rows / STRETCH);
    const boxes = new Float64Array(many * 4);
    for (let one = 0; one < many; one += 1) {
      let west = Infinity;
      let north = Infinity;
      let east = -Infinity;
      let south = -Infinity;
      for (let row = one * STRETCH, end = Math.min(table.rows, row + STRETCH); row < end; row += 1) {
        const x = wx[row];
        const y = wy[row];
        if (!(x - x === 0 && y - y === 0)) continue;
        if (x < west) west = x;
        if (x > east) east = x;
        if (y < north) north = y;
        if (y > south) south = y;
      }
      boxes.set([west, north, east, south], one * 4);
    }
    // Call visit(from, to) for the stretches of rows of which some may be in a box of world pixels.
    const stretches = function (x0, y0, x1, y1, visit) {
      for (let at = 0, from = 0; from < table.rows; at += 4, from += STRETCH) {
        if (boxes[at] > x1 || boxes[at + 1] > y1 || boxes[at + 2] < x0 || boxes[at + 3] < y0) continue;
        visit(from, Math.min(table.rows, from + STRETCH));
      }
    };
    // Call visit(row) for every row in it.
    const within = (x0, y0, x1, y1, visit) => stretches(x0, y0, x1, y1, (from, to) => {
      for (let row = from; row < to; row += 1) if (wx[row] >= x0 && wx[row] <= x1 && wy[row] >= y0 && wy[row] <= y1) visit(row);
    });
    return { stretches: stretches, within: within };
  }

  // The index of a table's points; null where it has none.
  gm.parts.indexed = function (table) {
    if (table.pointless === undefined) {
      pointsOf(table);
      table.pointless = !table.lon || table.lon.every((value) => value !== value);
    }
    if (table.pointless) return null;
    world(table);
    if (!table.index) table.index = index(table);
    return table.index;
  };

  // The rows of a drawing that are drawn at all, if they are few among many: strongholds among homes.
  function fewOf(drawing, table) {
    if (drawing.few !== undefined) return drawing.few;
    const rows = [];
    const cases = drawing.cases.length;
    for (let row = 0; row < table.rows && rows.length * FEW <= table.rows; row += 1) if (drawing.codes[row] < cases) rows.push(row);
    drawing.few = rows.length * FEW <= table.rows ? rows : null;
    return drawing.few;
  }

  // Call visit(row) for every row that a drawing shows in a box of world pixels, and the filters let pass.
  gm.parts.eachPoint = function (drawing, x0, y0, x1, y1, visit) {
    const table = gm.scene.tables[drawing.table];
    const index = table && drawing.codes ? gm.parts.indexed(table) : null;
    if (!index) return;
    const codes = drawing.codes;
    const cases = drawing.cases.length;
    const mask = gm.parts.passes(table);
    const few = fewOf(drawing, table);
    if (few) {
      few.forEach((row) => {
        if (table.wx[row] >= x0 && table.wx[row] <= x1 && table.wy[row] >= y0 && table.wy[row] <= y1 && (!mask || mask[row])) visit(row);
      });
      return;
    }
    index.within(x0, y0, x1, y1, (row) => {
      if (codes[row] < cases && (!mask || mask[row])) visit(row);
    });
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

  // Where symbols crowd they shrink, down to what can still be told apart; each is drawn all the same.
  const SMALLEST = 3;
  const MANY = 300;
  function crowding(many, view) {
    return many < MANY ? Infinity : Math.max(SMALLEST, Math.sqrt((view.size.x * view.size.y) / many) / 9);
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

  // Whether a drawing is of dots alone; other symbols mean something one by one, and are always drawn so.
  gm.parts.dotted = (drawing) => drawing.cases.length > 0 && drawing.cases.every((one) => one.style.shape === "dot");

  function paint(drawing, view) {
    const table = gm.scene.tables[drawing.table];
    if (!table || !drawing.codes || !gm.parts.indexed(table)) return;
    const crowd = gm.parts.crowd(drawing);
    if (crowd) {
      gm.parts.paintCrowd(drawing, crowd, view);
      return;
    }
    const codes = drawing.codes;
    const rows = [];
    const edge = (value) => value / view.factor;
    gm.parts.eachPoint(drawing, edge(view.origin.x - EDGE), edge(view.origin.y - EDGE), edge(view.origin.x + view.size.x + EDGE), edge(view.origin.y + view.size.y + EDGE), (row) => rows.push(row));
    const dots = gm.parts.dotted(drawing);
    const most = dots ? Infinity : crowding(rows.length, view);
    const sprites = drawing.cases.map((one) => sprite(Object.assign({}, one.style, { size: Math.min(most, one.style.size * scale(view.zoom, one.style)) }), view.ratio));
    const stamp = dots && rows.length > CROWD && !gm.parts.printing ? crowded(view.pen.canvas, sprites) : sparse(view.pen, sprites);
    rows.forEach((row) => {
      const half = sprites[codes[row]].half;
      const x = Math.round((table.wx[row] * view.factor - view.origin.x - half) * view.ratio);
      stamp.at(codes[row], x, Math.round((table.wy[row] * view.factor - view.origin.y - half) * view.ratio));
    });
    stamp.done(view.pen);
  }

  // One canvas for the points of all drawings, over every line and area: a canvas a drawing would
  // cost 40 MB each when it is printed.
  gm.parts.points = (pane) => gm.parts.painted(pane, (view) => {
    gm.parts.visible().forEach((drawing) => paint(drawing, view));
    gm.parts.crowdHint();
  });
})(window.gridmap);

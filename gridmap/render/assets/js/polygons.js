// Very many polygons on a canvas: as SVG each of them would be two elements that the browser lays out.
(function (gm) {
  "use strict";
  const POLYGON = 3;
  const FINE = 20; // an edge is no wider than one in so many of its cell
  const DASHED = 40; // pixels a side from which dashes can be told
  const TOGETHER = 48; // polygons of one path
  const MARGIN = 30; // pixels that an edge reaches over its place

  // Whether a table has so many polygons that a canvas draws them.
  gm.parts.manyPolygons = function (table) {
    if (table.polygons === undefined) {
      table.polygons = table.shapes.reduce((many, shape) => many + (shape ? shape.parts.filter((part) => part.kind === POLYGON).length : 0), 0);
    }
    return table.polygons > 1500;
  };

  // A ring in world pixels, one way round: holes go the other way, so that they stay empty in any company.
  function ring(path, hole) {
    const out = new Float64Array(path.length);
    let area = 0;
    for (let at = 0; at < path.length; at += 2) {
      out[at] = gm.parts.world.x(path[at]);
      out[at + 1] = gm.parts.world.y(path[at + 1]);
      if (at) area += out[at - 2] * out[at + 1] - out[at] * out[at - 1];
    }
    if (area > 0 === hole) {
      for (let from = 0, to = out.length - 2; from < to; from += 2, to -= 2) {
        for (let axis = 0; axis < 2; axis += 1) {
          const held = out[from + axis];
          out[from + axis] = out[to + axis];
          out[to + axis] = held;
        }
      }
    }
    return out;
  }

  // Every polygon once: its row, its rings and its box in world pixels.
  function polygons(table) {
    if (table.rings) return table.rings;
    table.rings = [];
    table.shapes.forEach((shape, row) => shape && shape.parts.forEach((part) => {
      if (part.kind !== POLYGON) return;
      const rings = part.paths.map((path, at) => ring(path, at > 0));
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (let at = 0; at < rings[0].length; at += 2) {
        if (rings[0][at] < box[0]) box[0] = rings[0][at];
        if (rings[0][at] > box[2]) box[2] = rings[0][at];
        if (rings[0][at + 1] < box[1]) box[1] = rings[0][at + 1];
        if (rings[0][at + 1] > box[3]) box[3] = rings[0][at + 1];
      }
      table.rings.push({ row: row, rings: rings, box: box });
    }));
    return table.rings;
  }

  // A hatch as a canvas pattern: the same lines as in the SVG's (see shapes.js).
  function pattern(view, style) {
    const pen = view.pen;
    const ratio = view.ratio;
    const sign = gm.parts.hatchLines(style.hatch, style.fill, style.fill_opacity);
    const side = Math.round(sign.size * ratio);
    const tile = document.createElement("canvas");
    tile.width = tile.height = side;
    const made = tile.getContext("2d");
    made.scale(side / sign.size, side / sign.size);
    const box = (one) => {
      made.globalAlpha = one.opacity;
      made.fillStyle = one.fill;
      made.fillRect(0, 0, one.width, one.height);
    };
    box({ width: sign.size, height: sign.size, fill: sign.ground, opacity: sign.tint });
    sign.bars.forEach(box);
    if (sign.dot) {
      made.globalAlpha = sign.dot.opacity;
      made.fillStyle = sign.dot.fill;
      made.beginPath();
      made.arc(sign.dot.x, sign.dot.y, sign.dot.r, 0, 2 * Math.PI);
      made.fill();
    }
    const found = pen.createPattern(tile, "repeat");
    // From the corner of the pane, as the SVG's: it stays where it is when the map is moved.
    found.setTransform(new DOMMatrix().translate(-view.corner.x * ratio, -view.corner.y * ratio).rotate(sign.turn));
    return found;
  }

  // Add a ring to the path; a vertex that would not leave the pixel of the one before draws nothing.
  function trace(path, ring, view) {
    const scale = view.factor * view.ratio;
    const east = view.origin.x * view.ratio;
    const south = view.origin.y * view.ratio;
    let x = ring[0] * scale - east;
    let y = ring[1] * scale - south;
    path.moveTo(x, y);
    for (let at = 2; at + 2 < ring.length; at += 2) {
      const nextX = ring[at] * scale - east;
      const nextY = ring[at + 1] * scale - south;
      if (Math.abs(nextX - x) < 0.5 && Math.abs(nextY - y) < 0.5) continue;
      x = nextX;
      y = nextY;
      path.lineTo(x, y);
    }
    path.closePath();
  }

  // Whether the map shows anything of it, and it is not smaller than a pixel's half.
  function seen(one, box, smallest) {
    return one.box[0] <= box[2] && one.box[2] >= box[0] && one.box[1] <= box[3] && one.box[3] >= box[1] && (one.box[2] - one.box[0] > smallest || one.box[3] - one.box[1] > smallest);
  }

  // How large they are on the screen, about: the root of their mean box.
  function sideOf(list, factor) {
    const sum = list.reduce((all, one) => all + (one.box[2] - one.box[0]) * (one.box[3] - one.box[1]), 0);
    return Math.sqrt(sum / list.length) * factor;
  }

  // Edges are finer where cells are small, or nothing else would be seen; there they have no dashes either.
  function edges(pen, paths, style, casing, ratio, side) {
    const width = Math.min(casing ? style.casing_width : style.width, side / FINE);
    if (!(casing ? style.casing : style.stroke) || !width) return;
    pen.save();
    pen.lineJoin = "bevel";
    pen.lineWidth = width * ratio;
    pen.globalAlpha = casing ? 0.85 : 1;
    pen.strokeStyle = casing ? style.casing : style.stroke;
    if (!casing && style.dash && side > DASHED) pen.setLineDash(style.dash.split(/[ ,]+/).map((one) => Number(one) * ratio));
    paths.forEach((path) => pen.stroke(path));
    pen.restore();
  }

  // A path for every some polygons: a browser takes ten times as long over one path of thousands.
  function traced(list, view) {
    const paths = [];
    list.forEach((one, at) => {
      if (at % TOGETHER === 0) paths.push(new Path2D());
      one.rings.forEach((ring) => trace(paths[paths.length - 1], ring, view));
    });
    return paths;
  }

  // All polygons of a drawing on a canvas in its pane, case by case: grounds first, then edges.
  gm.parts.polygons = (drawing, table, pane, kept) => gm.parts.painted(pane, (view) => {
    const mask = gm.parts.passes(table);
    const box = [view.origin.x - MARGIN, view.origin.y - MARGIN, view.origin.x + view.size.x + MARGIN, view.origin.y + view.size.y + MARGIN].map((value) => value / view.factor);
    const smallest = 0.5 / (view.factor * view.ratio);
    const byCase = drawing.cases.map(() => []);
    polygons(table).forEach((one) => {
      const at = drawing.codes[one.row];
      if (at < byCase.length && (!mask || mask[one.row]) && kept(one.row) && seen(one, box, smallest)) byCase[at].push(one);
    });
    byCase.forEach((list, at) => {
      if (!list.length) return;
      const style = drawing.cases[at].style;
      const paths = traced(list, view);
      const side = sideOf(list, view.factor);
      edges(view.pen, paths, style, true, view.ratio, side);
      if (style.hatch || style.fill) {
        view.pen.save();
        view.pen.globalAlpha = style.hatch ? 1 : style.fill_opacity;
        view.pen.fillStyle = style.hatch ? pattern(view, style) : style.fill;
        paths.forEach((path) => view.pen.fill(path, "nonzero"));
        view.pen.restore();
      }
      edges(view.pen, paths, style, false, view.ratio, side);
    });
  });
})(window.gridmap);

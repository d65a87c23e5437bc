// Names and chainage marks as SVG text with a halo; the less important of two that meet stays away.
(function (gm) {
  "use strict";
  const svg = gm.parts.svg;
  const MOST = 900; // candidates tried in one redraw: more could not be read
  const LEAST = 34; // pixels
  const CROWDED = 300; // symbols of one drawing in view
  const HALO = 3.2;

  // Where a polygon is named: the middle of its widest stretch at the height of its middle.
  function inside(paths) {
    const ring = paths[0];
    let low = Infinity;
    let high = -Infinity;
    for (let at = 1; at < ring.length; at += 2) {
      low = Math.min(low, ring[at]);
      high = Math.max(high, ring[at]);
    }
    let best = null;
    [0.5, 0.42, 0.58, 0.33, 0.67].forEach((share, rank) => {
      const y = low + (high - low) * share + 1e-9;
      const cuts = [];
      paths.forEach((path) => {
        for (let at = 0; at + 3 < path.length; at += 2) {
          const up = path[at + 1] > y;
          if (up === path[at + 3] > y) continue;
          cuts.push(path[at] + ((y - path[at + 1]) / (path[at + 3] - path[at + 1])) * (path[at + 2] - path[at]));
        }
      });
      cuts.sort((a, b) => a - b);
      for (let at = 0; at + 1 < cuts.length; at += 2) {
        const width = (cuts[at + 1] - cuts[at]) * (1 - rank * 0.08);
        if (!best || width > best.width) best = { width: width, lon: (cuts[at] + cuts[at + 1]) / 2, lat: y };
      }
    });
    return best;
  }

  function middle(path) {
    const lengths = [0];
    for (let at = 2; at < path.length; at += 2) {
      const dx = (path[at] - path[at - 2]) * Math.cos((path[at + 1] * Math.PI) / 180);
      lengths.push(lengths[lengths.length - 1] + Math.hypot(dx, path[at + 1] - path[at - 1]));
    }
    const half = lengths[lengths.length - 1] / 2;
    const at = Math.max(1, lengths.findIndex((one) => one >= half));
    const share = (half - lengths[at - 1]) / (lengths[at] - lengths[at - 1] || 1);
    const between = (k) => path[at * 2 - 2 + k] + (path[at * 2 + k] - path[at * 2 - 2 + k]) * share;
    return path.length > 2 ? { lon: between(0), lat: between(1), line: true } : { lon: path[0], lat: path[1], line: true };
  }

  // The place of a row's name, worked out once.
  function place(table, row) {
    if (!table.named) table.named = new Map();
    if (!table.named.has(row)) {
      let found = null;
      const shape = table.shapes && table.shapes[row];
      if (shape) {
        let most = -1;
        shape.parts.forEach((part) => {
          if (part.paths[0].length <= most) return;
          most = part.paths[0].length;
          found = part.kind === 3 ? inside(part.paths) : middle(part.paths[0]);
        });
      } else if (table.lon && table.lon[row] === table.lon[row]) {
        found = { lon: table.lon[row], lat: table.lat[row], point: true };
      }
      table.named.set(row, found);
    }
    return table.named.get(row);
  }
  gm.parts.placeOf = place;

  // Rows that may be in view, and pass the filters; of many points only those near it are looked at.
  function each(drawing, table, view, visit) {
    const world = gm.parts.world;
    if (!table.shapes) {
      gm.parts.eachPoint(drawing, world.x(view.getWest()), world.y(view.getNorth()), world.x(view.getEast()), world.y(view.getSouth()), visit);
      return;
    }
    const mask = gm.parts.passes(table);
    // Cells too small for a word stay without: there are thousands of them.
    const least = gm.parts.manyPolygons(table) ? (LEAST * 360) / 256 / Math.pow(2, gm.map.getZoom()) : -1;
    for (let row = 0; row < table.rows; row += 1) {
      const shape = table.shapes[row];
      if (!shape || drawing.codes[row] >= drawing.cases.length || (mask && !mask[row])) continue;
      if (shape.box[2] - shape.box[0] < least) continue;
      if (shape.box[0] <= view.getEast() && shape.box[2] >= view.getWest() && shape.box[1] <= view.getNorth() && shape.box[3] >= view.getSouth()) visit(row);
    }
  }

  function candidates(map) {
    const found = [];
    const zoom = map.getZoom();
    const view = map.getBounds().pad(0.05);
    gm.parts.visible().forEach((drawing) => {
      const table = gm.scene.tables[drawing.table];
      drawing.labels.forEach((label) => {
        if (!table || zoom < label.min_zoom) return;
        each(drawing, table, view, (row) => {
          const one = drawing.cases[drawing.codes[row]];
          const at = label.placement === "view" ? gm.parts.placeInView(table, row, map) : place(table, row);
          if (!at || !view.contains([at.lat, at.lon])) return;
          const held = label.texts.length ? label.texts[row] : table.get(row, label.column);
          const text = held && held.zh !== undefined ? gm.parts.both(held) : held;
          if (text === null || text === undefined || text === "") return;
          found.push({ label: label, text: String(text), short: label.shorts[row], at: at, away: at.point ? one.style.size + 3 : at.line ? 12 : 0 });
        });
      });
      gm.parts.clusters(drawing).forEach((one) => found.push({ label: CLUSTER, text: one.text, at: one, away: 0 }));
      chainage(drawing, map, view, found);
    });
    found.sort((a, b) => b.label.priority - a.label.priority);
    return found.slice(0, MOST);
  }

  const CLUSTER = { colour: "#0F4433", size: 11, weight: 700, priority: 12, spacing: 0 };
  const MAJOR = { colour: "#1B1F23", size: 11, weight: 700, priority: 92, spacing: 0 };
  const MINOR = { colour: "#3C4146", size: 10.5, weight: 500, priority: 45, spacing: 0 };

  function chainage(drawing, map, view, found) {
    drawing.marks.forEach((mark) => {
      if (!view.contains([mark.lat, mark.lon])) return;
      const at = { lon: mark.lon, lat: mark.lat, mark: mark };
      found.push({ label: mark.major ? MAJOR : MINOR, text: mark.text, at: at, away: 13 });
    });
  }

  // Offsets of the text's middle from the place, the best first.
  function offsets(one, width, height) {
    const away = one.away;
    if (one.at.mark) {
      // Across the line, first on its left: looking east that is abroad, where the sheet is empty.
      const turn = ((one.at.mark.bearing - 90) * Math.PI) / 180;
      const reach = away + Math.abs(Math.sin(turn)) * (width * 0.4) + Math.abs(Math.cos(turn)) * (height / 2);
      const dx = Math.sin(turn) * reach;
      const dy = -Math.cos(turn) * reach;
      return [[dx, dy], [-dx, -dy]];
    }
    if (one.at.line) {
      const lift = away + height / 2;
      return [[0, -lift - 14], [0, lift], [0, -lift], [0, lift + 14], [width / 3, -lift - 14], [-width / 3, -lift - 14]];
    }
    if (!one.at.point) return [[0, 0], [0, height], [0, -height], [0, height * 2], [0, -height * 2]];
    const side = away + width / 2;
    const up = away + height / 2;
    return [[side, 0], [-side, 0], [0, -up], [0, up], [side * 0.8, -up * 0.8], [side * 0.8, up * 0.8]];
  }

  const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  // Symbols that a name must not cover.
  function obstacles(map) {
    const boxes = [];
    const view = map.getBounds();
    gm.parts.visible().forEach((drawing) => {
      const table = gm.scene.tables[drawing.table];
      if (!table || !drawing.codes || table.shapes || drawing.group === "findings" || gm.parts.dotted(drawing)) return;
      const own = [];
      each(drawing, table, view, (row) => {
        const one = drawing.cases[drawing.codes[row]];
        const point = map.latLngToContainerPoint([table.lat[row], table.lon[row]]);
        const half = one.style.size * 0.8;
        own.push([point.x - half, point.y - half, point.x + half, point.y + half]);
      });
      // Among so many no name would find room: then names come first.
      if (own.length <= CROWDED) boxes.push.apply(boxes, own);
    });
    return boxes;
  }

  const Labels = L.Layer.extend({
    initialize: function (pane) {
      L.setOptions(this, { pane: pane });
    },
    onAdd: function (map) {
      this._root = svg("svg", { class: "gm-labels leaflet-zoom-hide", "aria-hidden": "true" });
      this.getPane().appendChild(this._root);
      this._soon = gm.parts.soon(() => this._map && this.draw());
      gm.parts.on("language", this._soon);
      map.on("moveend zoomend resize", this._soon);
      this.draw();
    },
    onRemove: function (map) {
      map.off("moveend zoomend resize", this._soon);
      L.DomUtil.remove(this._root);
    },
    draw: function () {
      const map = this._map;
      const size = map.getSize();
      const root = gm.parts.empty(this._root);
      const taken = obstacles(map);
      L.DomUtil.setPosition(root, map.containerPointToLayerPoint([0, 0]));
      root.setAttribute("width", size.x);
      root.setAttribute("height", size.y);
      candidates(map).forEach((one) => {
        const point = map.latLngToContainerPoint([one.at.lat, one.at.lon]);
        const fits = this._write(root, one, one.text, point, taken, size);
        if (!fits && one.short) this._write(root, one, one.short, point, taken, size);
        if (!fits && one.at.mark && !one.at.mark.major) return;
        if (one.at.mark) this._tick(root, one.at.mark, point);
      });
      this._shown = root.childNodes.length;
    },
    _write: function (root, one, text, point, taken, size) {
      const label = one.label;
      const width = gm.parts.wide(text, label.size, label.weight) + label.spacing * text.length;
      const height = label.size * 1.15;
      const held = label.fits ? [[0, 0]] : offsets(one, width, height);
      if (label.fits && one.at.width && width + 4 > (one.at.width * 256 * Math.pow(2, this._map.getZoom())) / 360) return false;
      const own = one.at.point ? one.away - 3 : 0;
      const found = held.find((offset) => {
        const x = point.x + offset[0];
        const y = point.y + offset[1];
        const box = [x - width / 2 - 2, y - height / 2 - 1, x + width / 2 + 2, y + height / 2 + 1];
        if (box[0] < 2 || box[1] < 2 || box[2] > size.x - 2 || box[3] > size.y - 2) return false;
        const clear = taken.every(
          (other) => !meets(box, other) || (own && Math.abs((other[0] + other[2]) / 2 - point.x) < 0.5 && Math.abs((other[1] + other[3]) / 2 - point.y) < 0.5)
        );
        if (clear) taken.push(box);
        return clear;
      });
      if (!found) return false;
      const node = svg("text", {
        x: (point.x + found[0]).toFixed(1), y: (point.y + found[1] + label.size * 0.36).toFixed(1),
        fill: label.colour, stroke: "#fff", "stroke-width": HALO, "font-size": label.size,
        "font-weight": label.weight, "letter-spacing": label.spacing,
      });
      node.textContent = text;
      root.appendChild(node);
      return true;
    },
    _tick: function (root, mark, point) {
      const turn = (mark.bearing * Math.PI) / 180;
      const half = mark.major ? 8.5 : 5.5;
      const dx = Math.cos(turn) * half;
      const dy = Math.sin(turn) * half;
      const ends = { x1: point.x - dx, y1: point.y - dy, x2: point.x + dx, y2: point.y + dy };
      root.insertBefore(svg("line", Object.assign({ stroke: "#1B1F23", "stroke-width": mark.major ? 2 : 1.3 }, ends)), root.firstChild);
      root.insertBefore(svg("line", Object.assign({ stroke: "#fff", "stroke-width": mark.major ? 5 : 3.6 }, ends)), root.firstChild);
    },
  });
  gm.parts.labels = (pane) => new Labels(pane);
})(window.gridmap);

// What is being measured, drawn on the map: line or outline, points, lengths.
(function (gm) {
  "use strict";
  const svg = gm.parts.svg;
  const PIECE_PX = 48; // a longer edge is drawn in pieces, so that it bends as the geodesic does
  const RADIANS = Math.PI / 180;

  const unit = (place) => {
    const lat = place.lat * RADIANS;
    const lon = place.lng * RADIANS;
    return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
  };

  // Screen points of an edge. The great circle of the sphere and the geodesic of the ellipsoid part by
  // less than a pixel on any edge that fits the screen; a straight line on Web Mercator does not.
  function edge(from, to, project) {
    const first = project(from);
    const last = project(to);
    const pieces = Math.min(64, Math.ceil(Math.hypot(last.x - first.x, last.y - first.y) / PIECE_PX));
    if (pieces < 2) return [first, last];
    const a = unit(from);
    const b = unit(to);
    const angle = Math.acos(Math.max(-1, Math.min(1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])));
    const out = [first];
    for (let at = 1; at < pieces && angle > 1e-9; at += 1) {
      const share = at / pieces;
      const of = Math.sin((1 - share) * angle) / Math.sin(angle);
      const on = Math.sin(share * angle) / Math.sin(angle);
      const x = of * a[0] + on * b[0];
      const y = of * a[1] + on * b[1];
      out.push(project(L.latLng(Math.atan2(of * a[2] + on * b[2], Math.hypot(x, y)) / RADIANS, Math.atan2(y, x) / RADIANS)));
    }
    out.push(last);
    return out;
  }

  function path(points, closed) {
    return points.map((one, at) => (at ? "L" : "M") + one.x.toFixed(1) + " " + one.y.toFixed(1)).join("") + (closed ? "Z" : "");
  }

  const Layer = L.Layer.extend({
    initialize: function (pane, work) {
      L.setOptions(this, { pane: pane });
      this._work = work;
    },
    onAdd: function (map) {
      this._root = svg("svg", { class: "gm-measure leaflet-zoom-hide", "aria-hidden": "true" });
      this.getPane().appendChild(this._root);
      map.on("moveend zoomend resize viewreset", this.draw, this);
      this.draw();
    },
    onRemove: function (map) {
      map.off("moveend zoomend resize viewreset", this.draw, this);
      L.DomUtil.remove(this._root);
    },
    draw: function () {
      if (!this._map) return;
      const map = this._map;
      const size = map.getSize();
      const root = gm.parts.empty(this._root);
      L.DomUtil.setPosition(root, map.containerPointToLayerPoint([0, 0]));
      root.setAttribute("width", size.x);
      root.setAttribute("height", size.y);
      this._work(root, (latlng) => map.latLngToContainerPoint(latlng));
    },
  });
  gm.parts.measureLayer = (pane, work) => new Layer(pane, work);

  function text(root, words, x, y, className) {
    const node = svg("text", { x: x.toFixed(1), y: y.toFixed(1), class: className });
    node.textContent = words;
    root.appendChild(node);
  }

  // `shape`: {points, running, closed, lengths, running_m}; `project` gives the screen's points.
  gm.parts.drawMeasure = function (root, project, shape) {
    const all = shape.points.concat(shape.running ? [shape.running] : []);
    const edges = [];
    for (let at = 1; at < all.length; at += 1) edges.push({ way: edge(all[at - 1], all[at], project), open: shape.running && at === all.length - 1 });
    if (shape.closed && all.length > 2) edges.push({ way: edge(all[all.length - 1], all[0], project), open: Boolean(shape.running) });
    if (shape.closed && all.length > 2) root.appendChild(svg("path", { d: path([].concat.apply([], edges.map((one) => one.way)), true), class: "gm-measure-area" }));
    ["gm-measure-case", "gm-measure-line"].forEach((name) => edges.forEach((one) => {
      const line = svg("path", { d: path(one.way), class: name });
      if (one.open) line.setAttribute("stroke-dasharray", "6 5");
      root.appendChild(line);
    }));
    shape.points.map(project).forEach((one, at) => root.appendChild(svg("circle", { cx: one.x, cy: one.y, r: at === shape.points.length - 1 ? 5.5 : 4, class: "gm-measure-point" })));
    edges.forEach((one, at) => {
      const words = shape.lengths[at];
      const first = one.way[0];
      const last = one.way[one.way.length - 1];
      // A length stands beside its edge where the edge is longer than it.
      if (!words || Math.hypot(last.x - first.x, last.y - first.y) < gm.parts.wide(words, 12, 600) + 14) return;
      const middle = one.way.length % 2 ? one.way[(one.way.length - 1) / 2] : { x: (one.way[one.way.length / 2 - 1].x + one.way[one.way.length / 2].x) / 2, y: (one.way[one.way.length / 2 - 1].y + one.way[one.way.length / 2].y) / 2 };
      text(root, words, middle.x, middle.y - 7, "gm-measure-text");
    });
  };

  // Whether two edges of a ring cross: then there is no one area inside it.
  gm.parts.crosses = function (ring) {
    const side = (a, b, c) => Math.sign((b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng));
    for (let at = 0; at < ring.length; at += 1) {
      for (let to = at + 2; to < ring.length; to += 1) {
        if (at === 0 && to === ring.length - 1) continue; // they share the first point
        const ends = [ring[at], ring[(at + 1) % ring.length], ring[to], ring[(to + 1) % ring.length]];
        if (side(ends[0], ends[1], ends[2]) * side(ends[0], ends[1], ends[3]) < 0 && side(ends[2], ends[3], ends[0]) * side(ends[2], ends[3], ends[1]) < 0) return true;
      }
    }
    return false;
  };
})(window.gridmap);

// What is at a place: every visible feature under a click, the topmost first.
(function (gm) {
  "use strict";
  const REACH = 9; // pixels within which a point or a line counts as hit

  function onRing(ring, lon, lat) {
    let inside = false;
    for (let at = 0, before = ring.length - 2; at < ring.length; before = at, at += 2) {
      const crosses = ring[at + 1] > lat !== ring[before + 1] > lat;
      if (!crosses) continue;
      const share = (lat - ring[at + 1]) / (ring[before + 1] - ring[at + 1]);
      if (lon < ring[at] + share * (ring[before] - ring[at])) inside = !inside;
    }
    return inside;
  }
  const within = (paths, lon, lat) => paths.reduce((odd, ring) => odd !== onRing(ring, lon, lat), false);
  gm.parts.within = within;

  // Pixels from a place to a path; the map is locally flat at this size.
  function distance(path, lon, lat, perLon, perLat) {
    let best = Infinity;
    for (let at = 0; at + 3 < path.length; at += 2) {
      const ax = (path[at] - lon) * perLon;
      const ay = (path[at + 1] - lat) * perLat;
      const bx = (path[at + 2] - lon) * perLon - ax;
      const by = (path[at + 3] - lat) * perLat - ay;
      const along = Math.max(0, Math.min(1, -(ax * bx + ay * by) / (bx * bx + by * by || 1)));
      best = Math.min(best, Math.hypot(ax + bx * along, ay + by * along));
    }
    return best;
  }

  function points(drawing, table, latlng, reach) {
    const zoom = gm.map.getZoom();
    // Dots that are drawn as cells are no signs to point at; who names a home's very place still finds it.
    if (gm.parts.crowd(drawing)) reach = 1;
    const here = gm.map.project(latlng, zoom);
    const factor = Math.pow(2, zoom);
    const found = [];
    const box = [here.x - reach, here.y - reach, here.x + reach, here.y + reach].map((value) => value / factor);
    gm.parts.eachPoint(drawing, box[0], box[1], box[2], box[3], (row) => {
      const away = Math.hypot(table.wx[row] * factor - here.x, table.wy[row] * factor - here.y);
      if (away <= reach) found.push({ row: row, away: away });
    });
    return found.sort((a, b) => a.away - b.away || a.row - b.row).slice(0, 8);
  }

  function shapes(drawing, table, latlng, reach) {
    if (!table.shapes) return [];
    const perLon = (256 * Math.pow(2, gm.map.getZoom())) / 360;
    const perLat = perLon / Math.cos((latlng.lat * Math.PI) / 180);
    const edge = reach / perLon;
    const found = [];
    const mask = gm.parts.passes(table);
    table.shapes.forEach((shape, row) => {
      if (!shape || drawing.codes[row] >= drawing.cases.length || (mask && !mask[row])) return;
      const box = shape.box;
      if (latlng.lng < box[0] - edge || latlng.lng > box[2] + edge) return;
      if (latlng.lat < box[1] - edge || latlng.lat > box[3] + edge) return;
      const hit = shape.parts.some((part) => {
        if (part.kind === 3) return within(part.paths, latlng.lng, latlng.lat);
        return part.kind === 2 && distance(part.paths[0], latlng.lng, latlng.lat, perLon, perLat) <= reach;
      });
      if (hit) found.push({ row: row, away: 0 });
    });
    return found;
  }

  // Features under a place: {drawing, table, row}, from the topmost drawing down, points before areas.
  gm.parts.at = function (latlng, touch) {
    const reach = touch ? REACH * 2 : REACH;
    const found = [];
    const seen = new Set();
    const add = (drawing, table, list) => list.forEach((one) => {
      const key = table.name + " " + one.row;
      if (seen.has(key)) return;
      seen.add(key);
      found.push({ drawing: drawing, table: table, row: one.row });
    });
    const visible = gm.parts.visible().filter((one) => one.codes).reverse();
    visible.forEach((drawing) => add(drawing, gm.scene.tables[drawing.table], points(drawing, gm.scene.tables[drawing.table], latlng, reach)));
    visible.forEach((drawing) => add(drawing, gm.scene.tables[drawing.table], shapes(drawing, gm.scene.tables[drawing.table], latlng, reach)));
    // What stands for a whole administrative unit lies under everything in it: it comes last.
    const rank = (one) => ["generalised", "counts"].indexOf((gm.parts.derivedOf(one.table) || {}).form);
    return found.sort((a, b) => rank(a) - rank(b));
  };
})(window.gridmap);

// Who keeps what, ready to be asked: zones in the plane, strongholds on the ellipsoid, sections by chainage.
// Made once, when it is first asked for; the rules are those of gridmap/geo and gridmap/assign.
(function (gm) {
  "use strict";
  const TOLERANCE_M = 1e-3; // edges and places are compared to the millimetre
  const BULGE = 0.05; // share of a polygon's size by which straight edges may leave its box of degrees
  const SLACK_MM = 1;
  const geo = gm.parts.geo;
  const told = () => gm.scene.answering;
  const table = (name) => gm.scene.tables[name];

  function lazy(make) {
    let made;
    return () => (made === undefined ? (made = make()) : made);
  }

  // Code-point order, as Python compares texts: a surrogate pair comes after every other character.
  function order(a, b) {
    const most = Math.min(a.length, b.length);
    for (let at = 0; at < most; at += 1) {
      const one = a.charCodeAt(at);
      const other = b.charCodeAt(at);
      if (one === other) continue;
      const high = (code) => code >= 0xd800 && code <= 0xdfff;
      return high(one) === high(other) ? one - other : high(one) ? 1 : -1;
    }
    return a.length - b.length;
  }
  const byId = (a, b) => order(a.id, b.id);

  // The unit that a row names; where the view has every unit, only one that exists.
  const units = lazy(() => {
    if (told().held.unit !== "whole" || !table("unit")) return null;
    const known = new Set();
    for (let row = 0; row < table("unit").rows; row += 1) known.add(table("unit").id(row));
    return known;
  });
  function unitOf(held, row) {
    const named = held.get(row, "unit");
    if (named === null || named === undefined || named === "") return null;
    return units() && !units().has(named) ? null : named;
  }

  // --- polygons ----------------------------------------------------------------------------------------
  function ringsOf(held, row) {
    const mended = (told().mended[held.name] || {})[row];
    if (mended) return mended.map(geo.unpacked);
    const shape = held.shapes && held.shapes[row];
    if (!shape) return [];
    return shape.parts.filter((part) => part.kind === 3).reduce((all, part) => all.concat(part.paths), []);
  }

  function polygonOf(held, row) {
    const rings = ringsOf(held, row);
    if (!rings.length) return null;
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    rings.forEach((ring) => {
      for (let at = 0; at < ring.length; at += 2) {
        box[0] = Math.min(box[0], ring[at]);
        box[1] = Math.min(box[1], ring[at + 1]);
        box[2] = Math.max(box[2], ring[at]);
        box[3] = Math.max(box[3], ring[at + 1]);
      }
    });
    const pad = Math.hypot(box[2] - box[0], box[3] - box[1]) * BULGE + 1e-6;
    return { row: row, rings: rings, plane: null, box: [box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad] };
  }

  function flat(polygon) {
    if (!polygon.plane) {
      polygon.plane = polygon.rings.map((ring) => {
        const out = new Float64Array(ring.length);
        for (let at = 0; at < ring.length; at += 2) out.set(geo.forward(ring[at], ring[at + 1]), at);
        return out;
      });
    }
    return polygon.plane;
  }

  function nearEdge(ring, at, x, y) {
    const ax = ring[at] - x;
    const ay = ring[at + 1] - y;
    const bx = ring[at + 2] - x;
    const by = ring[at + 3] - y;
    if (Math.min(ax, bx) > TOLERANCE_M || Math.max(ax, bx) < -TOLERANCE_M) return false;
    if (Math.min(ay, by) > TOLERANCE_M || Math.max(ay, by) < -TOLERANCE_M) return false;
    const dx = bx - ax;
    const dy = by - ay;
    const along = Math.max(0, Math.min(1, -(ax * dx + ay * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(ax + along * dx, ay + along * dy) <= TOLERANCE_M;
  }

  // "deep" inside, within a millimetre of the "edge", or null; edges are straight in the working CRS.
  function claim(polygon, here) {
    const box = polygon.box;
    if (here.lon < box[0] || here.lon > box[2] || here.lat < box[1] || here.lat > box[3]) return null;
    let odd = false;
    let edge = false;
    flat(polygon).forEach((ring) => {
      for (let at = 0; at + 3 < ring.length && !edge; at += 2) {
        if (nearEdge(ring, at, here.x, here.y)) edge = true;
        if (ring[at + 1] > here.y === ring[at + 3] > here.y) continue;
        const cut = ring[at] + ((here.y - ring[at + 1]) / (ring[at + 3] - ring[at + 1])) * (ring[at + 2] - ring[at]);
        if (here.x < cut) odd = !odd;
      }
    });
    return edge ? "edge" : odd ? "deep" : null;
  }

  function polygons(held, chosen) {
    const found = [];
    for (let row = 0; held && row < held.rows; row += 1) {
      if (held.id(row) === null || !chosen(row)) continue;
      const one = polygonOf(held, row);
      if (one) found.push(Object.assign(one, { id: held.id(row), unit: unitOf(held, row) }));
    }
    return found.sort(byId);
  }

  const jurisdiction = lazy(() => {
    if (told().held.admin !== "whole") return [];
    const held = table("admin");
    const found = [];
    for (let row = 0; row < held.rows; row += 1) {
      const one = held.get(row, "level") === told().level ? polygonOf(held, row) : null;
      if (one) found.push(one);
    }
    return found;
  });
  const zones = lazy(() => (told().held.area === "none" ? [] : polygons(table("patrol_zone"), () => true)));

  // The zone that a place belongs to, first, and the others that claim it: deep inside of several the smaller
  // id leads; on an edge the smallest of all, alone.
  function zonesAt(here) {
    const claims = zones().map((zone) => ({ zone: zone, how: claim(zone, here) }));
    const deep = claims.filter((one) => one.how === "deep");
    return (deep.length ? deep : claims.filter((one) => one.how === "edge").slice(0, 1)).map((one) => one.zone);
  }

  // --- strongholds -------------------------------------------------------------------------------------
  function placeOf(held, row) {
    if (held.lon) return [held.lon[row], held.lat[row]];
    const shape = held.shapes && held.shapes[row];
    const point = shape && shape.parts.length === 1 && shape.parts[0].kind === 1 ? shape.parts[0].paths[0] : null;
    return point ? [point[0], point[1]] : [NaN, NaN];
  }

  const strongholds = lazy(() => {
    const held = table("household");
    const found = [];
    const lost = new Set(told().misplaced);
    for (let row = 0; told().held.point !== "none" && held && row < held.rows; row += 1) {
      if (held.get(row, "stronghold") !== true || lost.has(row)) continue;
      const [lon, lat] = placeOf(held, row);
      const xyz = [0, 0, 0];
      if (held.id(row) !== null && isFinite(geo.geocentric(lon, lat, xyz, 0)[0])) found.push({ row: row, id: held.id(row), lon: lon, lat: lat, xyz: xyz });
    }
    const flatXyz = new Float64Array(3 * found.length);
    found.forEach((one, at) => flatXyz.set(one.xyz, 3 * at));
    return { list: found, xyz: flatXyz, chord: new Float64Array(found.length) };
  });

  // The `most` nearest strongholds, nearest first; equal to the millimetre, the smaller id first.
  function strongholdsNear(lon, lat, most) {
    const known = strongholds();
    const size = known.list.length;
    const here = geo.geocentric(lon, lat, [0, 0, 0], 0);
    const least = new Float64Array(Math.min(most, size)).fill(Infinity);
    for (let at = 0; at < size; at += 1) {
      const dx = known.xyz[3 * at] - here[0];
      const dy = known.xyz[3 * at + 1] - here[1];
      const dz = known.xyz[3 * at + 2] - here[2];
      const chord = Math.sqrt(dx * dx + dy * dy + dz * dz);
      known.chord[at] = chord;
      if (!(chord < least[least.length - 1])) continue;
      let slot = least.length - 1;
      for (; slot > 0 && least[slot - 1] > chord; slot -= 1) least[slot] = least[slot - 1];
      least[slot] = chord;
    }
    const farthest = least[least.length - 1];
    const limit = farthest + geo.margin(farthest);
    const found = [];
    for (let at = 0; at < size; at += 1) {
      if (known.chord[at] > limit) continue;
      const one = known.list[at];
      found.push({ id: one.id, row: one.row, lon: one.lon, lat: one.lat, metres: geo.toMillimetre(geo.distance(lon, lat, one.lon, one.lat)) });
    }
    found.sort((a, b) => a.metres - b.metres || byId(a, b));
    return found.slice(0, most).map((one) => Object.assign(one, {
      unit: unitOf(table("household"), one.row), bearing: geo.bearing(lon, lat, one.lon, one.lat),
    }));
  }

  // --- sections ----------------------------------------------------------------------------------------
  const millimetres = (metres) => (typeof metres === "number" && isFinite(metres) ? geo.even(metres * 1000) : -1);

  const sections = lazy(() => {
    const held = table("sections");
    const length = millimetres(geo.border.length);
    const found = [];
    for (let row = 0; told().held.line !== "none" && held && length > 0 && row < held.rows; row += 1) {
      const start = millimetres(held.get(row, "from_m"));
      let stop = millimetres(held.get(row, "to_m"));
      if (held.id(row) === null || start < 0 || stop <= start) continue;
      // Rounding may have taken the last one's end from the border's.
      if (Math.abs(stop - length) <= geo.even(told().step_m * 500) + SLACK_MM) stop = length;
      const unit = held.get(row, "unit");
      found.push({ row: row, id: held.id(row), unit: unit === "" || unit === undefined ? null : unit, start: start, stop: stop });
    }
    return { list: found.sort(byId), last: found.reduce((most, one) => Math.max(most, one.stop), length), length: length };
  });

  // The sections that hold a chainage in millimetres, smallest id first; the end of all belongs to the last.
  function sectionsAt(chainage) {
    const known = sections();
    const before = chainage === known.last ? chainage - 1 : chainage;
    return known.list.filter((one) => one.start <= before && before < one.stop);
  }

  gm.parts.keepers = {
    // Null where the view does not hold the whole jurisdiction: then nobody knows what is outside.
    inside: (here) => (jurisdiction().length ? jurisdiction().some((one) => claim(one, here) !== null) : null),
    zonesAt: zonesAt,
    strongholdsNear: strongholdsNear,
    sectionsAt: sectionsAt,
    millimetres: millimetres,
    // The border's length in whole millimetres.
    length: () => sections().length,
  };
})(window.gridmap);

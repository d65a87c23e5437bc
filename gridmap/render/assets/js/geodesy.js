// Distances, areas and projections, on the ellipsoid of the working CRS: gridmap/geo in the page.
// Nothing is made before it is asked for: a page that only shows never pays for it.
(function (gm) {
  "use strict";
  const RADIANS = Math.PI / 180;
  // As gridmap/geo/chainage.py, locate.py and nearest.py say it, and why.
  const EDGE_M = 100;
  const CHORD_SHARE = 1e-7;
  const CURVATURE_SHARE = 1e-3;
  const TIE_M = 0.005;
  const EARTH_M = 6.37e6;
  const NEWTON = 12;
  const NEAR_DEG = 1e-12;

  const lazy = (make) => {
    let made;
    return () => (made === undefined ? (made = make()) : made);
  };
  const told = () => gm.scene.answering;

  // Half to even, as Python rounds.
  function even(value) {
    const low = Math.floor(value);
    const rest = value - low;
    if (rest !== 0.5) return Math.round(value);
    return low % 2 === 0 ? low : low + 1;
  }

  // --- the working CRS ---------------------------------------------------------------------------------
  // Chebyshev sums of a projection that no script knows: [x, y, dx/du, dx/dv, dy/du, dy/dv] at u, v.
  function sums(series, u, v) {
    const size = series.size;
    const row = (t) => {
      const values = [1, t];
      const slopes = [0, 1];
      for (let at = 2; at < size; at += 1) {
        values.push(2 * t * values[at - 1] - values[at - 2]);
        slopes.push(2 * values[at - 1] + 2 * t * slopes[at - 1] - slopes[at - 2]);
      }
      return [values, slopes];
    };
    const [tu, su] = row(u);
    const [tv, sv] = row(v);
    const out = [0, 0, 0, 0, 0, 0];
    for (let i = 0, at = 0; i < size; i += 1) {
      for (let j = 0; j < size; j += 1, at += 1) {
        const x = series.x[at];
        const y = series.y[at];
        const both = tu[i] * tv[j];
        const alongU = su[i] * tv[j];
        const alongV = tu[i] * sv[j];
        out[0] += x * both;
        out[1] += y * both;
        out[2] += x * alongU;
        out[3] += x * alongV;
        out[4] += y * alongU;
        out[5] += y * alongV;
      }
    }
    return out;
  }

  function bySeries(series) {
    const [west, south, east, north] = series.box;
    const lonOf = (u) => (west + east) / 2 + (u * (east - west)) / 2;
    const latOf = (v) => (south + north) / 2 + (v * (north - south)) / 2;
    const outside = (u, v) => !(Math.abs(u) <= 1 && Math.abs(v) <= 1);
    return {
      forward: (lon, lat) => {
        const u = (2 * lon - west - east) / (east - west);
        const v = (2 * lat - south - north) / (north - south);
        return outside(u, v) ? [NaN, NaN] : sums(series, u, v).slice(0, 2);
      },
      back: (x, y) => {
        let u = 0;
        let v = 0;
        for (let turn = 0; turn < NEWTON; turn += 1) {
          const [fx, fy, xu, xv, yu, yv] = sums(series, u, v);
          const size = xu * yv - xv * yu;
          const du = ((x - fx) * yv - (y - fy) * xv) / size;
          const dv = ((y - fy) * xu - (x - fx) * yu) / size;
          u += du;
          v += dv;
          if (Math.abs(du) + Math.abs(dv) < NEAR_DEG) break;
        }
        return outside(u, v) ? [NaN, NaN] : [lonOf(u), latOf(v)];
      },
    };
  }

  // The bare projection: no datum is crossed, since the page's degrees are the working CRS's own.
  function byProj(text) {
    const made = new window.proj4.Proj(text);
    const at = { x: 0, y: 0 };
    const through = (way, x, y) => {
      at.x = x;
      at.y = y;
      return made[way](at);
    };
    return {
      forward: (lon, lat) => {
        const found = through("forward", lon * RADIANS, lat * RADIANS);
        return found ? [found.x, found.y] : [NaN, NaN];
      },
      back: (x, y) => {
        const found = through("inverse", x, y);
        return found ? [found.x / RADIANS, found.y / RADIANS] : [NaN, NaN];
      },
    };
  }

  const nowhere = { forward: () => [NaN, NaN], back: () => [NaN, NaN] };
  const projection = lazy(() => {
    if (told().proj4) return byProj(told().proj4);
    return told().series ? bySeries(told().series) : nowhere;
  });
  const forward = (lon, lat) => projection().forward(lon, lat);
  const back = (x, y) => projection().back(x, y);

  // --- the ellipsoid -----------------------------------------------------------------------------------
  const ellipsoid = lazy(() => new window.geodesic.Geodesic.Geodesic(told().a, told().f));
  const inverse = (lon1, lat1, lon2, lat2) => ellipsoid().Inverse(lat1, lon1, lat2, lon2);
  const distance = (lon1, lat1, lon2, lat2) => inverse(lon1, lat1, lon2, lat2).s12;
  const toMillimetre = (metres) => even(metres * 1000) / 1000;

  // From the first place to the second, degrees from north; 0 at one place.
  function bearing(lon1, lat1, lon2, lat2) {
    const found = inverse(lon1, lat1, lon2, lat2);
    if (found.s12 === 0) return 0;
    const turned = ((found.azi1 % 360) + 360) % 360;
    return turned >= 360 ? 0 : turned;
  }

  // A place on the ellipsoid as x, y, z in metres from the earth's centre, into `out` from `at` on.
  function geocentric(lon, lat, out, at) {
    const es = told().f * (2 - told().f);
    const sine = Math.sin(lat * RADIANS);
    const cosine = Math.cos(lat * RADIANS);
    const normal = told().a / Math.sqrt(1 - es * sine * sine);
    out[at] = normal * cosine * Math.cos(lon * RADIANS);
    out[at + 1] = normal * cosine * Math.sin(lon * RADIANS);
    out[at + 2] = normal * (1 - es) * sine;
    return out;
  }

  // How much longer a chord may be whose geodesic is as short, to the millimetre.
  const margin = (chord) => chord * (CHORD_SHARE + CURVATURE_SHARE * Math.pow(chord / EARTH_M, 2)) + TIE_M;

  // A path as pairs of lon, lat, or flat: lon, lat, lon, lat.
  function eachPlace(path, work) {
    if (typeof path[0] === "number") for (let at = 0; at + 1 < path.length; at += 2) work(path[at], path[at + 1]);
    else for (let at = 0; at < path.length; at += 1) work(path[at][0], path[at][1]);
  }

  function polygon(path, line) {
    const made = new window.geodesic.PolygonArea.PolygonArea(ellipsoid(), line);
    eachPlace(path, (lon, lat) => made.AddPoint(lat, lon));
    return made.Compute(false, true);
  }

  // --- the border --------------------------------------------------------------------------------------
  // A packed path as degrees: lon, lat, lon, lat.
  function unpacked(path) {
    const unit = Math.pow(10, path.decimals);
    const x = gm.parts.ints(path.x);
    const y = gm.parts.ints(path.y);
    const out = new Float64Array(2 * x.length);
    for (let at = 0; at < x.length; at += 1) out.set([x[at] / unit, y[at] / unit], 2 * at);
    return out;
  }

  // The vertices of a part in the plane, no edge longer than EDGE_M; as `_dense` in gridmap/geo/chainage.py.
  function dense(path) {
    const x = [];
    const y = [];
    const places = unpacked(path);
    let before = null;
    for (let at = 0; at < places.length; at += 2) {
      const here = forward(places[at], places[at + 1]);
      if (before) {
        const pieces = Math.max(1, Math.ceil(Math.hypot(here[0] - before[0], here[1] - before[1]) / EDGE_M));
        for (let piece = 1; piece < pieces; piece += 1) {
          const share = piece / pieces;
          x.push(before[0] * (1 - share) + here[0] * share);
          y.push(before[1] * (1 - share) + here[1] * share);
        }
      }
      x.push(here[0]);
      y.push(here[1]);
      before = here;
    }
    return { x: x, y: y };
  }

  // Segments of all parts: ends in the plane, origin and edge from the earth's centre, chainages, neighbours.
  function segmented(parts) {
    const size = parts.reduce((sum, part) => sum + part.x.length - 1, 0);
    const made = { size: size, parts: [] };
    ["x", "y", "dx", "dy", "square", "start", "end"].forEach((name) => (made[name] = new Float64Array(size)));
    made.origin = new Float64Array(3 * size);
    made.edge = new Float64Array(3 * size);
    made.before = new Int32Array(size);
    made.after = new Int32Array(size);
    let reached = 0;
    let metres = 0;
    parts.forEach((part) => {
      const first = reached;
      const last = part.x.length - 1;
      const xyz = new Float64Array(3 * part.x.length);
      for (let at = 0; at <= last; at += 1) {
        const place = back(part.x[at], part.y[at]);
        geocentric(place[0], place[1], xyz, 3 * at);
      }
      for (let at = 0; at < last; at += 1, reached += 1) {
        made.x[reached] = part.x[at];
        made.y[reached] = part.y[at];
        made.dx[reached] = part.x[at + 1] - part.x[at];
        made.dy[reached] = part.y[at + 1] - part.y[at];
        for (let axis = 0; axis < 3; axis += 1) {
          const edge = xyz[3 * at + 3 + axis] - xyz[3 * at + axis];
          made.origin[3 * reached + axis] = xyz[3 * at + axis];
          made.edge[3 * reached + axis] = edge;
          made.square[reached] += edge * edge;
        }
        made.before[reached] = reached - 1;
        made.after[reached] = reached + 1;
        made.start[reached] = metres;
        // Of so short an edge the chord is the geodesic, to a billionth of a metre.
        metres += Math.sqrt(made.square[reached]);
        made.end[reached] = metres;
      }
      const closed = part.x[0] === part.x[last] && part.y[0] === part.y[last];
      made.before[first] = closed ? reached - 1 : -1;
      made.after[reached - 1] = closed ? first : -1;
      made.parts.push({ first: first, last: reached - 1 });
    });
    return stretched(made, metres);
  }

  // To the length that the view states, if it states one; the end of a part before a hole is the last number
  // below the chainage of the hole, so that it leads back to this side of it.
  function stretched(made, metres) {
    const length = told().length_m || metres;
    for (let at = 0; at < made.size; at += 1) {
      made.start[at] *= length / metres;
      made.end[at] *= length / metres;
    }
    made.length = made.size ? made.end[made.size - 1] : 0;
    made.parts.slice(0, -1).forEach((part) => (made.end[part.last] *= 1 - Number.EPSILON / 2));
    return made;
  }

  const segments = lazy(() => {
    // A quick look at one frame has no border, and nothing to measure on.
    const parts = (told() ? told().course : []).map(dense).filter((part) => part.x.length > 1);
    return parts.length ? segmented(parts) : null;
  });

  // How far along a segment the foot of a place is; under 0 and over 1 is off its ends.
  function share(made, xyz, at) {
    const o = 3 * at;
    return ((xyz[0] - made.origin[o]) * made.edge[o] + (xyz[1] - made.origin[o + 1]) * made.edge[o + 1] +
      (xyz[2] - made.origin[o + 2]) * made.edge[o + 2]) / made.square[at];
  }
  const clipped = (value) => (value < 0 ? 0 : value > 1 ? 1 : value);

  // Only minima of the distance along the line tie with each other; see `_is_dip` in gridmap/geo/locate.py.
  function dips(made, xyz, at, along) {
    if (along === 0 && made.before[at] >= 0) return share(made, xyz, made.before[at]) >= 1;
    if (along === 1 && made.after[at] >= 0) return share(made, xyz, made.after[at]) <= 0;
    return true;
  }

  function chords(made, xyz) {
    const out = new Float64Array(made.size);
    for (let at = 0; at < made.size; at += 1) {
      const along = clipped(share(made, xyz, at));
      let square = 0;
      for (let axis = 0; axis < 3; axis += 1) {
        const away = xyz[axis] - made.origin[3 * at + axis] - along * made.edge[3 * at + axis];
        square += away * away;
      }
      out[at] = Math.sqrt(square);
    }
    return out;
  }

  // The nearest place of the border: {chainage, metres, lon, lat}; equal distances go to the smaller chainage.
  function locate(lon, lat) {
    const made = segments();
    if (!made || !isFinite(lon) || !isFinite(lat)) return null;
    const xyz = geocentric(lon, lat, [0, 0, 0], 0);
    const chord = chords(made, xyz);
    let least = Infinity;
    for (let at = 0; at < made.size; at += 1) if (chord[at] < least) least = chord[at];
    const limit = least + margin(least);
    let best = null;
    for (let at = 0; at < made.size; at += 1) {
      if (chord[at] > limit) continue;
      const along = clipped(share(made, xyz, at));
      if (chord[at] !== least && !dips(made, xyz, at, along)) continue;
      const foot = back(made.x[at] + along * made.dx[at], made.y[at] + along * made.dy[at]);
      const metres = toMillimetre(distance(lon, lat, foot[0], foot[1]));
      const chainage = along === 1 ? made.end[at] : Math.min(made.start[at] + along * (made.end[at] - made.start[at]), made.end[at]);
      if (best && (metres > best.metres || (metres === best.metres && chainage >= best.chainage))) continue;
      best = { chainage: chainage, metres: metres, lon: foot[0], lat: foot[1] };
    }
    return best;
  }

  // Where a chainage is, and which way the border runs there; beyond the ends it is clipped.
  function place(chainage) {
    const made = segments();
    if (!made || !isFinite(chainage)) return null;
    const wanted = Math.max(0, Math.min(made.length, chainage));
    let low = 0;
    let high = made.size - 1;
    // The last segment that starts at or before it: at a hole, the first of the later part.
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (made.start[middle] <= wanted) low = middle;
      else high = middle - 1;
    }
    const along = clipped((wanted - made.start[low]) / (made.end[low] - made.start[low] || 1));
    const at = back(made.x[low] + along * made.dx[low], made.y[low] + along * made.dy[low]);
    const from = back(made.x[low], made.y[low]);
    const to = back(made.x[low] + made.dx[low], made.y[low] + made.dy[low]);
    return { lon: at[0], lat: at[1], bearing: bearing(from[0], from[1], to[0], to[1]) };
  }

  gm.parts.geo = {
    forward: forward, back: back, distance: distance, bearing: bearing, even: even, geocentric: geocentric, margin: margin, toMillimetre: toMillimetre, unpacked: unpacked,
    // Square metres within a ring, and metres along a path; edges are geodesics.
    polygonArea: (ring) => Math.abs(polygon(ring, false).area),
    pathLength: (path) => polygon(path, true).perimeter,
    // length: metres, 0 where the view holds no border.
    border: { get length() { return segments() ? segments().length : 0; }, locate: locate, place: place },
  };
})(window.gridmap);

// Who answers at a place, from what the view holds: the same as `gridmap who` of that view
// (gridmap/assign/who.py, gridmap/assign/viewed.py).
(function (gm) {
  "use strict";
  const EDGE_MM = 1;
  const OTHERS = 3; // strongholds named besides the one that answers
  const LAYERS = ["line", "area", "point"];
  const geo = gm.parts.geo;
  const keepers = gm.parts.keepers;
  const told = () => gm.scene.answering;
  const whole = (what) => told().held[what] === "whole";
  const ruled = (layer) => told().ruled.indexOf(layer) >= 0;
  const metres = (millimetres) => millimetres / 1000;

  // Chainage and distance of the border in millimetres, and the nearest place of it; null without a border.
  function along(lon, lat) {
    const found = geo.border.locate(lon, lat);
    if (!found) return null;
    return {
      chainage: Math.min(keepers.millimetres(found.chainage), keepers.length()), away: keepers.millimetres(found.metres),
      lon: found.lon, lat: found.lat,
    };
  }

  // All that is known about a place: on each layer who claims it, the first of them leading.
  function find(lon, lat, most) {
    const xy = geo.forward(lon, lat);
    const here = { lon: lon, lat: lat, x: xy[0], y: xy[1] };
    const placed = isFinite(xy[0]) && isFinite(xy[1]);
    const border = placed ? along(lon, lat) : null;
    const known = placed ? keepers.inside(here) : false;
    const inside = known === null ? placed : known || (border !== null && border.away <= EDGE_MM);
    const near = inside && border !== null && border.away <= keepers.millimetres(told().belt_m);
    const strongholds = inside && ruled("point") ? keepers.strongholdsNear(lon, lat, most) : [];
    const reach = keepers.millimetres(told().reach_m);
    return {
      inside: inside, known: known !== null, border: border,
      sections: near ? keepers.sectionsAt(border.chainage) : [],
      zones: inside && ruled("area") ? keepers.zonesAt(here) : [],
      strongholds: strongholds,
      served: strongholds.length > 0 && keepers.millimetres(strongholds[0].metres) <= reach,
    };
  }

  // Why a layer has no answer, and what the view may lack: {key, layer, values}; `_notes` in Python.
  function notesOf(found) {
    const said = [];
    const say = (layer, key, values) => said.push({ key: key, layer: layer, values: values || {} });
    if (!found.inside) {
      say(null, "outside");
    } else {
      if (!found.known) say(null, whole("admin") ? "jurisdiction" : "unseen-jurisdiction");
      if (!found.sections.length) lineNote(found, say);
      if (!found.zones.length && ruled("area")) say("area", whole("area") ? "zone" : "unseen-layer", whole("area") ? {} : { layer: "area" });
      if (ruled("point")) pointNote(found, say);
    }
    LAYERS.filter((layer) => !ruled(layer)).forEach((layer) => say(layer, "unruled", { layer: layer }));
    return said;
  }

  function lineNote(found, say) {
    const border = found.border;
    if (!border) say("line", whole("border") ? "border" : "unseen-border");
    else if (border.away > keepers.millimetres(told().belt_m)) say("line", "belt", { away: metres(border.away), belt: told().belt_m });
    else if (!whole("line")) say("line", "unseen-layer", { layer: "line" });
    else say("line", "gap", { chainage: metres(border.chainage) });
  }

  function pointNote(found, say) {
    const nearest = found.strongholds[0];
    if (found.served) {
      if (!whole("point")) say("point", "unseen-nearer");
    } else if (!whole("point")) {
      say("point", "unseen-layer", { layer: "point" });
    } else if (!nearest) {
      say("point", "stronghold");
    } else {
      say("point", "reach", { reach: told().reach_m, name: nearest.id, away: nearest.metres });
    }
  }

  const written = (value) => (typeof value === "number" ? gm.parts.number(geo.even(value)) : value);
  function valuesOf(note) {
    const out = {};
    Object.keys(note.values).forEach((name) => (out[name] = written(note.values[name])));
    return out;
  }
  const english = (note) => gm.parts.fill(told().notes[note.key], valuesOf(note));

  const idsAfter = (list) => list.slice(1).map((one) => one.id);
  const degrees = (bearing) => (geo.even(bearing * 1000) / 1000) % 360;

  // As `gridmap who --json` prints it.
  gm.who = function (lon, lat) {
    if (!told()) return { line: null, area: null, point: null, notes: [] };
    const found = find(Number(lon), Number(lat), 1);
    const section = found.sections[0];
    const zone = found.zones[0];
    const stronghold = found.served ? found.strongholds[0] : null;
    return {
      line: section ? {
        section: section.id, unit: section.unit, chainage_m: metres(found.border.chainage),
        distance_m: metres(found.border.away), also: idsAfter(found.sections),
      } : null,
      area: zone ? { zone: zone.id, unit: zone.unit, also: idsAfter(found.zones) } : null,
      point: stronghold ? {
        stronghold: stronghold.id, unit: stronghold.unit, distance_m: stronghold.metres, bearing_deg: degrees(stronghold.bearing),
      } : null,
      notes: notesOf(found).map(english),
    };
  };

  // A unit as the view names it: {id, name, contact}; null for none. `name` is null where it may not be known.
  function unitShown(id) {
    const table = gm.scene.tables.unit;
    const row = id !== null && table ? table.rowOf(id) : -1;
    if (id === null) return null;
    return { id: id, row: row, name: gm.parts.calledById("unit", id), contact: row >= 0 ? table.get(row, "contact") : null };
  }

  function target(name, one) {
    return { table: gm.scene.tables[name], row: one.row, id: one.id, unit: unitShown(one.unit) };
  }

  // The same for the panel: {lon, lat, inside, border, line, area, point, near, notes}. A layer is null or
  // {table, row, id, unit, also} with `metres` (and `chainage`, `bearing`) where there are any; `near` are the
  // other strongholds; a note is {key, layer, values, text} (`values` written out, `text` as `who` says it).
  gm.parts.answerAt = function (lon, lat) {
    const found = find(lon, lat, OTHERS + 1);
    const also = (name, list) => list.slice(1).map((one) => target(name, one));
    const first = found.served ? found.strongholds[0] : null;
    const border = found.border && { chainage: metres(found.border.chainage), metres: metres(found.border.away), lon: found.border.lon, lat: found.border.lat };
    const far = (one) => Object.assign(target("household", one), { metres: one.metres, bearing: one.bearing, lon: one.lon, lat: one.lat });
    return {
      lon: lon, lat: lat, inside: found.inside, border: border,
      line: found.sections.length ? Object.assign(target("sections", found.sections[0]), { also: also("sections", found.sections), metres: border.metres, chainage: border.chainage }) : null,
      area: found.zones.length ? Object.assign(target("patrol_zone", found.zones[0]), { also: also("patrol_zone", found.zones) }) : null,
      point: first ? Object.assign(far(first), { also: [] }) : null,
      near: found.strongholds.slice(first ? 1 : 0).slice(0, OTHERS).map(far),
      notes: notesOf(found).map((note) => Object.assign({}, note, { values: valuesOf(note), text: english(note) })),
    };
  };
})(window.gridmap);

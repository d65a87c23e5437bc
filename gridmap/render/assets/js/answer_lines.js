// The answer on the map: the section and the zone that keep the place, lines to the border and the strongholds.
(function (gm) {
  "use strict";
  const COLOURS = { line: "#D55E00", area: "#0072B2", point: "#007A59" };
  const PAPER = "#fff";
  const INK = "#111";
  const BASE = { pane: "gm-selected", interactive: false, fill: false };
  const style = (more) => Object.assign({}, BASE, more);

  // A row's outline: a ring around a point, else its shape.
  function outline(group, table, row, more) {
    const shape = table.shapes && table.shapes[row];
    const at = gm.parts.placeOf(table, row);
    if (at && at.point) group.addLayer(L.circleMarker([at.lat, at.lon], style(Object.assign({ radius: 13 }, more))));
    if (shape) shape.parts.forEach((part) => {
      const paths = part.paths.map(gm.parts.latlngs);
      if (part.kind === 3) group.addLayer(L.polygon(paths, style(more)));
      if (part.kind === 2) group.addLayer(L.polyline(paths[0], style(more)));
    });
    return at;
  }

  // A line with a light edge, so that it is seen on every ground; thin and dashed for what only could be.
  function ray(group, from, to, colour, main) {
    const ends = [[from.lat, from.lon], [to.lat, to.lon]];
    group.addLayer(L.polyline(ends, style({ color: PAPER, weight: main ? 6 : 4, opacity: 0.85 })));
    group.addLayer(L.polyline(ends, style({ color: colour, weight: main ? 2.8 : 1.8, dashArray: main ? null : "3 4" })));
  }

  // The figure at the end of a line, where the eye arrives.
  function tag(group, at, text, colour, direction) {
    const node = gm.parts.el("span", { text: text });
    node.style.borderColor = colour;
    group.addLayer(L.tooltip({ permanent: true, direction: direction, offset: [0, 0], className: "gm-tag", interactive: false, opacity: 1 }).setLatLng([at.lat, at.lon]).setContent(node));
  }

  function dot(group, at, colour, radius) {
    group.addLayer(L.circleMarker([at.lat, at.lon], style({ radius: radius, color: PAPER, weight: 2, fill: true, fillColor: colour, fillOpacity: 1 })));
  }

  function kept(group, one, more, halo) {
    if (!one || one.row < 0) return;
    outline(group, one.table, one.row, halo);
    outline(group, one.table, one.row, more);
  }

  function answered(group, answer) {
    kept(group, answer.area, { color: COLOURS.area, weight: 3, fill: true, fillOpacity: 0.07, fillColor: COLOURS.area }, { color: PAPER, weight: 6, opacity: 0.7 });
    kept(group, answer.line, { color: COLOURS.line, weight: 6, lineCap: "butt" }, { color: PAPER, weight: 10, opacity: 0.9, lineCap: "butt" });
    answer.near.forEach((one) => ray(group, answer, one, COLOURS.point, false));
    if (answer.line) {
      ray(group, answer, answer.border, COLOURS.line, true);
      dot(group, answer.border, COLOURS.line, 5);
      tag(group, answer.border, gm.parts.metres(answer.border.metres) + " · " + gm.parts.chainage(answer.border.chainage), COLOURS.line, answer.border.lat >= answer.lat ? "top" : "bottom");
    }
    if (answer.point && answer.point.metres) {
      ray(group, answer, answer.point, COLOURS.point, true);
      dot(group, answer.point, COLOURS.point, 6);
      tag(group, answer.point, gm.parts.metres(answer.point.metres), COLOURS.point, answer.point.lon >= answer.lon ? "right" : "left");
    }
  }

  // The place itself: a ring with a dot, unlike any sign of the map.
  function place(group, at) {
    group.addLayer(L.circleMarker([at.lat, at.lon], style({ radius: 9, color: PAPER, weight: 5 })));
    group.addLayer(L.circleMarker([at.lat, at.lon], style({ radius: 9, color: INK, weight: 2 })));
    dot(group, at, INK, 3);
  }

  // Targets that a feature is assigned to, where it is not asked by its place.
  function assigned(group, feature) {
    gm.scene.assignments.of(feature.table.name, feature.row).forEach((one) => {
      const table = gm.scene.tables[one.table];
      const row = table ? table.rowOf(one.target) : -1;
      if (row < 0 || one.role !== "lead" || (table === feature.table && row === feature.row)) return;
      outline(group, table, row, { color: COLOURS[one.layer], weight: 3 });
    });
  }

  // Draw an answer, the feature that is shown, or both; with neither the map is as it was.
  gm.parts.drawAnswer = function (answer, feature) {
    const group = gm.parts.selected.clearLayers();
    if (answer) answered(group, answer);
    else if (feature) assigned(group, feature);
    const point = feature && gm.parts.placeOf(feature.table, feature.row);
    if (feature && feature.table.name !== "sections" && feature.table.name !== "patrol_zone") {
      outline(group, feature.table, feature.row, { color: PAPER, weight: 6, opacity: 0.9 });
      outline(group, feature.table, feature.row, { color: INK, weight: 2.5 });
    } else if (feature && !answer) {
      outline(group, feature.table, feature.row, { color: INK, weight: 2.5 });
    }
    if (answer && !(point && point.point)) place(group, answer);
  };
})(window.gridmap);

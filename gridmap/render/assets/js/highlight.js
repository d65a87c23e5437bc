// A ring around what is pointed at elsewhere: in the table, on the strip, in a list.
(function (gm) {
  "use strict";

  function outline(group, table, row) {
    const shape = table.shapes && table.shapes[row];
    const at = gm.parts.rowPlace(table, row);
    const options = { pane: "gm-selected", interactive: false, fill: false };
    // White below and dark above: it is seen on any ground, and without colours.
    [{ color: "#fff", weight: 7, opacity: 0.9 }, { color: "#1b1f23", weight: 3, dashArray: "5 3" }].forEach((style) => {
      const drawn = Object.assign({}, options, style);
      if (at && at.point) group.addLayer(L.circleMarker([at.lat, at.lon], Object.assign({ radius: 11 }, drawn)));
      if (shape) shape.parts.forEach((part) => {
        const paths = part.paths.map(gm.parts.latlngs);
        if (part.kind === 3) group.addLayer(L.polygon(paths, drawn));
        if (part.kind === 2) group.addLayer(L.polyline(paths[0], drawn));
      });
    });
  }

  gm.parts.plug(5, (map) => {
    const group = L.layerGroup().addTo(map);
    gm.parts.on("hover", (detail) => {
      group.clearLayers();
      const table = detail && (typeof detail.table === "string" ? gm.scene.tables[detail.table] : detail.table);
      if (table && detail.row >= 0) outline(group, table, detail.row);
    });
  });
})(window.gridmap);

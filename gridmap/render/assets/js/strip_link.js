// The strip and the map point at each other: a place of the border on one is shown on the other.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  let marker = null;

  // The words at the marker: elements, never HTML.
  function words(said) {
    const box = el("div", {}, [el("b", { class: "gm-figures", text: said.chainage })]);
    if (said.fault) box.appendChild(el("div", { class: "gm-nobody", text: said.fault }));
    said.keepers.forEach((one) => box.appendChild(el("div", {}, [gm.parts.value(one)])));
    return box;
  }

  function make() {
    const options = { pane: "gm-selected", interactive: false, radius: 7, fill: false };
    const tip = L.tooltip({ permanent: true, direction: "top", offset: [0, -10], className: "gm-strip-tip", interactive: false });
    const rings = [L.circleMarker([0, 0], Object.assign({ color: "#fff", weight: 6 }, options)), L.circleMarker([0, 0], Object.assign({ color: "#111", weight: 3 }, options))];
    return { group: L.layerGroup(rings), rings: rings, tip: tip };
  }

  // Show a chainage on the map; null takes the marker away.
  gm.parts.stripMark = function (metres, said) {
    if (metres === null) {
      if (marker) [marker.group, marker.tip].forEach((one) => one.remove());
      return;
    }
    if (!marker) marker = make();
    const place = gm.parts.border().place(metres);
    const at = [place.lat, place.lon];
    marker.rings.forEach((one) => one.setLatLng(at));
    marker.group.addTo(gm.map);
    // Near the upper edge of the map the words stand below their place.
    const below = gm.map.latLngToContainerPoint(at).y < 90;
    marker.tip.options.direction = below ? "bottom" : "top";
    marker.tip.options.offset = L.point(0, below ? 10 : -10);
    marker.tip.setContent(words(said));
    if (gm.map.hasLayer(marker.tip)) marker.tip.setLatLng(at);
    else marker.tip.setLatLng(at).addTo(gm.map);
  };

  // A feature's place along the border: a section's middle, a point's own; null where it has none.
  function alongOf(table, row) {
    if (table.name === "sections") return (table.get(row, "from_m") + table.get(row, "to_m")) / 2;
    if (!table.lon || !(table.lon[row] === table.lon[row])) return null;
    const found = table.chainage && table.placed > row ? { chainage: table.chainage[row], metres: table.off[row] } : gm.parts.border().locate(table.lon[row], table.lat[row]);
    return found.metres <= gm.parts.belt() ? found.chainage : null;
  }

  gm.parts.stripLink = function (map) {
    let last = null;
    const follow = gm.parts.soon(() => {
      if (last === null || gm.parts.dockNow() !== "strip") return;
      const found = gm.parts.border().locate(last.lng, last.lat);
      gm.parts.stripCursor(found.metres <= gm.parts.belt() ? found.chainage : null, "map");
    });
    map.on("mousemove", (event) => {
      last = event.latlng;
      follow();
    });
    map.on("mouseout", () => {
      last = null;
      // At once: the pointer may already be over the strip when the next frame comes.
      if (gm.parts.dockNow() === "strip") gm.parts.stripCursor(null, "map");
    });
    gm.parts.on("hover", (feature) => {
      if (gm.parts.dockNow() !== "strip" || last !== null) return;
      const along = feature && alongOf(feature.table, feature.row);
      gm.parts.stripCursor(along === null || along === undefined || !(along >= 0) ? null : along, feature ? "strip" : "map");
      if (!feature) gm.parts.stripMark(null, null);
    });
  };
})(window.gridmap);

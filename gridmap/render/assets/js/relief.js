// Shaded relief and the graticule: the base that needs no tiles.
(function (gm) {
  "use strict";
  // Heights from low to high: the pale greens and tans of a printed steppe sheet.
  const TINTS = [[226, 232, 208], [238, 236, 214], [240, 230, 204], [231, 214, 184], [214, 194, 165]];

  function tint(height) {
    const at = (height / 255) * (TINTS.length - 1);
    const low = Math.min(TINTS.length - 2, Math.floor(at));
    return TINTS[low].map((value, band) => value + (TINTS[low + 1][band] - value) * (at - low));
  }

  gm.parts.relief = function (raster, pane) {
    const shade = gm.parts.bytes(raster.shade);
    const height = gm.parts.bytes(raster.height);
    const canvas = document.createElement("canvas");
    canvas.width = raster.columns;
    canvas.height = raster.rows;
    const pen = canvas.getContext("2d");
    const image = pen.createImageData(raster.columns, raster.rows);
    // Flat ground must come out in its tint, so the light is measured against what flat ground gets.
    const fade = Math.max(1, Math.min(raster.columns, raster.rows) * 0.07);
    const flat = 0.7071 * 254 + 1;
    for (let at = 0; at < shade.length; at += 1) {
      const light = Math.max(0.55, Math.min(1.12, 1 + (shade[at] / flat - 1) * 0.75));
      const colour = tint(height[at]);
      for (let band = 0; band < 3; band += 1) image.data[at * 4 + band] = Math.min(255, colour[band] * light);
      // The grid ends somewhere: it fades there, so that its edge is not taken for a border.
      const column = at % raster.columns;
      const row = (at - column) / raster.columns;
      const edge = Math.min(column, row, raster.columns - 1 - column, raster.rows - 1 - row);
      image.data[at * 4 + 3] = shade[at] ? Math.min(255, (edge * 255) / fade) : 0;
    }
    pen.putImageData(image, 0, 0);
    const bounds = [[raster.south, raster.west], [raster.north, raster.east]];
    return L.imageOverlay(canvas.toDataURL("image/png"), bounds, { pane: pane, interactive: false, alt: "" });
  };

  const STEPS = [10, 5, 2, 1, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01];

  // Lines of round degrees, redrawn for what is in view; their figures stand at the edges.
  const Graticule = L.Layer.extend({
    initialize: function (pane) {
      L.setOptions(this, { pane: pane });
    },
    onAdd: function (map) {
      this._group = L.layerGroup().addTo(map);
      this._figures = gm.parts.el("div", { class: "gm-graticule", "aria-hidden": "true" });
      map.getContainer().appendChild(this._figures);
      map.on("moveend resize", this._draw, this);
      map.on("zoomstart", this._hide, this);
      this._draw();
    },
    onRemove: function (map) {
      map.off("moveend resize", this._draw, this);
      map.off("zoomstart", this._hide, this);
      this._group.remove();
      L.DomUtil.remove(this._figures);
    },
    _hide: function () {
      gm.parts.empty(this._figures);
    },
    _draw: function () {
      const map = this._map;
      const view = map.getBounds().pad(0.3);
      const size = map.getSize();
      const wide = map.getBounds().getEast() - map.getBounds().getWest();
      const step = STEPS.find((one) => wide / one >= Math.max(3, size.x / 260)) || 0.01;
      const digits = step >= 1 ? 0 : step >= 0.1 && step !== 0.25 ? 1 : 2;
      const options = {
        pane: this.options.pane, renderer: this._renderer || (this._renderer = L.svg({ pane: this.options.pane, padding: 0.3 })),
        color: "#41637C", weight: 0.6, opacity: 0.55, interactive: false,
      };
      this._group.clearLayers();
      this._hide();
      for (let at = Math.ceil(view.getWest() / step); at * step <= view.getEast(); at += 1) {
        this._group.addLayer(L.polyline([[view.getSouth(), at * step], [view.getNorth(), at * step]], options));
        this._figure(at * step, digits, true, size);
      }
      for (let at = Math.ceil(view.getSouth() / step); at * step <= view.getNorth(); at += 1) {
        this._group.addLayer(L.polyline([[at * step, view.getWest()], [at * step, view.getEast()]], options));
        this._figure(at * step, digits, false, size);
      }
    },
    _figure: function (degrees, digits, meridian, size) {
      const centre = this._map.getCenter();
      const point = this._map.latLngToContainerPoint(meridian ? [centre.lat, degrees] : [degrees, centre.lng]);
      const at = meridian ? point.x : point.y;
      // Clear of the scale bar at the bottom left and the north arrow at the top right.
      if (at < (meridian ? 200 : 80) || at > (meridian ? size.x - 60 : size.y - 30)) return;
      const side = meridian ? (degrees < 0 ? "W" : "E") : degrees < 0 ? "S" : "N";
      const node = gm.parts.el("span", { text: Math.abs(degrees).toFixed(digits) + "°" + side });
      node.className = meridian ? "gm-meridian" : "gm-parallel";
      node.style[meridian ? "left" : "top"] = Math.round(at) + "px";
      this._figures.appendChild(node);
    },
  });
  gm.parts.graticule = (pane) => new Graticule(pane);
})(window.gridmap);

// Shaded relief and the graticule: the base that needs no tiles.
(function (gm) {
  "use strict";
  // Heights from low to high: the pale greens and tans of a printed steppe sheet, and the same by night.
  const TINTS = {
    light: [[229, 235, 214], [239, 238, 221], [243, 235, 214], [236, 222, 196], [222, 205, 178]],
    dark: [[44, 54, 51], [50, 57, 53], [58, 59, 53], [67, 64, 55], [77, 71, 60]],
  };
  // What light flat ground gets: it must come out in its tint.
  const FLAT = 0.7071;
  const EDGE = 0.07; // of the shorter side: there the grid fades, so that its end is not taken for a border

  function tint(height, tints) {
    const at = (height / 255) * (tints.length - 1);
    const low = Math.min(tints.length - 2, Math.floor(at));
    return tints[low].map((value, band) => value + (tints[low + 1][band] - value) * (at - low));
  }

  function canvas(columns, rows) {
    const made = document.createElement("canvas");
    made.width = columns;
    made.height = rows;
    return made;
  }

  // The tints on a canvas of the relief's own size: the browser smooths between the few cells that there are.
  function ground(raster, tints) {
    const heights = gm.parts.ints(raster.height);
    const small = canvas(raster.height_columns, raster.height_rows);
    const image = small.getContext("2d").createImageData(small.width, small.height);
    for (let at = 0; at < heights.length; at += 1) {
      const colour = tint(heights[at], tints);
      for (let band = 0; band < 3; band += 1) image.data[at * 4 + band] = colour[band];
      image.data[at * 4 + 3] = 255;
    }
    small.getContext("2d").putImageData(image, 0, 0);
    const large = canvas(raster.columns, raster.rows);
    const pen = large.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(small, 0, 0, large.width, large.height);
    return large;
  }

  // How much of the ground is there: all but at the edge and where no height is known.
  function cover(raster, at) {
    const fade = Math.max(1, Math.min(raster.columns, raster.rows) * EDGE);
    const column = at % raster.columns;
    const row = (at - column) / raster.columns;
    return Math.min(1, Math.min(column, row, raster.columns - 1 - column, raster.rows - 1 - row) / fade);
  }

  // `over` a picture the ground keeps the picture's colours, and only its slopes are darker or lighter.
  function paint(raster, dark, over) {
    const shades = gm.parts.ints(raster.shade);
    const sheet = over ? canvas(raster.columns, raster.rows) : ground(raster, dark ? TINTS.dark : TINTS.light);
    const pen = sheet.getContext("2d");
    const image = pen.getImageData(0, 0, sheet.width, sheet.height);
    const strength = dark ? 1.3 : 0.9;
    for (let at = 0; at < shades.length; at += 1) {
      const light = 1 + ((shades[at] - 1) / (raster.shades - 1) / FLAT - 1) * strength;
      const kept = shades[at] ? cover(raster, at) : 0;
      if (over) {
        image.data.fill(light > 1 ? 255 : 0, at * 4, at * 4 + 3);
        image.data[at * 4 + 3] = Math.min(0.5, Math.abs(light - 1) * 0.55) * 255 * kept;
      } else {
        const factor = Math.max(0.5, Math.min(dark ? 1.5 : 1.1, light));
        for (let band = 0; band < 3; band += 1) image.data[at * 4 + band] = Math.min(255, image.data[at * 4 + band] * factor);
        image.data[at * 4 + 3] = 255 * kept;
      }
    }
    pen.putImageData(image, 0, 0);
    return sheet.toDataURL("image/png");
  }

  gm.parts.relief = function (raster, pane) {
    const bounds = [[raster.south, raster.west], [raster.north, raster.east]];
    const over = gm.scene.drawings.some((one) => one.picture);
    const options = { pane: pane, interactive: false, alt: "", className: "gm-ground" };
    const layer = L.imageOverlay(paint(raster, gm.parts.dark(), over), bounds, options);
    if (!over) gm.parts.on("theme", (dark) => layer.setUrl(paint(raster, dark, over)));
    return layer;
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
      const tall = map.getBounds().getNorth() - map.getBounds().getSouth();
      // A line every few centimetres; two of each kind at the least, or the sheet has no scale to be read by.
      const crossed = (one) => wide / one >= Math.max(3, size.x / 260);
      const step = STEPS.find((one) => crossed(one) && tall / one >= 2.6 && wide / one < 40) || STEPS.find(crossed) || 0.01;
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
      if (at < (meridian ? Math.max(200, gm.parts.readoutWidth() + 40) : 80) || at > (meridian ? size.x - 60 : size.y - 30)) return;
      const side = meridian ? (degrees < 0 ? "W" : "E") : degrees < 0 ? "S" : "N";
      const node = gm.parts.el("span", { text: Math.abs(degrees).toFixed(digits) + "°" + side });
      node.className = meridian ? "gm-meridian" : "gm-parallel";
      node.style[meridian ? "left" : "top"] = Math.round(at) + "px";
      this._figures.appendChild(node);
    },
  });
  gm.parts.graticule = (pane) => new Graticule(pane);
})(window.gridmap);

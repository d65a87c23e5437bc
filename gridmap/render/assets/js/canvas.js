// Canvases on the map: laid out, moved and repainted here; what is on them is painted by their owners.
(function (gm) {
  "use strict";
  const live = new Set();

  gm.parts.printing = false;
  // Paper has more dots than a screen: Chromium would rasterise a canvas at 96 to the inch. A power of
  // two: at any other ratio it prints what is on the canvas up to 2 % too small, and homes move by kilometres.
  gm.parts.ratio = () => (gm.parts.printing ? 4 : Math.min(3, window.devicePixelRatio || 1));

  const Painted = L.Renderer.extend({
    options: { padding: 0.2 },
    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
    },
    _destroyContainer: function () {
      L.DomUtil.remove(this._container);
      delete this._container;
      live.delete(this);
    },
    // Several events ask for an update at once; it is painted once, before the next frame.
    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      if (gm.parts.printing) this.repaint();
      else this._later();
    },
    onAdd: function (map) {
      this._later = gm.parts.soon(() => this.repaint());
      live.add(this);
      L.Renderer.prototype.onAdd.call(this, map);
    },
    repaint: function () {
      if (!this._map || !this._bounds) return;
      // Chromium prints a canvas by replaying what was drawn on it, and a replayed clearing is white:
      // on paper it would cover all that lies below. So every drawing for paper has a new canvas.
      if (gm.parts.printing) {
        const fresh = document.createElement("canvas");
        fresh.className = this._container.className;
        fresh.setAttribute("aria-hidden", "true");
        this._container.replaceWith(fresh);
        this._container = fresh;
      }
      const ratio = gm.parts.ratio();
      const size = this._bounds.getSize();
      const canvas = this._container;
      canvas.width = Math.round(size.x * ratio);
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      L.DomUtil.setPosition(canvas, this._bounds.min);
      const zoom = this._map.getZoom();
      this.paint({ pen: canvas.getContext("2d"), ratio: ratio, size: size, zoom: zoom, factor: Math.pow(2, zoom), corner: this._bounds.min, origin: this._map.getPixelOrigin().add(this._bounds.min) });
    },
    _updatePaths: function () {},
  });

  // A canvas in a pane. `paint` gets {pen, ratio, size, zoom, factor, origin, corner}: world pixels (see `world`)
  // times `factor` less `origin` are pixels of the page, times `ratio` pixels of the canvas; `corner` is where the
  // canvas lies in its pane.
  gm.parts.painted = function (pane, paint) {
    const made = new Painted({ pane: pane });
    made.paint = paint;
    return made;
  };
  gm.parts.repaint = () => live.forEach((one) => one.repaint());

  // Web Mercator at zoom 0 in pixels.
  gm.parts.world = {
    x: (lon) => ((lon + 180) / 360) * 256,
    y: (lat) => {
      const sine = Math.sin((lat * Math.PI) / 180);
      return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
    },
  };
})(window.gridmap);

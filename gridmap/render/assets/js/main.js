// Puts the page together: panes from bottom to top, layers, panel, clicks.
(function (gm) {
  "use strict";
  const el = gm.parts.el;

  function pane(map, name, level) {
    const node = map.createPane(name);
    node.style.zIndex = level;
    node.style.pointerEvents = "none";
    return name;
  }

  // The relief at the bottom, the graticule over it, then the drawings in the scene's order.
  function draw(map) {
    gm.scene.drawings.forEach((drawing, at) => {
      const name = pane(map, "gm-" + at, drawing.picture ? 150 : drawing.raster ? 160 : 410 + at);
      // Tints of density darken what is under them: zones and their edges must still be seen.
      if (gm.scene.derived[drawing.table]) map.getPane(name).style.mixBlendMode = "multiply";
      if (drawing.picture) {
        drawing.layers = [gm.parts.basemap(drawing.picture, name)];
      } else if (drawing.raster) {
        drawing.layers = [gm.parts.relief(drawing.raster, name)];
      } else if (drawing.graticule) {
        drawing.layers = [gm.parts.graticule(name)];
      } else {
        const shapes = gm.parts.shapes(drawing, name);
        drawing.layers = shapes ? [shapes] : [];
      }
      if (drawing.shown) drawing.layers.forEach((layer) => layer.addTo(map));
    });
    gm.parts.points(pane(map, "gm-points", 540)).addTo(map);
    pane(map, "gm-selected", 560);
    gm.parts.selected = L.layerGroup().addTo(map);
    const labels = gm.parts.labels(pane(map, "gm-names", 640)).addTo(map);
    const work = () => {
      gm.parts.repaint();
      labels.draw();
    };
    const soon = gm.parts.soon(work);
    gm.parts.redraw = (now) => (now ? work() : soon());
    gm.parts.on("filter", () => gm.parts.redraw());
  }

  // A place is asked about: what is there, and who answers.
  gm.parts.ask = (latlng, touch) => gm.parts.show(gm.parts.at(latlng, touch), latlng);
  // The same, after going there.
  gm.parts.goTo = function (lon, lat, zoom) {
    gm.map.setView([lat, lon], Math.max(gm.map.getZoom(), zoom || 12), { animate: false });
    gm.parts.ask(L.latLng(lat, lon));
  };

  function clicks(map) {
    map.on("click", (event) => {
      if (gm.parts.busy()) return;
      gm.parts.ask(event.latlng, (event.originalEvent || {}).pointerType === "touch");
    });
  }

  // A tool that takes clicks for itself (measuring) replaces this.
  gm.parts.busy = () => false;

  function start(map) {
    const scene = gm.parts.read();
    gm.map = map;
    gm.parts.speak(scene.language);
    gm.parts.shownAtFirst();
    const box = [[scene.bounds[1], scene.bounds[0]], [scene.bounds[3], scene.bounds[2]]];
    gm.parts.wholeArea = () => L.latLngBounds(box);
    gm.parts.home = () => map.fitBounds(box, { animate: false });
    gm.parts.home();
    draw(map);
    gm.parts.plugged(map);
    gm.parts.shell();
    gm.parts.furniture();
    gm.parts.print();
    clicks(map);
    map.invalidateSize({ animate: false });
    gm.parts.home();
    if (window.ResizeObserver) {
      new ResizeObserver(gm.parts.soon(() => map.invalidateSize({ animate: false }))).observe(map.getContainer());
    }
    gm.parts.redraw(true);
  }

  gm.mount = function (map) {
    // It stands in the page for browsers that do not get as far as this line.
    document.getElementById("gm-old").remove();
    document.getElementById("gm-opening").remove();
    try {
      start(map);
    } catch (error) {
      gm.parts.fail(error);
      throw error;
    }
    gm.parts.resolve(true);
  };
})(window.gridmap);

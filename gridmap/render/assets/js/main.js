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
      const name = pane(map, "gm-" + at, drawing.raster ? 160 : 410 + at);
      // Tints of density darken what is under them: zones and their edges must still be seen.
      if (gm.scene.derived[drawing.table]) map.getPane(name).style.mixBlendMode = "multiply";
      if (drawing.raster) {
        drawing.layers = [gm.parts.relief(drawing.raster, name)];
      } else if (drawing.graticule) {
        drawing.layers = [gm.parts.graticule(name)];
      } else {
        const shapes = gm.parts.shapes(drawing, name);
        drawing.layers = shapes ? [shapes] : [];
      }
      if (drawing.shown) drawing.layers.forEach((layer) => layer.addTo(map));
    });
    const points = gm.parts.points(pane(map, "gm-points", 540)).addTo(map);
    pane(map, "gm-selected", 560);
    gm.parts.selected = L.layerGroup().addTo(map);
    const labels = gm.parts.labels(pane(map, "gm-names", 640)).addTo(map);
    const work = () => {
      points.repaint();
      labels.draw();
    };
    const soon = gm.parts.soon(work);
    gm.parts.redraw = (now) => (now ? work() : soon());
  }

  function panel() {
    const box = document.getElementById("gm-panel");
    const handle = el("button", { type: "button", id: "gm-handle", "aria-expanded": "false", "aria-controls": "gm-cards" });
    const cards = el("div", { id: "gm-cards" });
    const app = document.getElementById("gm-app");
    const set = (open) => {
      app.classList.toggle("gm-open", open);
      handle.setAttribute("aria-expanded", String(open));
      handle.textContent = gm.parts.t(open ? "panel.close" : "panel.open");
    };
    handle.addEventListener("click", () => set(!app.classList.contains("gm-open")));
    box.appendChild(handle);
    box.appendChild(cards);
    gm.parts.worded(() => set(app.classList.contains("gm-open")));
    gm.parts.openPanel = (id) => {
      set(true);
      cards.scrollTop = document.getElementById(id).offsetTop - cards.offsetTop;
    };
    gm.parts.details(cards);
    gm.parts.legend(cards);
    gm.parts.lists(cards);
    gm.parts.findings(cards);
  }

  function clicks(map) {
    map.on("click", (event) => {
      const original = event.originalEvent || {};
      gm.parts.show(gm.parts.at(event.latlng, original.pointerType === "touch"), event.latlng);
    });
  }

  gm.counts = () => Object.assign({}, gm.scene ? gm.scene.counts : {});

  function start(map) {
    const scene = gm.parts.read();
    gm.map = map;
    gm.parts.speak(scene.language);
    gm.parts.shownAtFirst();
    const box = [[scene.bounds[1], scene.bounds[0]], [scene.bounds[3], scene.bounds[2]]];
    gm.parts.home = () => map.fitBounds(box, { animate: false });
    gm.parts.home();
    draw(map);
    panel();
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
    try {
      start(map);
    } catch (error) {
      gm.parts.fail(error);
      throw error;
    }
    gm.parts.resolve(true);
  };
})(window.gridmap);

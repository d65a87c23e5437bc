// On paper: the sheet has a fixed size in millimetres, so the map is laid out for it before it prints.
(function (gm) {
  "use strict";
  let before = null;

  function enter() {
    if (before) return;
    before = { centre: gm.map.getCenter(), zoom: gm.map.getZoom(), bounds: gm.map.getBounds(), snap: gm.map.options.zoomSnap };
    gm.parts.printing = true;
    document.documentElement.classList.add("gm-printing");
    gm.map.invalidateSize({ animate: false, pan: false });
    gm.map.options.zoomSnap = 0; // the sheet is filled: paper does not care for round zooms
    gm.map.fitBounds(before.bounds, { animate: false });
    gm.parts.redraw(true);
  }

  function leave() {
    if (!before) return;
    gm.parts.printing = false;
    document.documentElement.classList.remove("gm-printing");
    gm.map.invalidateSize({ animate: false, pan: false });
    gm.map.options.zoomSnap = before.snap;
    gm.map.setView(before.centre, before.zoom, { animate: false });
    before = null;
    gm.parts.redraw(true);
  }

  gm.parts.print = function () {
    window.addEventListener("beforeprint", enter);
    window.addEventListener("afterprint", leave);
  };
})(window.gridmap);

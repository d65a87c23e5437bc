// Where an area is named of which only a part is in view: in the middle of the widest stretch that is.
(function (gm) {
  "use strict";
  const LINES = 11; // heights of the view that are tried
  const MARGIN = 0.06; // of the view: names keep off its edge,
  const FOOT = 0.2; // and below also off the scale bar

  // Where a horizontal line crosses the rings, from west to east.
  function cuts(paths, lat) {
    const found = [];
    paths.forEach((path) => {
      for (let at = 0; at + 3 < path.length; at += 2) {
        if (path[at + 1] > lat === path[at + 3] > lat) continue;
        found.push(path[at] + ((lat - path[at + 1]) / (path[at + 3] - path[at + 1])) * (path[at + 2] - path[at]));
      }
    });
    return found.sort((a, b) => a - b);
  }

  // The place of a row's name in what the map shows, or null where nothing of it is there.
  gm.parts.placeInView = function (table, row, map) {
    const shape = table.shapes && table.shapes[row];
    if (!shape) return null;
    const view = map.getBounds().pad(-MARGIN);
    const south = view.getSouth() + (view.getNorth() - view.getSouth()) * FOOT;
    let best = null;
    for (let step = 0; step < LINES; step += 1) {
      const share = (step + 0.5) / LINES;
      const lat = south + (view.getNorth() - south) * share;
      shape.parts.forEach((part) => {
        if (part.kind !== 3) return;
        const found = cuts(part.paths, lat);
        for (let at = 0; at + 1 < found.length; at += 2) {
          const west = Math.max(found[at], view.getWest());
          const east = Math.min(found[at + 1], view.getEast());
          // Of two stretches alike the one nearer to the middle of the view counts.
          const width = (east - west) * (1 - 0.25 * Math.abs(share - 0.5));
          if (width > 0 && (!best || width > best.width)) best = { width: width, lon: (west + east) / 2, lat: lat };
        }
      });
    }
    return best;
  };
})(window.gridmap);

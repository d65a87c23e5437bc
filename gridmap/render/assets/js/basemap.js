// A picture under the map, inside the page; one whose rows are even in degrees is stretched to Web Mercator.
(function (gm) {
  "use strict";
  const mercator = (lat) => Math.asinh(Math.tan((lat * Math.PI) / 180));
  const latitude = (y) => (Math.atan(Math.sinh(y)) * 180) / Math.PI;

  // Every row of the map's picture is drawn from the stretch of rows that it shows: exact to the row's own
  // edges, where an even stretch would be off by pixels in the middle.
  function stretched(image, picture) {
    const canvas = document.createElement("canvas");
    const high = mercator(picture.north);
    const tall = high - mercator(picture.south);
    const wide = ((picture.east - picture.west) * Math.PI) / 180;
    canvas.width = image.naturalWidth;
    // Pixels are square on the map at the picture's own width, but no more than a browser holds.
    canvas.height = Math.max(1, Math.min(8192, Math.round(Math.max((image.naturalWidth * tall) / wide, image.naturalHeight))));
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    const perDegree = image.naturalHeight / (picture.north - picture.south);
    const source = (row) => (picture.north - latitude(high - (row / canvas.height) * tall)) * perDegree;
    for (let row = 0; row < canvas.height; row += 1) {
      const from = Math.max(0, source(row));
      const size = Math.min(image.naturalHeight, source(row + 1)) - from;
      pen.drawImage(image, 0, from, image.naturalWidth, Math.max(size, 1e-3), 0, row, canvas.width, 1);
    }
    return canvas.toDataURL(picture.media === "image/jpeg" ? "image/jpeg" : "image/png", 0.92);
  }
  gm.parts.stretched = stretched;

  gm.parts.basemap = function (picture, pane) {
    const url = "data:" + picture.media + ";base64," + picture.data;
    const bounds = [[picture.south, picture.west], [picture.north, picture.east]];
    const group = L.layerGroup();
    const put = (source) => group.addLayer(L.imageOverlay(source, bounds, {
      pane: pane, opacity: picture.opacity, interactive: false, alt: "", className: "gm-picture",
    }));
    if (picture.spacing === "mercator") {
      put(url);
      return group;
    }
    const image = new Image();
    image.onload = () => put(stretched(image, picture));
    image.src = url;
    return group;
  };
})(window.gridmap);

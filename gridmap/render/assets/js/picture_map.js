// The map as it stands, taken apart for a picture: what is drawn where, from bottom to top.
(function (gm) {
  "use strict";
  const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity", "opacity", "paint-order", "text-anchor", "font-family", "font-size", "font-weight", "letter-spacing", "visibility"];
  const LEFT_OUT = ["tooltip", "popup", "shadow"]; // panes of what only answers the pointer
  // What XML cannot hold would spoil the whole drawing, and it comes in names: it is left out.
  const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?:[^\ud800-\udbff]|^)[\udc00-\udfff]/g;

  // A drawing as a text of its own: styles of the page's sheet become attributes, hatches come along.
  gm.parts.svgText = function (node, scale) {
    const copy = node.cloneNode(true);
    const width = Number(node.getAttribute("width")) || node.getBoundingClientRect().width;
    const height = Number(node.getAttribute("height")) || node.getBoundingClientRect().height;
    if (!copy.getAttribute("viewBox")) copy.setAttribute("viewBox", "0 0 " + width + " " + height);
    copy.setAttribute("width", width * scale);
    copy.setAttribute("height", height * scale);
    const from = node.querySelectorAll("*");
    copy.querySelectorAll("*").forEach((one, at) => {
      if (!from[at].getAttribute("class") && from[at].tagName !== "text") return;
      const style = window.getComputedStyle(from[at]);
      STYLES.forEach((name) => one.setAttribute(name, style.getPropertyValue(name)));
    });
    [copy].concat(Array.from(copy.querySelectorAll("[style], [class]"))).forEach((one) => {
      one.removeAttribute("style");
      one.removeAttribute("class");
    });
    const defs = document.querySelector(".gm-defs defs");
    if (defs) copy.insertBefore(defs.cloneNode(true), copy.firstChild);
    return new XMLSerializer().serializeToString(copy).replace(NOT_XML, (found) => (found.length > 1 ? found[0] : ""));
  };

  function loaded(source) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(image);
      image.onerror = () => reject(new Error("image"));
      image.src = source;
    });
  }

  // An image of a drawing. A data: URI leaves the canvas that it is painted on readable.
  gm.parts.svgImage = (text) => loaded("data:image/svg+xml;charset=utf-8," + encodeURIComponent(text));

  function copied(canvas) {
    const copy = document.createElement("canvas");
    copy.width = canvas.width;
    copy.height = canvas.height;
    if (canvas.width && canvas.height) copy.getContext("2d").drawImage(canvas, 0, 0);
    return copy;
  }

  function taken(node, home, scale) {
    const box = node.getBoundingClientRect();
    const part = { x: box.left - home.left, y: box.top - home.top, width: box.width, height: box.height, opacity: Number(window.getComputedStyle(node).opacity), blend: "source-over" };
    if (!box.width || !box.height) return null;
    const name = node.tagName.toLowerCase();
    if (name === "canvas") part.image = copied(node);
    else if (name === "img") part.source = node.src;
    else part.text = gm.parts.svgText(node, scale);
    return part;
  }

  function panes(map) {
    const list = Array.from(map.getPane("mapPane").children).filter((one) => !LEFT_OUT.some((name) => one.classList.contains("leaflet-" + name + "-pane")));
    const level = (one) => Number(window.getComputedStyle(one).zIndex) || 0;
    return list.map((one, at) => ({ node: one, level: level(one), at: at })).sort((a, b) => a.level - b.level || a.at - b.at);
  }

  function figures(map, home) {
    return Array.from(map.getContainer().querySelectorAll(".gm-graticule span")).map((node) => {
      const box = node.getBoundingClientRect();
      return { words: node.textContent, x: (box.left + box.right) / 2 - home.left, y: (box.top + box.bottom) / 2 - home.top };
    });
  }

  // Everything that is on the map now, at `scale` pixels of the picture to one of the screen. In one go:
  // nothing moves in between, and the light theme it is taken in is never seen.
  gm.parts.takeMap = function (scale) {
    const map = gm.map;
    const root = document.documentElement;
    const theme = root.dataset.theme;
    const ratio = gm.parts.ratio;
    const light = function (on) {
      root.dataset.theme = on ? "light" : theme;
      gm.parts.tell("theme", !on && gm.parts.dark());
    };
    if (theme === "dark") light(true);
    gm.parts.ratio = () => scale;
    try {
      gm.parts.redraw(true);
      const home = map.getContainer().getBoundingClientRect();
      const layers = [];
      panes(map).forEach((pane) => {
        const style = window.getComputedStyle(pane.node);
        pane.node.querySelectorAll("svg, canvas, img").forEach((node) => {
          const part = node.parentNode.closest("svg") ? null : taken(node, home, scale);
          if (!part) return;
          part.opacity *= Number(style.opacity);
          if (style.mixBlendMode === "multiply") part.blend = "multiply";
          layers.push(part);
        });
      });
      // The scale and the arrow stand on the map; tools and read-outs do not belong on a sheet.
      const signs = Array.from(map.getContainer().querySelectorAll(".gm-bar, .gm-north")).map((node) => taken(node, home, scale));
      const ground = window.getComputedStyle(map.getContainer()).backgroundColor;
      return { width: home.width, height: home.height, ground: ground, layers: layers, figures: figures(map, home), signs: signs.filter((one) => one) };
    } finally {
      gm.parts.ratio = ratio;
      if (theme === "dark") light(false);
      gm.parts.redraw(true);
    }
  };

  async function place(pen, part) {
    const image = part.image || (await (part.source ? loaded(part.source) : gm.parts.svgImage(part.text)));
    pen.globalAlpha = part.opacity;
    pen.globalCompositeOperation = part.blend;
    pen.drawImage(image, part.x, part.y, part.width, part.height);
    pen.globalAlpha = 1;
    pen.globalCompositeOperation = "source-over";
  }

  // Paint what was taken, its corner at the pen's origin.
  gm.parts.paintMap = async function (pen, held, font) {
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, held.width, held.height);
    pen.clip();
    pen.fillStyle = held.ground;
    pen.fillRect(0, 0, held.width, held.height);
    for (const part of held.layers) await place(pen, part);
    pen.font = "11px " + font;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    held.figures.forEach((one) => {
      pen.lineWidth = 3;
      pen.strokeStyle = "rgba(255,255,255,.85)";
      pen.strokeText(one.words, one.x, one.y);
      pen.fillStyle = "#2c4a60";
      pen.fillText(one.words, one.x, one.y);
    });
    for (const part of held.signs) await place(pen, part);
    pen.restore();
    pen.strokeStyle = "#1b1f23";
    pen.lineWidth = 1;
    pen.strokeRect(0.5, 0.5, held.width - 1, held.height - 1);
  };
})(window.gridmap);

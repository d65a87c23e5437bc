// What every sheet carries: title, data statement, scale bar, north arrow, coordinates, tools.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const svg = gm.parts.svg;

  // Metres of a degree of longitude at a latitude, on the ellipsoid of WGS 84 (CGCS2000's differs by 0.1 mm).
  function metresPerDegree(lat) {
    const sine = Math.sin((lat * Math.PI) / 180);
    return ((Math.PI / 180) * 6378137 * Math.cos((lat * Math.PI) / 180)) / Math.sqrt(1 - 0.00669438 * sine * sine);
  }

  function round(metres) {
    const power = Math.pow(10, Math.floor(Math.log10(metres)));
    return [5, 2, 1].map((one) => one * power).find((one) => one <= metres) || power;
  }

  function drawScale(root) {
    const map = gm.map;
    const centre = map.getCenter();
    const degreesPerPixel = 360 / (256 * Math.pow(2, map.getZoom()));
    const perPixel = metresPerDegree(centre.lat) * degreesPerPixel;
    const metres = round(perPixel * 170);
    const width = metres / perPixel;
    gm.parts.empty(root);
    const bar = svg("svg", { width: Math.ceil(width) + 70, height: 26, class: "gm-bar", "data-metres": metres, "data-pixels": width.toFixed(2) });
    for (let part = 0; part < 4; part += 1) {
      bar.appendChild(svg("rect", { x: 4 + (width / 4) * part, y: 16, width: width / 4, height: 5, fill: part % 2 ? "#fff" : "#1B1F23", stroke: "#1B1F23", "stroke-width": 1 }));
    }
    [[0, "0"], [0.5, gm.parts.metres(metres / 2).replace(/\.?0+(?= )/, "")], [1, gm.parts.metres(metres).replace(/\.?0+(?= )/, "")]].forEach((mark, at) => {
      const node = svg("text", { x: 4 + width * mark[0], y: 12, "text-anchor": at ? "middle" : "start", class: "gm-halo" });
      node.textContent = at === 1 ? mark[1].split(" ")[0] : mark[1];
      bar.appendChild(node);
    });
    root.appendChild(bar);
  }

  const Corner = L.Control.extend({
    initialize: function (node, position) {
      L.Control.prototype.initialize.call(this, { position: position });
      this._node = node;
    },
    onAdd: function () {
      return this._node;
    },
  });

  function corner(node, position) {
    L.DomEvent.disableClickPropagation(node);
    new Corner(node, position).addTo(gm.map);
  }

  function north() {
    const root = svg("svg", { width: 34, height: 48, viewBox: "0 0 34 48", class: "gm-north", role: "img" });
    root.appendChild(svg("path", { d: "M17 14L27 44L17 37Z", fill: "#1B1F23", stroke: "#1B1F23" }));
    root.appendChild(svg("path", { d: "M17 14L7 44L17 37Z", fill: "#fff", stroke: "#1B1F23" }));
    const letter = root.appendChild(svg("text", { x: 17, y: 11, "text-anchor": "middle", class: "gm-halo" }));
    gm.parts.worded(() => {
      letter.textContent = gm.parts.t("north");
      root.setAttribute("aria-label", gm.parts.t("north.name"));
    });
    return el("div", { class: "gm-corner" }, [root]);
  }

  function zoom() {
    const button = (sign, key, work) => {
      const node = el("button", { type: "button", text: sign, on: { click: work } });
      gm.parts.worded(() => {
        node.title = gm.parts.t(key);
        node.setAttribute("aria-label", gm.parts.t(key));
      });
      return node;
    };
    return el("div", { class: "gm-zoom" }, [
      button("+", "zoom.in", () => gm.map.zoomIn(0.5)),
      button("−", "zoom.out", () => gm.map.zoomOut(0.5)),
      button("⌂", "home", () => gm.parts.home()),
    ]);
  }

  // One button for the other languages, by their own names; with two it says the other.
  function nextLanguage() {
    const all = gm.parts.languages();
    return all[(all.indexOf(gm.language) + 1) % all.length];
  }

  function tools(box) {
    const language = el("button", { type: "button", id: "gm-language", on: { click: () => {
      gm.language = nextLanguage();
    } } });
    const theme = el("button", { type: "button", id: "gm-theme", on: { click: () => gm.parts.setTheme(gm.parts.dark() ? "light" : "dark") } });
    const print = el("button", { type: "button", id: "gm-print", on: { click: () => gm.parts.printNow() } });
    const write = () => {
      language.textContent = gm.scene.messages[nextLanguage()]["language.name"];
      language.lang = nextLanguage();
      theme.textContent = gm.parts.t(gm.parts.dark() ? "theme.light" : "theme.dark");
      print.textContent = gm.parts.t("print");
    };
    gm.parts.worded(write);
    gm.parts.on("theme", write);
    [language, theme, print].forEach((one) => box.appendChild(one));
  }

  function titles() {
    const said = gm.scene.statement;
    gm.parts.worded(() => {
      const title = gm.parts.both(gm.scene.title);
      document.title = title;
      gm.parts.empty(document.getElementById("gm-title")).appendChild(gm.parts.value(title));
      // The shell says both languages, for who has no script; with one, the page's own is enough.
      const approval = document.getElementById("gm-approval");
      if (approval) gm.parts.empty(approval).appendChild(gm.parts.value(gm.parts.both(said.approval)));
      const under = gm.parts.empty(document.getElementById("gm-subtitle"));
      const banner = gm.parts.both(said.banner);
      const unit = gm.parts.both(said.unit);
      const audience = gm.parts.both(said.audience_title) + (unit ? gm.parts.t("title.unit", { unit: unit }) : "");
      [gm.parts.other(gm.scene.title), audience, banner].filter((one) => one && one !== title).forEach((one, at) => {
        if (at) under.appendChild(document.createTextNode(" · "));
        under.appendChild(gm.parts.value(one));
      });
    });
  }

  function statement() {
    const said = gm.scene.statement;
    gm.parts.worded(() => {
      const footer = gm.parts.empty(document.getElementById("gm-footer"));
      const rows = [
        ["statement.project", gm.parts.both(said.project)], ["statement.crs", said.crs], ["statement.revision", said.revision],
        ["statement.audience", gm.parts.both(said.audience_title)], ["statement.unit", gm.parts.both(said.unit)],
        ["statement.version", "gridmap " + said.version],
        ["statement.shown", gm.parts.t("statement.mercator")], ["statement.source", said.source], ["statement.basemap", said.basemap],
      ];
      rows.filter((row) => row[1]).forEach((row) => {
        footer.appendChild(el("span", {}, [el("b", { text: gm.parts.t(row[0]) + " " }), gm.parts.value(row[1])]));
      });
      said.notes.forEach((note) => footer.appendChild(el("span", {}, [gm.parts.value(gm.parts.both(note))])));
    });
  }

  gm.parts.furniture = function () {
    titles();
    statement();
    tools(document.getElementById("gm-tools"));
    corner(zoom(), "topleft");
    corner(gm.parts.toolbar(), "topleft");
    corner(north(), "topright");
    const scale = el("div", { class: "gm-scale" });
    corner(el("div", { class: "gm-corner gm-bottom" }, [scale, gm.parts.readout()]), "bottomleft");
    const redraw = () => drawScale(scale);
    gm.map.on("zoomend moveend resize", redraw);
    gm.parts.worded(redraw);
  };
})(window.gridmap);

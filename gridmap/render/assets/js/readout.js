// Where the pointer is, in the formats of the trade; one press copies it.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  const DONE_MS = 1600; // how long the button says that it copied
  const ICON = "M7 7V3H17V13H13M3 7H13V17H3Z"; // one sheet before another
  let format = "decimal";
  let here = null;
  let parts = null;

  // Degrees, minutes and tenths of seconds. Rounded first: never 60.0 seconds.
  function dms(degrees, plus, minus) {
    const tenths = Math.round(Math.abs(degrees) * 36000);
    const seconds = tenths % 600;
    const minutes = Math.floor(tenths / 600) % 60;
    const two = (value) => String(value).padStart(2, "0");
    return Math.floor(tenths / 36000) + "°" + two(minutes) + "′" + two(Math.floor(seconds / 10)) + "." + (seconds % 10) + "″" + (degrees < 0 ? minus : plus);
  }

  // The working CRS's own words: its code, and the meridian that its belt lies around.
  function plane() {
    const lon = /\+proj=tmerc\b.*\+lon_0=(-?[\d.]+)/.exec(gm.scene.answering.proj4);
    const name = gm.scene.statement.crs;
    return lon ? name + " · " + t("readout.meridian", { lon: Number(lon[1]) }) : name;
  }

  const FORMATS = {
    decimal: (at) => gm.parts.lonlat(at.lng, at.lat),
    dms: (at) => dms(at.lng, "E", "W") + "  " + dms(at.lat, "N", "S"),
    plane: (at) => {
      const xy = gm.parts.geo.forward(at.lng, at.lat);
      // Far from the belt a transverse Mercator says nothing.
      if (!(xy[0] - xy[0] === 0 && xy[1] - xy[1] === 0)) return t("none.value");
      return t("readout.plane", { x: gm.parts.number(xy[0]), y: gm.parts.number(xy[1]) });
    },
    chainage: (at) => {
      const found = gm.parts.border().locate(at.lng, at.lat);
      return gm.parts.chainage(found.chainage) + " · " + gm.parts.metres(found.metres);
    },
  };

  // As wide as it ever gets where the map lies: the corner must not twitch while the pointer moves.
  function widest() {
    if (format === "decimal") return "000.00000°E  00.00000°N";
    if (format === "dms") return "000°00′00.0″E  00°00′00.0″N";
    if (format === "plane") return t("readout.plane", { x: "00,000,000", y: "0,000,000" });
    return "K0000+000 · " + t("length.km", { km: "0000.00" });
  }

  function offered() {
    const has = { decimal: true, dms: true, plane: gm.scene.answering, chainage: gm.parts.border() };
    return Object.keys(FORMATS).filter((one) => has[one]);
  }

  const text = () => (here ? FORMATS[format](here) : "");

  const write = gm.parts.soon(() => {
    parts.output.textContent = text();
  });

  // The old way, for pages opened from disk where the new one is refused.
  function copyOld(said) {
    const field = el("textarea", { class: "gm-unseen", readonly: "", "aria-hidden": "true", tabindex: "-1" });
    const before = document.activeElement;
    field.value = said;
    document.body.appendChild(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch (error) {
      done = false;
    }
    field.remove();
    if (before && before.focus) before.focus({ preventScroll: true });
    return done;
  }

  let told = 0;
  function tell(done) {
    const words = t(done ? "readout.copied" : "readout.failed");
    gm.parts.say(words);
    parts.copy.classList.toggle("gm-done", done);
    parts.mark.setAttribute("d", done ? "M3 10L8 15L17 5" : "M4 4L16 16M16 4L4 16");
    window.clearTimeout(told);
    told = window.setTimeout(() => {
      parts.copy.classList.remove("gm-done");
      parts.mark.setAttribute("d", ICON);
    }, DONE_MS);
  }

  gm.parts.copyText = function (said) {
    const old = () => copyOld(said);
    if (!navigator.clipboard || !navigator.clipboard.writeText) return Promise.resolve(old());
    return navigator.clipboard.writeText(said).then(() => true, old);
  };

  // What is copied says in which system it is: a bare pair of metres would be worth nothing.
  function copy() {
    const said = text();
    return gm.parts.copyText(format === "plane" ? said + " (" + gm.scene.statement.crs + ")" : said.replace("  ", " ")).then(tell);
  }

  function fill() {
    gm.parts.empty(parts.select);
    offered().forEach((one) => {
      const option = el("option", { value: one, text: one === "plane" ? plane() : t("readout." + one) });
      option.selected = one === format;
      parts.select.appendChild(option);
    });
    parts.select.setAttribute("aria-label", t("readout.format"));
    parts.copy.title = t("readout.copy") + " (C)";
    parts.copy.setAttribute("aria-label", t("readout.copy"));
    parts.room.textContent = widest();
    write();
  }

  // What else stands at the lower edge keeps clear of it.
  gm.parts.readoutWidth = () => (parts && parts.root ? parts.root.offsetWidth : 0);

  gm.parts.readout = function () {
    parts = {
      select: el("select", { class: "gm-reading-format", on: { change: () => {
        format = parts.select.value;
        fill();
      } } }),
      output: el("output", { class: "gm-figures", "aria-live": "off" }),
      room: el("span", { class: "gm-figures gm-reading-room", "aria-hidden": "true" }),
      copy: el("button", { type: "button", class: "gm-reading-copy", on: { click: copy } }),
      mark: gm.parts.svg("path", { d: ICON, fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linejoin": "round" }),
    };
    const picture = gm.parts.svg("svg", { width: 16, height: 16, viewBox: "0 0 20 20", "aria-hidden": "true" });
    picture.appendChild(parts.mark);
    parts.copy.appendChild(picture);
    const follow = (latlng) => {
      here = latlng;
      write();
    };
    gm.map.on("mousemove", (event) => follow(event.latlng));
    gm.map.on("mouseout move", () => follow(gm.map.getCenter()));
    gm.parts.key({ key: "c", name: "copy", work: copy });
    here = gm.map.getCenter();
    gm.parts.worded(fill);
    parts.root = el("div", { class: "gm-reading" }, [parts.select, el("span", { class: "gm-reading-text" }, [parts.room, parts.output]), parts.copy]);
    return parts.root;
  };
})(window.gridmap);

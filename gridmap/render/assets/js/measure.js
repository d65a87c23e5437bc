// Distances and areas on the ellipsoid: two tools that take the map's clicks while they are on.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  const SAME_PX = 5; // a second click within it is the other half of a double click, or the end
  const MU = 2000 / 3; // square metres of a mu
  let tool = null; // "distance", "area", or null
  let points = [];
  let running = null;
  let ended = false;
  let cross = false; // the keyboard leads: what Enter adds is the map's middle
  let parts = null;
  let layer = null;

  const flat = (list) => list.map((one) => [one.lng, one.lat]);
  const length = (list) => (list.length > 1 ? gm.parts.geo.pathLength(flat(list)) : 0);

  function two(value) {
    return value < 100 ? value.toFixed(2) : value < 1000 ? value.toFixed(1) : gm.parts.number(value);
  }

  // In the unit that the eye can hold; in Chinese in mu as well, which pastures are counted in.
  function area(metres) {
    const said = metres < 1e4 ? t("area.m2", { n: gm.parts.number(metres) }) : metres < 1e6 ? t("area.ha", { n: two(metres / 1e4) }) : t("area.km2", { n: two(metres / 1e6) });
    if (gm.language !== "zh") return said;
    const mu = metres / MU;
    return said + " · " + (mu < 1e4 ? t("area.mu", { n: two(mu) }) : t("area.mu.wan", { n: two(mu / 1e4) }));
  }

  // The figures of a list of points: what is shown and, whole, what tests and other programs read.
  function figures(list) {
    const out = { metres: length(list), square: null, words: [] };
    if (tool === "distance") {
      out.words.push(t("measure.total", { length: gm.parts.metres(out.metres) }));
      return out;
    }
    if (list.length > 2) out.metres = length(list.concat([list[0]]));
    const crossed = list.length > 3 && gm.parts.crosses(list);
    if (list.length > 2 && !crossed) {
      out.square = gm.parts.geo.polygonArea(flat(list));
      out.words.push(t("measure.area", { area: area(out.square) }));
    }
    if (crossed) out.words.push(t("measure.crossed"));
    out.words.push(t(list.length > 2 ? "measure.perimeter" : "measure.total", { length: gm.parts.metres(out.metres) }));
    return out;
  }

  function draw(root, project) {
    const all = points.concat(running ? [running] : []);
    const lengths = [];
    for (let at = 1; at < all.length; at += 1) lengths.push(gm.parts.metres(length([all[at - 1], all[at]])));
    if (tool === "area" && all.length > 2) lengths.push(gm.parts.metres(length([all[all.length - 1], all[0]])));
    gm.parts.drawMeasure(root, project, { points: points, running: running, closed: tool === "area", lengths: lengths });
  }

  function write() {
    if (!tool) return;
    const fixed = figures(points);
    const hint = !points.length ? "start" : ended ? "ended" : cross ? "keys" : "more";
    parts.title.textContent = t("tool." + tool);
    parts.hint.textContent = t("measure." + hint);
    parts.total.dataset.metres = fixed.metres;
    parts.total.dataset.square = fixed.square === null ? "" : fixed.square;
    gm.parts.empty(parts.total);
    if (points.length > 1) fixed.words.forEach((one) => parts.total.appendChild(el("span", { text: one })));
    follow();
    parts.back.disabled = !points.length;
    parts.end.disabled = points.length < 2 || ended;
    parts.cross.hidden = !cross || ended;
  }

  // The running figures are for the eyes: said aloud at every move they would never end.
  function follow() {
    gm.parts.empty(parts.running);
    if (running && points.length) figures(points.concat([running])).words.forEach((one) => parts.running.appendChild(el("span", { text: one })));
    parts.running.hidden = !running || !points.length;
    parts.total.hidden = !parts.running.hidden;
    layer.draw();
  }
  const soon = gm.parts.soon(() => tool && follow());

  function near(latlng) {
    if (!points.length) return false;
    const at = gm.map.latLngToContainerPoint(latlng);
    return at.distanceTo(gm.map.latLngToContainerPoint(points[points.length - 1])) <= SAME_PX;
  }

  function end() {
    running = null;
    ended = points.length > 1;
    write();
  }

  function add(latlng) {
    if (ended) {
      points = [];
      ended = false;
    }
    if (near(latlng)) {
      if (points.length > 1) end();
      return;
    }
    points.push(latlng);
    running = null;
    write();
  }

  function back() {
    if (!ended) points.pop();
    ended = false;
    running = null;
    write();
  }

  const leave = () => document.getElementById("gm-tool-" + tool).click();
  const events = {
    click: (event) => {
      cross = false;
      add(event.latlng.wrap());
    },
    mousemove: (event) => {
      if (cross) {
        cross = false;
        write();
      }
      if (!points.length || ended) return;
      running = event.latlng;
      soon();
    },
    mouseout: () => {
      running = null;
      soon();
    },
    move: () => {
      if (!cross || !points.length || ended) return;
      running = gm.map.getCenter();
      soon();
    },
  };

  // Enter ends what the mouse draws; where the keyboard leads it adds the cross, and ends there twice.
  function enter() {
    if (!cross && points.length) return end();
    if (!cross) {
      cross = true;
      return write();
    }
    return add(gm.map.getCenter());
  }

  function keys(event) {
    const target = event.target || {};
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = event.key.indexOf("Arrow") === 0;
    if (event.key === "Escape") leave();
    else if (/^(INPUT|TEXTAREA|SELECT|BUTTON)$/.test(target.tagName || "") || (target.closest && !target.closest("#gm-main"))) return;
    else if (arrow && !cross) {
      cross = true;
      write();
      return;
    } else if (event.key === "Enter") enter();
    else if (event.key === "Backspace") back();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function begin(name, byKeys) {
    tool = name;
    points = [];
    running = null;
    ended = false;
    cross = byKeys;
    gm.parts.busy = () => true;
    gm.map.doubleClickZoom.disable();
    gm.map.on(events);
    document.addEventListener("keydown", keys, true);
    gm.map.getContainer().classList.add("gm-measuring");
    gm.map.getContainer().appendChild(parts.root);
    gm.map.getContainer().appendChild(parts.cross);
    layer.addTo(gm.map);
    gm.map.getContainer().focus({ preventScroll: true });
    write();
  }

  function stop() {
    if (!tool) return;
    tool = null;
    gm.parts.busy = () => false;
    gm.map.doubleClickZoom.enable();
    gm.map.off(events);
    document.removeEventListener("keydown", keys, true);
    gm.map.getContainer().classList.remove("gm-measuring");
    layer.remove();
    [parts.root, parts.cross].forEach((one) => one.remove());
  }

  function make(map) {
    const pane = map.createPane("gm-measure");
    pane.style.zIndex = 645; // over the names: a length must be read
    pane.style.pointerEvents = "none";
    layer = gm.parts.measureLayer("gm-measure", draw);
    const button = (work) => el("button", { type: "button", on: { click: work } });
    parts = {
      title: el("strong", {}), total: el("output", { class: "gm-measure-total gm-figures", role: "status" }), running: el("p", { class: "gm-measure-total gm-figures", "aria-hidden": "true" }),
      hint: el("p", { class: "gm-hint" }), back: button(back), end: button(end), leave: button(leave), cross: el("div", { class: "gm-measure-cross", "aria-hidden": "true" }),
    };
    parts.root = el("section", { class: "gm-measure-box" }, [
      parts.title, parts.total, parts.running, parts.hint, el("div", { class: "gm-measure-buttons" }, [parts.back, parts.end, parts.leave]),
    ]);
    L.DomEvent.disableClickPropagation(parts.root);
    gm.parts.worded(() => {
      ["back", "end", "leave"].forEach((one) => {
        parts[one].textContent = t("measure." + one);
      });
      parts.root.setAttribute("aria-label", t("measure"));
      write();
    });
  }

  gm.parts.plug(55, (map) => {
    if (!gm.scene.answering) return;
    make(map);
    const icons = { distance: "M2.5 13.5L13.5 2.5L17.5 6.5L6.5 17.5ZM5.5 10.5L7.5 12.5M8.5 7.5L11 10M11.5 4.5L13.5 6.5", area: "M4 15L3 6L11 3L17 8L15 16ZM4 15H15" };
    Object.keys(icons).forEach((name, at) => gm.parts.tool({
      name: name, order: 40 + at, icon: icons[name], toggle: true,
      work: (pressed) => {
        stop();
        if (pressed) begin(name, document.activeElement !== null && document.activeElement.matches("#gm-tool-" + name + ":focus-visible"));
      },
    }));
  });
})(window.gridmap);

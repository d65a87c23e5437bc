// The border unrolled under the map: a slider along its chainage, that can be zoomed and moved.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const svg = gm.parts.svg;
  const t = (key, values) => gm.parts.t(key, values);
  const LEAST_M = 1000; // the shortest stretch that fills the strip
  const STEPS = { ArrowRight: 1000, ArrowLeft: -1000, ArrowUp: 1000, ArrowDown: -1000, PageUp: 10000, PageDown: -10000 };
  const HIT = 9; // pixels around a sign that belong to it
  let model = null;
  let view = null;
  let range = null;
  let cursor = null;
  let parts = null;

  function fit() {
    const length = model.length;
    const span = Math.max(Math.min(LEAST_M, length), Math.min(length, range.to - range.from));
    const from = Math.max(0, Math.min(length - span, range.from));
    range = { from: from, to: from + span };
  }

  function draw() {
    if (!parts || !model || parts.root.parentNode.hidden) return;
    const width = parts.plot.clientWidth;
    if (!width) return;
    view = gm.parts.stripDraw(parts.picture, model, range, width);
    parts.picture.appendChild(parts.cursor);
    const whole = range.to - range.from >= model.length - 1e-6;
    parts.whole.disabled = whole;
    parts.out.disabled = whole;
    parts.in.disabled = range.to - range.from <= LEAST_M;
    point();
  }
  const soon = gm.parts.soon(draw);

  function remake() {
    const length = model && model.length;
    model = gm.parts.stripModel();
    if (!range || length !== model.length) range = { from: 0, to: model.length };
    soon();
  }

  // The whole of what is said at the cursor, for eyes and for screen readers.
  function said(words) {
    return [words.chainage, words.fault].concat(words.keepers, [words.homes]).filter((one) => one).join(", ");
  }

  // The cursor's line and what stands there; without a cursor the strip says how it is used.
  function point() {
    const shown = cursor !== null && view !== null && cursor >= range.from && cursor <= range.to;
    parts.cursor.setAttribute("visibility", shown ? "visible" : "hidden");
    if (shown) parts.cursor.setAttribute("transform", "translate(" + (view.gutter + view.x(cursor)).toFixed(1) + " 0)");
    gm.parts.empty(parts.said);
    parts.plot.setAttribute("aria-valuemin", 0);
    parts.plot.setAttribute("aria-valuemax", Math.round(model.length));
    parts.plot.setAttribute("aria-valuenow", Math.round(cursor || 0));
    const words = gm.parts.stripSays(model, cursor || 0);
    parts.plot.setAttribute("aria-valuetext", said(words));
    if (cursor === null) {
      parts.said.appendChild(el("span", { class: "gm-hint", text: t("strip.hint", { km: (model.length / 1000).toFixed(1) }) }));
      return;
    }
    parts.said.appendChild(el("b", { class: "gm-figures", text: words.chainage }));
    if (words.fault) parts.said.appendChild(el("strong", { class: "gm-nobody", text: words.fault }));
    words.keepers.forEach((one) => parts.said.appendChild(gm.parts.value(one)));
    if (words.homes) parts.said.appendChild(el("span", { class: "gm-hint", text: words.homes }));
  }

  // Move the cursor; `from` says who did, so that the map is not told what it told the strip.
  gm.parts.stripCursor = function (metres, from) {
    if (!model) return;
    cursor = metres === null ? null : Math.max(0, Math.min(model.length, metres));
    point();
    if (from !== "map") gm.parts.stripMark(cursor, cursor === null ? null : gm.parts.stripSays(model, cursor));
  };
  gm.parts.stripAt = () => cursor;

  function show(metres) {
    const span = range.to - range.from;
    if (metres >= range.from && metres <= range.to) return;
    range = { from: metres - span / 2, to: metres + span / 2 };
    fit();
    draw();
  }

  function zoom(factor, about) {
    const centre = about === undefined ? (cursor !== null && cursor >= range.from && cursor <= range.to ? cursor : (range.from + range.to) / 2) : about;
    const share = (centre - range.from) / (range.to - range.from);
    const span = Math.max(LEAST_M, Math.min(model.length, (range.to - range.from) * factor));
    range = { from: centre - share * span, to: centre + (1 - share) * span };
    fit();
    soon();
  }

  function move(metres) {
    range = { from: range.from + metres, to: range.to + metres };
    fit();
    soon();
  }

  const metresAt = (event) => view.at(event.clientX - parts.plot.getBoundingClientRect().left - view.gutter);

  // The sign under the pointer, the nearest of several.
  function signAt(event) {
    const box = parts.plot.getBoundingClientRect();
    let best = null;
    let least = HIT;
    parts.picture.querySelectorAll("path[data-table]").forEach((node) => {
      const own = node.getBoundingClientRect();
      const away = Math.hypot((own.left + own.right) / 2 - event.clientX, (own.top + own.bottom) / 2 - event.clientY);
      if (own.right > box.left && away <= least) {
        least = away;
        best = node;
      }
    });
    if (!best) return null;
    const table = gm.scene.tables[best.dataset.table];
    return { table: table, row: Number(best.dataset.row) };
  }

  // Go to a place of the border and ask who answers there; to a sign's own place if one was hit.
  function ask(metres, sign) {
    if (sign) {
      const drawn = gm.parts.styleOf(sign.table.name, sign.row);
      const at = L.latLng(sign.table.lat[sign.row], sign.table.lon[sign.row]);
      gm.map.setView(at, Math.max(gm.map.getZoom(), 11), { animate: false });
      gm.parts.show([{ drawing: drawn.drawing, table: sign.table, row: sign.row }], at);
      return;
    }
    const at = gm.parts.border().place(metres);
    gm.parts.goTo(at.lon, at.lat, 11);
  }

  // One pointer hovers, drags the strip along or, if it did not move, asks; two zoom.
  function pointers(plot) {
    const down = new Map();
    let start = null;
    const spread = () => {
      const both = Array.from(down.values());
      return { gap: Math.max(8, Math.abs(both[0].clientX - both[1].clientX)), middle: (both[0].clientX + both[1].clientX) / 2 };
    };
    const begin = () => {
      start = { range: range, x: Array.from(down.values())[0].clientX, moved: false };
      if (down.size === 2) Object.assign(start, { spread: spread(), about: metresAt({ clientX: spread().middle }), moved: true });
    };
    plot.addEventListener("pointerdown", (event) => {
      if (event.button > 0 || !view) return;
      down.set(event.pointerId, event);
      plot.setPointerCapture(event.pointerId);
      begin();
    });
    plot.addEventListener("pointermove", (event) => {
      if (!view) return;
      if (!down.has(event.pointerId)) {
        gm.parts.stripCursor(metresAt(event), "strip");
        return;
      }
      down.set(event.pointerId, event);
      if (down.size === 2) {
        const now = spread();
        const span = ((start.range.to - start.range.from) * start.spread.gap) / now.gap;
        const share = (now.middle - plot.getBoundingClientRect().left - view.gutter) / view.width;
        range = { from: start.about - share * span, to: start.about + (1 - share) * span };
      } else {
        const dx = event.clientX - start.x;
        start.moved = start.moved || Math.abs(dx) > 5;
        if (!start.moved) return;
        range = { from: start.range.from - dx * view.scale, to: start.range.to - dx * view.scale };
      }
      fit();
      soon();
    });
    const lift = (event) => {
      const known = down.delete(event.pointerId);
      if (known && start && !start.moved && event.type === "pointerup") {
        const metres = metresAt(event);
        gm.parts.stripCursor(metres, "strip");
        ask(cursor, signAt(event));
      }
      if (down.size) begin();
    };
    plot.addEventListener("pointerup", lift);
    plot.addEventListener("pointercancel", lift);
    plot.addEventListener("pointerleave", () => !down.size && document.activeElement !== plot && gm.parts.stripCursor(null, "strip"));
    plot.addEventListener("wheel", (event) => {
      if (!view) return;
      event.preventDefault();
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (sideways) move((event.deltaX || event.deltaY) * view.scale);
      else zoom(Math.pow(1.0016, Math.max(-300, Math.min(300, event.deltaY))), metresAt(event));
    }, { passive: false });
  }

  function keys(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = (STEPS[event.key] || 0) / (event.shiftKey ? 10 : 1);
    const now = cursor === null ? range.from : cursor;
    if (step) gm.parts.stripCursor(cursor === null ? now : now + step, "strip");
    else if (event.key === "Home") gm.parts.stripCursor(0, "strip");
    else if (event.key === "End") gm.parts.stripCursor(model.length, "strip");
    else if (event.key === "Enter" && cursor !== null) ask(cursor, null);
    else if (event.key === "+" || event.key === "=") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (cursor === null) return;
    show(cursor);
    // Who moves by keys cannot point at the map as well: it follows.
    const at = gm.parts.border().place(cursor);
    gm.map.panInside([at.lat, at.lon], { padding: [60, 60], animate: false });
  }

  function button(name, sign, work) {
    const node = el("button", { type: "button", text: sign, on: { click: work } });
    gm.parts.worded(() => {
      node.title = t("strip." + name);
      node.setAttribute("aria-label", t("strip." + name));
    });
    return node;
  }

  function build(box) {
    const plot = el("div", { class: "gm-strip-plot", role: "slider", tabindex: "0", "aria-orientation": "horizontal", on: { keydown: keys } });
    const picture = svg("svg", { class: "gm-strip-picture", height: gm.parts.stripHeight, "aria-hidden": "true" });
    const line = svg("g", { class: "gm-strip-cursor", visibility: "hidden" });
    line.appendChild(svg("line", { y1: 14, y2: gm.parts.stripRows.homesEnd, class: "gm-strip-cursor-ground" }));
    line.appendChild(svg("line", { y1: 14, y2: gm.parts.stripRows.homesEnd }));
    line.appendChild(svg("path", { d: "M-5 14H5L0 20Z" }));
    parts = {
      root: el("div", { class: "gm-strip" }), plot: plot, picture: picture, cursor: line, said: el("p", { class: "gm-strip-said" }),
      in: button("in", "+", () => zoom(0.5)), out: button("out", "−", () => zoom(2)),
      whole: button("whole", "↔", () => {
        range = { from: 0, to: model.length };
        soon();
      }),
    };
    plot.appendChild(picture);
    const head = el("div", { class: "gm-strip-head" }, [parts.said, el("div", { class: "gm-strip-tools" }, [parts.out, parts.in, parts.whole])]);
    [head, plot].forEach((one) => parts.root.appendChild(one));
    box.appendChild(parts.root);
    pointers(plot);
    plot.addEventListener("focus", () => cursor === null && plot.matches(":focus-visible") && gm.parts.stripCursor(range.from, "strip"));
    plot.addEventListener("blur", () => gm.parts.stripCursor(null, "strip"));
    gm.parts.worded(() => {
      plot.setAttribute("aria-label", t("strip.label"));
      if (model) remake();
    });
    ["filter", "drawings"].forEach((name) => gm.parts.on(name, () => model && remake()));
    if (window.ResizeObserver) new ResizeObserver(soon).observe(plot);
  }

  // Nothing is measured until the strip is first seen: the map is ready before it.
  function opened(open) {
    if (!open) {
      if (model) gm.parts.stripCursor(null, "strip");
      return;
    }
    const first = model === null;
    remake();
    if (first) window.setTimeout(() => gm.parts.stripPlace(remake), 50);
  }

  gm.parts.plug(60, (map) => {
    if (!gm.parts.border()) return;
    gm.parts.dock({ name: "strip", order: 10, build: build, opened: opened });
    gm.parts.stripLink(map);
  });
})(window.gridmap);

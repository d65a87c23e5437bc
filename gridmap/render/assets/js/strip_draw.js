// The strip map's picture: rows over one axis of chainage, as SVG.
(function (gm) {
  "use strict";
  const svg = gm.parts.svg;
  // Heights of the rows in pixels, from the top.
  const Y = { axis: 17, bar: 20, barEnd: 31, name: 42, brace: 47, unit: 58, marker: 71, number: 85, inland: 92, inlandEnd: 134, homes: 139, homesEnd: 167 };
  const HEIGHT = 170;
  const SECTION = ["#D55E00", "#E69F00"];
  const DEPTHS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30]; // kilometres that the row below the border may show

  const wide = gm.parts.wide;

  // The text if it fits, else its beginning with an ellipsis, else nothing.
  function fitting(text, room, size, weight) {
    if (wide(text, size, weight) <= room) return text;
    const letters = Array.from(text);
    let low = 0;
    let high = letters.length;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (wide(letters.slice(0, middle).join("") + "…", size, weight) <= room) low = middle;
      else high = middle - 1;
    }
    return low >= 3 ? letters.slice(0, low).join("") + "…" : "";
  }
  gm.parts.fitting = fitting;

  function write(root, text, x, y, options) {
    const given = Object.assign({ size: 11, weight: 400, anchor: "middle", className: "" }, options);
    const node = svg("text", { x: x.toFixed(1), y: y, "text-anchor": given.anchor, "font-size": given.size, "font-weight": given.weight, class: given.className });
    // Isolated: a right-to-left mark in a name turns nothing beside it.
    node.textContent = "\u2068" + text + "\u2069";
    root.appendChild(node);
  }

  // The smallest round step of which each is at least `room` pixels.
  function round(metresPerPixel, room, least) {
    const wanted = Math.max(least, metresPerPixel * room);
    const power = Math.pow(10, Math.floor(Math.log10(wanted)));
    return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= wanted - 1e-9);
  }

  function axis(root, view) {
    let step = round(view.scale, 50, 100);
    if (step % 1000) step = round(view.scale, 78, 100); // K23+450 is longer than K23
    const small = step / (String(step)[0] === "2" ? 4 : 5);
    for (let at = Math.ceil(view.from / small) * small; at <= view.to; at += small) {
      const major = Math.abs(at / step - Math.round(at / step)) < 1e-6;
      root.appendChild(svg("line", { x1: view.x(at), x2: view.x(at), y1: major ? Y.axis - 4 : Y.axis - 2, y2: major ? Y.homesEnd : Y.axis, class: major ? "gm-strip-grid" : "gm-strip-tick" }));
      const text = step % 1000 ? gm.parts.chainage(at) : "K" + Math.round(at / 1000);
      const half = wide(text, 11, 400) / 2;
      if (major) write(root, text, Math.max(half + 1, Math.min(view.width - half - 1, view.x(at))), 11, { className: "gm-strip-soft" });
    }
  }

  function bars(root, view, model) {
    root.appendChild(svg("line", { x1: view.x(0), x2: view.x(model.length), y1: (Y.bar + Y.barEnd) / 2, y2: (Y.bar + Y.barEnd) / 2, class: "gm-strip-border" }));
    model.sections.forEach((one) => {
      if (one.to < view.from || one.from > view.to) return;
      const left = view.x(one.from);
      const right = view.x(one.to);
      const bar = { x: left, y: Y.bar, width: Math.max(0.6, right - left), height: Y.barEnd - Y.bar, class: "gm-strip-section" + (one.passes ? "" : " gm-strip-faint"), "data-row": one.row };
      root.appendChild(svg("rect", Object.assign(bar, { fill: SECTION[one.even ? 1 : 0] })));
      // The second cue to colour: every second section has a line of its own through it.
      if (one.even && one.passes) root.appendChild(svg("line", { x1: left, x2: right, y1: (Y.bar + Y.barEnd) / 2, y2: (Y.bar + Y.barEnd) / 2, class: "gm-strip-cue" }));
      [left, right].forEach((x) => root.appendChild(svg("line", { x1: x, x2: x, y1: Y.bar - 2, y2: Y.barEnd + 3, class: "gm-strip-end" })));
      if (!one.passes) return;
      const shown = [Math.max(0, left), Math.min(view.width, right)];
      const text = fitting(gm.parts.sectionName(one), shown[1] - shown[0] - 6, 11, 700);
      if (text) write(root, text, (shown[0] + shown[1]) / 2, Y.name, { weight: 700, className: "gm-strip-line" });
    });
  }

  function faults(root, view, model) {
    const draw = function (one, hatch, key, top, bottom) {
      if (one.to < view.from || one.from > view.to) return;
      const left = view.x(one.from);
      const right = Math.max(left + 3, view.x(one.to));
      root.appendChild(svg("rect", { x: left, y: top, width: right - left, height: bottom - top, fill: gm.parts.hatch(hatch, "#C2007A", 0.9), class: "gm-strip-fault", "data-fault": key }));
      const shown = [Math.max(0, left), Math.min(view.width, right)];
      const words = gm.parts.t("strip." + key);
      const text = [words + " " + gm.parts.metres(one.to - one.from), words].find((some) => wide(some, 11, 700) <= shown[1] - shown[0] - 4);
      if (text && key === "gap") write(root, text, (shown[0] + shown[1]) / 2, Y.name, { weight: 700, className: "gm-strip-error" });
    };
    model.gaps.forEach((one) => draw(one, "fault", "gap", Y.bar, Y.barEnd));
    model.overlaps.forEach((one) => draw(one, "fault-cross", "overlap", Y.bar - 2, Y.barEnd + 2));
  }

  function keepers(root, view, model) {
    model.keepers.forEach((one) => {
      if (one.to < view.from || one.from > view.to) return;
      const left = Math.max(-4, view.x(one.from) + 2);
      const right = Math.min(view.width + 4, view.x(one.to) - 2);
      if (right - left < 3) return;
      root.appendChild(svg("path", { d: "M" + left + " " + (Y.brace - 2) + "V" + Y.brace + "H" + right + "V" + (Y.brace - 2), class: "gm-strip-brace" }));
      const name = gm.parts.calledById("unit", one.unit) || gm.parts.t("unit.other");
      const shown = [Math.max(0, left), Math.min(view.width, right)];
      const text = fitting(name, shown[1] - shown[0] - 4, 11, 400);
      if (text) write(root, text, (shown[0] + shown[1]) / 2, Y.unit, {});
    });
  }

  function sign(root, one, x, y, size) {
    root.appendChild(svg("path", {
      d: gm.parts.symbols[one.style.shape] || gm.parts.symbols.circle, transform: "translate(" + x.toFixed(1) + " " + y.toFixed(1) + ") scale(" + size + ")",
      fill: one.style.fill || one.style.stroke, stroke: one.style.casing || one.style.stroke, "stroke-width": (Math.min(1.4, one.style.width) * 1.6) / size,
      "paint-order": "stroke", "fill-rule": "evenodd", "data-row": one.row, "data-table": one.table.name,
    }));
  }

  function markers(root, view, model) {
    let free = -Infinity;
    let drawn = -Infinity;
    model.markers.forEach((one) => {
      const x = view.x(one.at);
      if (x < -8 || x > view.width + 8 || x - drawn < 3) return;
      drawn = x;
      sign(root, one, x, Y.marker, 5);
      const text = one.table.get(one.row, "number") || one.table.get(one.row, "name");
      if (!text) return;
      const half = wide(text, 10, 400) / 2;
      if (x - half < Math.max(free, 0) || x + half > view.width) return;
      free = x + half + 5;
      write(root, text, x, Y.number, { size: 10 });
    });
  }

  // Outposts, ports and gates hang below the border at their distance to it, as they lie on the map.
  function inland(root, view, model) {
    const most = model.inland.reduce((value, one) => Math.max(value, one.off), 1000);
    const depth = DEPTHS.find((one) => one * 1000 >= most - 1) * 1000 || Math.ceil(most / 10000) * 10000;
    const y = (off) => Y.inland + 4 + (off / depth) * (Y.inlandEnd - Y.inland - 10);
    root.appendChild(svg("line", { x1: 0, x2: view.width, y1: Y.inland, y2: Y.inland, class: "gm-strip-rule" }));
    const taken = [];
    const clear = (box) => taken.every((other) => box[0] >= other[2] || other[0] >= box[2] || box[1] >= other[3] || other[1] >= box[3]);
    const seen = model.inland.filter((one) => view.x(one.at) > -8 && view.x(one.at) < view.width + 8);
    seen.forEach((one) => {
      const x = view.x(one.at);
      root.appendChild(svg("line", { x1: x, x2: x, y1: Y.inland, y2: y(one.off), class: "gm-strip-stem" }));
      taken.push([x - 6, y(one.off) - 6, x + 6, y(one.off) + 6]);
    });
    seen.forEach((one) => sign(root, one, view.x(one.at), y(one.off), one.style.size > 7 ? 6 : 4.6));
    seen.forEach((one) => {
      const text = gm.parts.called(one.table, one.row);
      if (!text) return;
      const width = wide(text, 10.5, 500);
      const x = view.x(one.at);
      const found = [x + 8, x - 8 - width].find((left) => {
        const box = [left - 1, y(one.off) - 7, left + width + 1, y(one.off) + 6];
        const free = box[0] >= 0 && box[2] <= view.width && clear(box);
        if (free) taken.push(box);
        return free;
      });
      if (found !== undefined) write(root, text, found, y(one.off) + 3.5, { size: 10.5, weight: 500, anchor: "start", className: "gm-strip-halo" });
    });
    return depth;
  }

  // Columns of whole kilometres, several together where one would be too thin to see.
  function homes(root, view, model) {
    root.appendChild(svg("line", { x1: 0, x2: view.width, y1: Y.homesEnd, y2: Y.homesEnd, class: "gm-strip-rule" }));
    const step = round(view.scale, 3, 1000) / 1000;
    const columns = [];
    for (let km = 0; km < model.homes.length; km += step) {
      let sum = 0;
      for (let at = km; at < Math.min(km + step, model.homes.length); at += 1) sum += model.homes[at];
      // The border's last stretch is no whole column: homes per km is over what there is of it.
      columns.push({ km: km, to: Math.min(model.length, (km + step) * 1000), per: sum / Math.min(step, Math.max(0.5, model.length / 1000 - km)) });
    }
    const most = columns.reduce((value, one) => Math.max(value, one.per), 0);
    columns.forEach((one) => {
      const left = view.x(one.km * 1000);
      const right = view.x(one.to);
      if (!one.per || right < 0 || left > view.width) return;
      const height = Math.max(1, (one.per / most) * (Y.homesEnd - Y.homes));
      root.appendChild(svg("rect", { x: left + 0.5, y: Y.homesEnd - height, width: Math.max(0.8, right - left - 1), height: height, class: "gm-strip-home", "data-km": one.km }));
    });
    return most;
  }

  // Names of the rows at the left, cut where they are too long for it.
  function heads(root, gutter, model, most) {
    const t = gm.parts.t;
    const rows = [
      [t("strip.chainage"), 11], [t("strip.sections"), Y.barEnd - 1], [model.keepers.length && t("strip.keepers"), Y.unit], [model.markers.length && t("strip.markers"), Y.marker + 4],
      [model.inland.length && t("strip.inland"), Y.inland + 14], [model.inland.length && t("strip.inland.scale", { km: most.depth / 1000 }), Y.inland + 28],
      [model.homes && t("strip.homes"), Y.homes + 10], [model.homes && t("strip.homes.most", { n: most.homes < 10 ? Number(most.homes.toFixed(1)) : Math.round(most.homes) }), Y.homes + 24],
    ].filter((one) => one[0]);
    rows.forEach((one, at) => {
      const soft = one[1] === Y.inland + 28 || one[1] === Y.homes + 24;
      const text = fitting(one[0], gutter - 10, soft ? 10 : 11, soft || !at ? 400 : 600);
      write(root, text, gutter - 7, one[1], { anchor: "end", size: soft ? 10 : 11, weight: soft ? 400 : 600, className: soft ? "gm-strip-soft" : "" });
    });
  }

  gm.parts.stripGutter = () => (gm.parts.narrow() ? 74 : 84);

  // Draw `model` between two chainages into an SVG of `width` pixels; returns the scale that was used.
  gm.parts.stripDraw = function (root, model, range, width) {
    const gutter = gm.parts.stripGutter();
    const room = Math.max(40, width - gutter - 12);
    const scale = (range.to - range.from) / room;
    const view = { from: range.from, to: range.to, width: room, scale: scale, gutter: gutter, x: (metres) => (metres - range.from) / scale, at: (x) => range.from + x * scale };
    gm.parts.empty(root);
    root.setAttribute("width", width);
    root.setAttribute("height", HEIGHT);
    // A drawing inside the drawing cuts what is beyond its ends.
    const plot = svg("svg", { x: gutter, y: 0, width: room, height: HEIGHT, overflow: "hidden" });
    [axis, keepers].forEach((draw) => draw(plot, view, model));
    const most = { homes: model.homes ? homes(plot, view, model) : 0 };
    bars(plot, view, model);
    faults(plot, view, model);
    most.depth = inland(plot, view, model);
    markers(plot, view, model);
    heads(root, gutter, model, most);
    root.appendChild(plot);
    return view;
  };
  gm.parts.stripHeight = HEIGHT;
  gm.parts.stripRows = Y;
})(window.gridmap);

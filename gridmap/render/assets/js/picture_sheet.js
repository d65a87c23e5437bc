// What stands around the map on a picture: title, marks, legend, statement. Laid out, then painted.
(function (gm) {
  "use strict";
  const svg = gm.parts.svg;
  const t = (key, values) => gm.parts.t(key, values);
  const FONT = gm.parts.font;
  const INK = "#1b1f23";
  const SOFT = "#4a5057";
  const MARK = "#b00020";
  const COLUMN = 236; // pixels of a column of the legend beside the map
  const NARROWEST = 172; // and below it, where two stand on a phone's width
  const ROW = 20;
  // A Chinese character holds its closing marks; a word is what stands between blanks.
  const PIECES = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef][、。，．：；？！）」』】》〉”’％]*|\s+|[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+/g;
  const GROUPS = ["line", "area", "point", "findings", "base"];

  // A text in lines no wider than `room`: between words, between Chinese characters, anywhere if need be.
  function lines(text, room, size, weight) {
    const width = (words) => gm.parts.wide(words, size, weight);
    const out = [];
    let line = "";
    const put = (piece) => {
      if (width(line + piece) <= room) line += piece;
      else if (width(piece) <= room) {
        out.push(line.trimEnd());
        line = piece.trimStart();
      } else Array.from(piece).forEach((one) => {
        if (line && width(line + one) > room) {
          out.push(line);
          line = "";
        }
        line += one;
      });
    };
    (String(text).match(PIECES) || []).forEach(put);
    if (line.trim()) out.push(line.trimEnd());
    return out.filter((one) => one);
  }

  function write(pen, text, x, y, options) {
    const given = Object.assign({ size: 12, weight: 400, colour: INK, align: "left" }, options);
    pen.font = given.weight + " " + given.size + "px " + FONT;
    pen.fillStyle = given.colour;
    pen.textAlign = given.align;
    pen.textBaseline = "alphabetic";
    // Isolated, so that what a name says of directions stays its own.
    pen.fillText("\u2068" + text + "\u2069", x, y);
  }

  // Title block: {height, paint(pen)}. Marks stand at the right, or below the title where it is narrow.
  function header(width) {
    const said = gm.scene.statement;
    const both = gm.parts.both;
    const title = both(gm.scene.title);
    const unit = both(said.unit);
    const under = [gm.parts.other(gm.scene.title), both(said.audience_title) + (unit ? t("title.unit", { unit: unit }) : ""), both(said.banner)].filter((one) => one && one !== title).join(" · ");
    const boxes = [
      said.synthetic && { text: gm.parts.languages().map((one) => gm.scene.messages[one].synthetic).join(" / "), size: 13, colour: "#5c3c00", fill: "#fff3d1" },
      both(said.handling_mark) && { text: both(said.handling_mark), size: 16, colour: MARK, fill: "#fff" },
      both(said.approval) && { text: both(said.approval), size: 12, colour: INK, fill: "" },
    ].filter((one) => one);
    const aside = width >= 760;
    const most = aside ? width * 0.4 : width;
    boxes.forEach((one) => {
      one.lines = lines(one.text, most - 24, one.size, 700);
      one.width = Math.max.apply(null, one.lines.map((line) => gm.parts.wide(line, one.size, 700))) + (one.fill ? 24 : 0);
      one.height = one.lines.length * one.size * 1.35 + (one.fill ? 10 : 2);
    });
    const room = aside && boxes.length ? width - Math.max.apply(null, boxes.map((one) => one.width)) - 24 : width;
    const titles = lines(title, room, 23, 700);
    const unders = lines(under, room, 13, 400);
    const left = titles.length * 30 + unders.length * 18;
    const right = boxes.reduce((sum, one) => sum + one.height + 5, 0);
    const paint = function (pen) {
      titles.forEach((one, at) => write(pen, one, 0, 24 + at * 30, { size: 23, weight: 700 }));
      unders.forEach((one, at) => write(pen, one, 0, titles.length * 30 + 14 + at * 18, { size: 13, colour: SOFT }));
      let y = aside ? 0 : left + 6;
      boxes.forEach((one) => {
        const x = aside ? width - one.width : 0;
        if (one.fill) {
          pen.fillStyle = one.fill;
          pen.strokeStyle = one.colour;
          pen.lineWidth = 2;
          pen.fillRect(x + 1, y + 1, one.width - 2, one.height - 2);
          pen.strokeRect(x + 1, y + 1, one.width - 2, one.height - 2);
        }
        one.lines.forEach((line, at) => write(pen, line, x + one.width / 2, y + (one.fill ? 5 : 1) + one.size * (1.02 + at * 1.35), { size: one.size, weight: one.fill ? 700 : 400, colour: one.colour, align: "center" }));
        y += one.height + 5;
      });
    };
    return { height: (aside ? Math.max(left, right) : left + right + 6) + 8, paint: paint };
  }

  function counted(drawing, at) {
    const behind = gm.parts.behind(drawing, at);
    return behind !== null ? behind : drawing.cases[at].rows;
  }

  // The legend's lines: groups, then what is shown of each and has any row.
  function entries(column) {
    const list = [];
    GROUPS.forEach((name) => {
      const drawings = gm.parts.visible().filter((one) => one.group === name).reverse();
      const cases = [];
      drawings.forEach((drawing) => drawing.cases.forEach((one, at) => {
        if (one.rows > 0) cases.push({ drawing: drawing, at: at, text: gm.parts.both(one.title), count: gm.parts.number(counted(drawing, at)) });
      }));
      if (!cases.length) return;
      list.push({ group: name, text: t("group." + name), height: 30 });
      cases.forEach((one) => {
        one.lines = lines(one.text, column - 62 - gm.parts.wide(one.count, 11, 400), 12, 400);
        one.height = Math.max(ROW, one.lines.length * 15 + 5);
        list.push(one);
      });
    });
    if (!gm.parts.whole()) {
      list.push({ group: "base", text: t("held"), height: 30 });
      ["line", "area", "point"].filter((layer) => gm.scene.layers[layer] !== "whole").forEach((layer) => {
        const wrapped = lines(t("group." + layer) + "  " + t("held." + gm.scene.layers[layer]), column - 16, 11.5, 400);
        list.push({ lines: wrapped, height: wrapped.length * 15 + 4 });
      });
    }
    return list;
  }

  // {width, height, paint(pen), swatches}: beside a map in as many columns as keep it no higher than
  // `height`; below one of `room` pixels in as many as fit.
  function legend(height, room) {
    const columns = room ? Math.max(1, Math.floor((room + 16) / NARROWEST)) : 0;
    const size = room ? (room + 16) / columns : COLUMN;
    const list = entries(size);
    const total = list.reduce((sum, one) => sum + one.height, 0);
    const many = columns || Math.max(1, Math.min(3, Math.ceil(total / Math.max(1, height))));
    // Columns of about one height; beside the map the first is filled as far as the map reaches.
    const most = Math.max(total / many + 34, columns ? 0 : height);
    let column = 0;
    let y = 0;
    let lowest = 0;
    const swatches = svg("svg", { width: many * size, height: total + 60 });
    const again = []; // a group that goes on in the next column has its heading there again
    let group = null;
    list.forEach((one, at) => {
      if (one.group) group = one;
      const next = one.group && list[at + 1] ? list[at + 1].height : 0; // a heading never stands last
      if (y && y + one.height + next > most && column < many - 1) {
        column += 1;
        y = one.group ? 0 : group.height;
        if (!one.group) again.push(Object.assign({}, group, { x: column * size, y: 0 }));
      }
      one.x = column * size;
      one.y = y;
      y += one.height;
      lowest = Math.max(lowest, y);
      if (!one.drawing) return;
      const swatch = gm.parts.swatch(one.drawing, one.at);
      swatch.setAttribute("x", one.x);
      swatch.setAttribute("y", one.y + 1);
      swatches.appendChild(swatch);
    });
    const colours = { line: "#b84f00", area: "#0069a6", point: "#007a59", findings: "#c2007a", base: SOFT };
    const paint = function (pen) {
      list.concat(again).forEach((one) => {
        if (one.group) {
          write(pen, one.text, one.x, one.y + 18, { size: 13.5, weight: 700 });
          pen.fillStyle = colours[one.group];
          pen.fillRect(one.x, one.y + 23, size - 16, 2);
          return;
        }
        const left = one.drawing ? 38 : 0;
        one.lines.forEach((line, at) => write(pen, line, one.x + left, one.y + 14 + at * 15, { size: one.drawing ? 12 : 11.5 }));
        if (one.count) write(pen, one.count, one.x + size - 16, one.y + 14, { size: 11, colour: SOFT, align: "right" });
      });
    };
    return { width: (column + 1) * size - 16, height: lowest, paint: paint, swatches: swatches };
  }

  const two = (value) => String(value).padStart(2, "0");

  // The data statement; the day is that of the saving, the data has its revision.
  function footer(width) {
    const said = gm.scene.statement;
    const now = new Date();
    const day = now.getFullYear() + "-" + two(now.getMonth() + 1) + "-" + two(now.getDate());
    const rows = [
      ["statement.project", gm.parts.both(said.project)], ["statement.crs", said.crs], ["statement.revision", said.revision], ["picture.saved", day],
      ["statement.audience", gm.parts.both(said.audience_title)], ["statement.unit", gm.parts.both(said.unit)], ["statement.version", "gridmap " + said.version],
      ["statement.shown", t("statement.mercator")], ["statement.source", said.source], ["statement.basemap", said.basemap],
    ].filter((row) => row[1]).map((row) => t(row[0]) + " \u2068" + row[1] + "\u2069").concat(said.notes.map((note) => "\u2068" + gm.parts.both(note) + "\u2069"));
    const wrapped = lines(rows.join("    "), width, 11, 400);
    return { height: wrapped.length * 15 + 8, paint: (pen) => wrapped.forEach((one, at) => write(pen, one, 0, 16 + at * 15, { size: 11, colour: SOFT })) };
  }

  // The whole sheet: {width, height, paint(pen, held)} for a map that was taken.
  gm.parts.sheetAround = function (held) {
    const margin = 20;
    const aside = held.width >= 640;
    const key = aside ? legend(held.height) : legend(0, held.width);
    const inner = aside ? held.width + 22 + key.width : Math.max(held.width, key.width);
    const head = header(inner);
    const foot = footer(inner);
    const body = aside ? Math.max(held.height, key.height) : held.height + 14 + key.height;
    const swatches = gm.parts.svgText(key.swatches, 2);
    const paint = async function (pen) {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, inner + 2 * margin, head.height + body + foot.height + 2 * margin);
      const at = async function (x, y, work) {
        pen.save();
        pen.translate(x, y);
        await work(pen);
        pen.restore();
      };
      await at(margin, margin, head.paint);
      await at(margin, margin + head.height, () => gm.parts.paintMap(pen, held, FONT));
      const image = await gm.parts.svgImage(swatches);
      await at(aside ? margin + held.width + 22 : margin, margin + head.height + (aside ? 0 : held.height + 14), () => {
        pen.drawImage(image, 0, 0, Number(key.swatches.getAttribute("width")), Number(key.swatches.getAttribute("height")));
        key.paint(pen);
      });
      await at(margin, margin + head.height + body, foot.paint);
    };
    return { width: inner + 2 * margin, height: head.height + body + foot.height + 2 * margin, mapX: margin, mapY: margin + head.height, paint: paint };
  };
})(window.gridmap);

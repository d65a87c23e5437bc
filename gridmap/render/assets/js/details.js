// The panel's answer: who answers at the place, then what is there.
(function (gm) {
  "use strict";
  const METRES = Object.assign(Object.create(null), { from_m: true, to_m: true });
  let found = [];
  let chosen = 0;
  let here = null;
  let answer = null;

  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  const value = (text, className) => gm.parts.value(text, className);
  const saying = gm.parts.saying;

  function shown(table, column, raw) {
    if (raw === null || raw === undefined || raw === "") return el("span", { text: t("none.value"), class: "gm-none" });
    if (column.type === "boolean") return value(t("value." + raw));
    if (METRES[column.name]) return value(gm.parts.chainage(raw));
    if (column.name === "unit" || column.name === "outpost") return value(saying.named(column.name, raw));
    // Values of the catalogue's own vocabularies (classes of landmarks and tracks) have words.
    const key = table.name + "." + raw;
    return value(gm.parts.has(key) ? t(key) : raw);
  }

  function heading(feature) {
    const table = feature.table;
    const id = table.id(feature.row);
    const one = feature.drawing ? feature.drawing.cases[feature.drawing.codes[feature.row]] : null;
    const kind = gm.parts.both(one ? one.title : table.title);
    const under = gm.parts.both(table.title);
    const small = el("p", { class: "gm-kind" }, [el("span", { text: kind === under ? kind : under + " · " + kind })]);
    if (id !== null && gm.scene.statement.keeps_ids) small.appendChild(value(id, "gm-id"));
    const head = el("div", { class: "gm-head" }, [one && gm.parts.swatch(feature.drawing, feature.drawing.codes[feature.row]), small]);
    const title = gm.parts.called(table, feature.row);
    return [head, el("h3", {}, [value(title === null ? kind : title)])];
  }

  function findingTitle(table, row) {
    const code = table.get(row, "code") || "";
    if (gm.scene.codes[code]) return gm.parts.both(gm.scene.codes[code]);
    const key = "fault." + code.slice(code.lastIndexOf("-") + 1);
    return gm.parts.has(key) ? t(key) : code;
  }
  gm.parts.findingTitle = findingTitle;

  function facts(feature) {
    const list = el("dl", { class: "gm-facts" });
    const add = (title, node) => {
      list.appendChild(el("dt", { text: title }));
      list.appendChild(el("dd", {}, [node]));
    };
    feature.table.columns.forEach((column) => {
      const raw = column.get(feature.row);
      if (column.name === "name" || raw === null || raw === "") return;
      if (column.name === "rows" && gm.parts.derivedOf(feature.table)) return; // it is the title
      add(gm.parts.both(column.title), shown(feature.table, column, raw));
    });
    const at = gm.parts.placeOf(feature.table, feature.row);
    if (at && at.point) add(t("position"), value(gm.parts.lonlat(at.lon, at.lat, Math.min(5, feature.table.decimals)), "gm-value gm-figures"));
    if (!at && (feature.table.lon || feature.table.shapes)) add(t("position"), value(t("position.none")));
    const id = feature.table.id(feature.row);
    if (id !== null && !gm.scene.statement.keeps_ids && !gm.parts.derivedOf(feature.table)) add(t("column.id"), value(id, "gm-id"));
    return list;
  }

  function serves(feature) {
    const list = gm.scene.assignments.on(feature.table.name, feature.table.id(feature.row));
    if (!list.length) return null;
    return el("section", { class: "gm-serves" }, [el("h4", { text: t("serves") })].concat(list.map((one) => {
      const title = gm.scene.tables[one.kind] ? gm.parts.both(gm.scene.tables[one.kind].title) : one.kind;
      return el("p", { text: t("serves.one", { table: title, n: gm.parts.number(one.lead), m: gm.parts.number(one.support) }) });
    })));
  }

  function others() {
    if (found.length < 2) return null;
    const list = el("ul", { class: "gm-also" });
    found.forEach((one, at) => {
      if (at === chosen) return;
      const name = gm.parts.called(one.table, one.row);
      const button = el("button", { type: "button", on: { click: () => pick(at) } }, [
        gm.parts.swatch(one.drawing, one.drawing.codes[one.row]),
        el("span", { text: gm.parts.both(one.table.title), class: "gm-kind" }),
        value(name === null ? "" : name),
      ]);
      list.appendChild(el("li", {}, [button]));
    });
    return el("section", { class: "gm-others" }, [el("h4", { text: t("also") }), list]);
  }

  // A point speaks for its own place; anything else for the place that was asked about.
  const isPoint = (feature) => Boolean(feature) && Boolean((gm.parts.placeOf(feature.table, feature.row) || {}).point);
  const rowsOf = (feature) => (gm.scene.counts.assignments === undefined ? [] : gm.scene.assignments.of(feature.table.name, feature.row));

  function whoAnswers(feature) {
    const home = Boolean(feature) && feature.table.name === "household" && gm.scene.counts.assignments !== undefined;
    const own = feature && (isPoint(feature) || !answer) ? rowsOf(feature) : [];
    if (answer && !answer.inside && !own.length) return saying.outside(answer);
    if (!answer && !own.length && !home) return null;
    return saying.blocks(answer, own, feature ? feature.table.id(feature.row) : null, home);
  }

  // Assignments of a shape are not those of the place in it that was clicked: they stand with its columns.
  function assigned(feature) {
    const own = answer && !isPoint(feature) ? rowsOf(feature) : [];
    if (!own.length) return null;
    return el("section", { class: "gm-own" }, [el("h4", { text: t("answer.rows") })].concat(own.map((one) => saying.keeper(one, feature.table.id(feature.row)))));
  }

  function title() {
    const clear = el("button", { type: "button", class: "gm-clear", "aria-label": t("answer.clear"), title: t("answer.clear"), text: "×", on: { click: () => show([], null) } });
    return el("h2", {}, [el("span", { text: t(gm.scene.answering ? "answer" : "details") }), found.length || here ? clear : null]);
  }

  // Where it is: of a feature with no more digits than the view has, of a click as fine as a screen is.
  function position(box) {
    const at = answer || (here && { lon: here.lng, lat: here.lat });
    const digits = isPoint(found[chosen]) ? Math.min(5, found[chosen].table.decimals) : 5;
    if (at) box.appendChild(el("p", { class: "gm-figures gm-here", text: gm.parts.lonlat(at.lon, at.lat, digits) }));
  }

  function write() {
    const box = gm.parts.empty(document.getElementById("gm-details"));
    box.appendChild(title());
    position(box);
    if (!found.length && !here) {
      box.appendChild(el("p", { class: "gm-hint", text: t(gm.parts.whole() ? "details.none" : "details.less") }));
      return;
    }
    const feature = found[chosen];
    const add = (node) => node && box.appendChild(node);
    add(whoAnswers(feature));
    if (answer) saying.remarks(answer).forEach(add);
    add(saying.near(answer, reach));
    if (!feature) return;
    const own = el("section", { class: "gm-feature" });
    box.appendChild(own);
    const parts = heading(feature).concat([gm.parts.derivedWords(feature.table), facts(feature), assigned(feature), serves(feature), others()]);
    parts.forEach((part) => part && own.appendChild(part));
  }

  // One of the strongholds that are named: the panel answers for it, and it comes into view.
  function reach(table, row) {
    const at = gm.parts.placeOf(table, row);
    const drawing = gm.scene.drawings.find((one) => one.table === table.name && one.codes && one.codes[row] < one.cases.length);
    if (!at) return;
    show(drawing ? [{ drawing: drawing, table: table, row: row }] : [], L.latLng(at.lat, at.lon));
    gm.map.panInside([at.lat, at.lon], { padding: [60, 60], animate: false });
  }

  function pick(at) {
    chosen = at;
    const feature = found[chosen];
    const own = isPoint(feature) ? gm.parts.placeOf(feature.table, feature.row) : null;
    const place = own || (here && { lon: here.lng, lat: here.lat });
    answer = place && gm.scene.answering ? gm.parts.answerAt(place.lon, place.lat) : null;
    gm.parts.drawAnswer(answer, feature);
    write();
    if (answer) gm.parts.say(saying.spoken(answer));
  }

  function show(features, latlng) {
    found = features;
    here = latlng;
    pick(0);
    gm.parts.tell("select", { features: features, latlng: latlng });
    gm.parts.openTab("answer");
    document.getElementById("gm-cards").scrollTop = 0;
    // On a phone the panel lies over the map: what was touched moves out from under it.
    const covered = document.getElementById("gm-panel").getBoundingClientRect();
    const map = gm.map.getContainer().getBoundingClientRect();
    if (latlng && covered.top < map.bottom && covered.left <= map.left) {
      gm.map.panInside(latlng, { paddingTopLeft: [60, 60], paddingBottomRight: [40, map.bottom - covered.top + 40], animate: false });
    }
  }

  gm.parts.show = show;
  gm.parts.plug(10, () => gm.parts.tab({ name: "answer", order: 10, build: (box) => {
    box.appendChild(el("section", { id: "gm-details", class: "gm-card" }));
    gm.parts.worded(write);
  } }));
})(window.gridmap);

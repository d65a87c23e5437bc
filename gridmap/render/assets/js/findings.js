// The list of gaps, overlaps, orphans and other findings; each flies to its place, one key goes on to the next.
(function (gm) {
  "use strict";
  const MOST = 300; // entries written: the file may hold thousands, nobody reads them in a list
  const el = gm.parts.el;
  let rows = []; // those that pass the filters
  let chosen = -1; // place in `rows`
  let said = null;
  let open = false;
  let stale = false;

  const findings = () => gm.scene.tables.findings;

  // What a finding is about: its table and id; where ids are new, the row's name.
  function about(name, id) {
    if (gm.scene.statement.keeps_ids) return [name, id].filter((one) => one).join(" · ");
    const title = gm.scene.tables[name] ? gm.parts.both(gm.scene.tables[name].title) : name;
    return [title, id && gm.parts.calledById(name, id)].filter((one) => one).join(" · ");
  }

  function mark() {
    document.querySelectorAll("#gm-findings .gm-finding").forEach((node, at) => {
      if (at === chosen) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    });
    said.textContent = chosen < 0 ? "" : gm.parts.t("findings.at", { n: gm.parts.number(chosen + 1), all: gm.parts.number(rows.length) });
  }

  function go(at) {
    chosen = at;
    gm.parts.visit(findings(), rows[at]);
    mark();
  }

  // From one finding to the next, round and round; said, since the answer tab is what is seen then.
  function step(by) {
    if (stale) write();
    if (!rows.length) return;
    go((chosen < 0 && by < 0 ? rows.length - 1 : chosen + by + rows.length) % rows.length);
    gm.parts.say(said.textContent + ": " + gm.parts.findingTitle(findings(), rows[chosen]));
  }

  function entry(table, row, at) {
    const drawing = gm.parts.drawingOf(table, row);
    const level = table.get(row, "level");
    const placed = gm.parts.rowBox(table, row);
    const point = (detail) => () => gm.parts.tell("hover", detail);
    const here = { table: table, row: row };
    const button = el("button", {
      type: "button", class: "gm-finding gm-level-" + (level === "error" ? "error" : "other"), title: gm.parts.t(placed ? "findings.go" : "findings.noplace"),
      on: { click: () => go(at), mouseenter: point(here), mouseleave: point(null), focus: point(here), blur: point(null) },
    }, [
      drawing ? gm.parts.swatch(drawing, drawing.codes[row]) : null,
      el("strong", {}, [gm.parts.value(gm.parts.findingTitle(table, row))]),
      gm.parts.value(about(table.get(row, "table"), gm.parts.namedId(table, row)), "gm-id"),
      gm.parts.value(table.get(row, "message") || "", "gm-message-text"),
    ]);
    return el("li", {}, [button]);
  }

  function listed(table) {
    const mask = gm.parts.passes(table);
    const before = chosen < 0 ? -1 : rows[chosen];
    rows = [];
    for (let row = 0; row < table.rows; row += 1) if (!mask || mask[row]) rows.push(row);
    chosen = rows.indexOf(before);
  }

  function steps() {
    const button = (key, by) => el("button", { type: "button", class: "gm-plain", text: gm.parts.t(key), on: { click: () => step(by) } });
    said = el("span", { class: "gm-figures" });
    return el("p", { class: "gm-steps" }, [button("findings.before", -1), button("findings.after", 1), said]);
  }

  function write() {
    const box = gm.parts.empty(document.getElementById("gm-findings"));
    const table = findings();
    stale = false;
    listed(table);
    const many = gm.parts.number(rows.length);
    const count = rows.length === table.rows ? many : gm.parts.t("legend.of", { n: many, all: gm.parts.number(table.rows) });
    box.appendChild(el("h2", {}, [el("span", { text: gm.parts.t("table.findings") }), el("span", { class: "gm-count", text: count })]));
    if (!table.rows) {
      box.appendChild(el("p", { class: "gm-complete", text: gm.parts.t(gm.parts.whole() ? "findings.none" : "findings.less") }));
      return;
    }
    box.appendChild(steps());
    box.appendChild(el("ul", {}, rows.slice(0, MOST).map((row, at) => entry(table, row, at))));
    if (rows.length > MOST) box.appendChild(el("p", { text: gm.parts.t("findings.more", { n: gm.parts.number(rows.length - MOST) }) }));
    mark();
  }

  gm.parts.plug(40, () => {
    if (!findings()) return;
    gm.parts.tab({ name: "findings", order: 40, build: (box) => {
      box.appendChild(el("section", { id: "gm-findings", class: "gm-card" }));
      gm.parts.worded(write);
    }, opened: (now) => {
      open = now;
      if (open && stale) write();
    } });
    // Nobody sees a list whose tab is shut: it is written when it opens.
    gm.parts.on("filter", () => {
      if (open) write();
      else stale = true;
    });
    const some = () => findings().rows > 0;
    gm.parts.key({ key: "n", name: "after", when: some, work: () => step(1) });
    gm.parts.key({ key: "p", name: "before", when: some, work: () => step(-1) });
  });
})(window.gridmap);

// The filters' tab: what can be chosen, with the figures it would give, what is chosen, and the way back.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  const selects = {};
  let box = null;
  let open = false;
  let stale = true;

  const filters = gm.parts.filters;
  const active = () => Object.keys(filters.chosen());
  const word = (key, value) => t("filter." + key) + t("filter.is") + filters.called(key, value);

  // The gachas of a township stand together; everything else is one list.
  function grouped(key, list) {
    if (key !== "gacha") return [[null, list]];
    const groups = new Map();
    list.forEach((one) => {
      const admin = gm.parts.rows.adminOf(one.value);
      const parent = admin ? admin.parent : null;
      if (!groups.has(parent)) groups.set(parent, []);
      groups.get(parent).push(one);
    });
    return Array.from(groups).map((one) => [one[0] === null ? null : filters.called("township", one[0]), one[1]]);
  }

  function fill(key) {
    const chosen = filters.chosen()[key] || "";
    const found = filters.options(key);
    const list = Array.from(found.keys()).map((value) => ({ value: value, n: found.get(value), name: filters.called(key, value) }));
    if (chosen && !found.has(chosen)) list.push({ value: chosen, n: 0, name: filters.called(key, chosen) });
    const order = { line: 0, area: 1, point: 2 };
    if (key === "layer") list.sort((a, b) => order[a.value] - order[b.value]);
    else list.sort((a, b) => (key === "status" || a.value < b.value ? -1 : 1));
    const option = (one) => el("option", { value: one.value, disabled: !one.n && one.value !== chosen, text: one.name + " (" + gm.parts.number(one.n) + ")" });
    const node = gm.parts.empty(selects[key].node);
    node.appendChild(el("option", { value: "", text: t("filter.all") }));
    grouped(key, list).forEach((group) => {
      const into = group[0] === null ? node : node.appendChild(el("optgroup", { label: group[0] }));
      group[1].forEach((one) => into.appendChild(option(one)));
    });
    node.value = chosen;
    selects[key].root.classList.toggle("gm-active", Boolean(chosen));
  }

  function chip(key) {
    const value = filters.chosen()[key];
    const name = word(key, value);
    return el("li", {}, [el("button", { type: "button", class: "gm-chip", "aria-label": t("filter.drop", { what: name }), on: { click: () => {
      filters.with(key, "");
      // What had the focus is gone: it goes on to the next, or to the filter itself.
      (box.querySelector(".gm-chip") || selects[key].node).focus();
    } } }, [gm.parts.value(name), el("span", { class: "gm-cross", "aria-hidden": "true", text: "×" })])]);
  }

  // What is chosen in one line, for paper and for screen readers; "" where nothing is.
  function line() {
    const chosen = filters.chosen();
    return Object.keys(chosen).map((key) => word(key, chosen[key])).join(" · ");
  }
  gm.parts.filterLine = line;

  // Made when the tab is first open: what can be chosen is found in assignments, and these are long.
  function prepare() {
    if (!Object.keys(selects).length) filters.keys().forEach((key) => {
      const name = el("span", {});
      const node = el("select", { id: "gm-filter-" + key, on: { change: (event) => {
        filters.with(key, event.target.value);
        gm.parts.say(line() || t("filter.cleared"));
      } } });
      selects[key] = { node: node, name: name, root: box.querySelector(".gm-selects").appendChild(el("label", { class: "gm-select" }, [name, node])) };
    });
    Object.keys(selects).forEach((key) => {
      selects[key].name.textContent = t("filter." + key);
    });
  }

  function write() {
    if (!box || !open) {
      stale = true;
      return;
    }
    stale = false;
    const chips = gm.parts.empty(box.querySelector(".gm-chips"));
    active().forEach((key) => chips.appendChild(chip(key)));
    box.querySelector(".gm-chips").hidden = !active().length;
    box.querySelector(".gm-none-active").hidden = active().length > 0;
    box.querySelector(".gm-reset").disabled = !active().length;
    prepare();
    Object.keys(selects).forEach(fill);
    const figures = gm.parts.empty(box.querySelector(".gm-figures-list"));
    const counts = gm.counts();
    Object.keys(gm.scene.tables).forEach((name) => {
      const table = gm.scene.tables[name];
      if (!gm.parts.passes(table)) return;
      figures.appendChild(el("dt", { text: gm.parts.both(table.title) }));
      figures.appendChild(el("dd", { class: "gm-figures", text: t("legend.of", { n: gm.parts.number(counts[name]), all: gm.parts.number(table.rows) }) }));
    });
  }

  // The tab says how many filters are on: they are easily forgotten when another tab is open.
  function badge() {
    const tab = document.getElementById("gm-tab-filters");
    if (tab) tab.textContent = t("tab.filters") + (active().length ? " (" + active().length + ")" : "");
  }

  function reset() {
    if (!active().length) return;
    gm.filter({});
    gm.parts.say(t("filter.cleared"));
  }
  gm.parts.resetFilters = reset;

  function build(into) {
    box = el("section", { id: "gm-filters", class: "gm-card" });
    const title = el("h2", {});
    const none = el("p", { class: "gm-hint gm-none-active" });
    const button = el("button", { type: "button", class: "gm-plain gm-reset", on: { click: () => {
      reset();
      (Object.keys(selects).length ? selects[Object.keys(selects)[0]].node : box).focus();
    } } });
    const note = el("p", { class: "gm-hint" });
    [title, none, el("ul", { class: "gm-chips" })].forEach((one) => box.appendChild(one));
    const list = el("div", { class: "gm-selects" });
    [list, button, note, el("dl", { class: "gm-facts gm-figures-list" })].forEach((one) => box.appendChild(one));
    into.appendChild(box);
    gm.parts.worded(() => {
      title.textContent = t("tab.filters");
      none.textContent = t("filter.none");
      button.textContent = t("filter.reset");
      note.textContent = t("filter.note");
      write();
      badge();
    });
  }

  gm.parts.plug(30, () => {
    if (!filters.any()) return;
    gm.parts.tab({ name: "filters", order: 30, build: build, opened: (now) => {
      open = now;
      if (open && stale) write();
    } });
    gm.parts.on("filter", () => {
      write();
      badge();
    });
    gm.parts.on("language", badge);
    gm.parts.key({ key: "r", name: "reset", work: reset });
  });
})(window.gridmap);

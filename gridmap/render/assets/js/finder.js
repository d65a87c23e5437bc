// The search field of the header: a combobox with a list, after the pattern of WAI-ARIA.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  let input = null;
  let list = null;
  let found = [];
  let chosen = -1;
  let stop = null;

  const isOpen = () => !list.hidden;

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(at) {
    chosen = at;
    list.querySelectorAll("[role=option]").forEach((node, which) => {
      node.setAttribute("aria-selected", String(which === at));
      if (which === at) node.scrollIntoView({ block: "nearest" });
    });
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", "gm-found-" + at);
  }

  function kindOf(one) {
    if (!one.table) return t("search.why." + one.why);
    const drawing = gm.parts.drawingOf(one.table, one.row);
    return gm.parts.both(drawing && one.table.name === "landmark" ? drawing.cases[drawing.codes[one.row]].title : one.table.title);
  }

  // Why it was found, where its name does not show it; and which of many of one name it is.
  function beside(one) {
    if (!one.table) return "";
    const said = [];
    if (["number", "code"].includes(one.why)) said.push(one.table.get(one.row, one.why));
    if (one.id !== null && one.id !== one.name) said.push(one.id);
    if (one.lon === null) said.push(t("findings.noplace"));
    return said.filter((text) => text !== null).join(" · ");
  }

  function option(one, at) {
    const node = el("li", { role: "option", id: "gm-found-" + at, "aria-selected": "false", class: "gm-found" }, [
      el("span", { class: "gm-kind", text: kindOf(one) }), gm.parts.value(one.name, "gm-value gm-found-name"), gm.parts.value(beside(one), "gm-id"),
    ]);
    // Not "click": the field must not lose the focus before the choice is made.
    node.addEventListener("pointerdown", (event) => event.preventDefault());
    node.addEventListener("click", () => choose(at));
    return node;
  }

  // Looked for in turns: what is typed next stops what is still being looked for.
  function look() {
    if (stop) stop();
    stop = input.value.trim() ? gm.parts.slowly(gm.parts.finding(input.value), write) : null;
    if (!stop) write([]);
  }

  function write(made) {
    found = made;
    if (!input.value.trim()) {
      close();
      return;
    }
    gm.parts.empty(list);
    found.forEach((one, at) => list.appendChild(option(one, at)));
    if (!found.length) list.appendChild(el("li", { class: "gm-found gm-hint", role: "presentation", text: t("search.none") }));
    list.hidden = false;
    input.setAttribute("aria-expanded", String(found.length > 0));
    mark(-1);
    gm.parts.say(found.length ? t("search.found", { n: String(found.length) }) : t("search.none"));
  }

  // A unit is no place: its rows are shown alone, and the map goes to where they are.
  function unit(one) {
    if (one.box) gm.parts.fly(one.box);
    const id = one.table.id(one.row);
    if (!gm.parts.filters.keys().includes("unit") || !gm.parts.filters.options("unit").has(id)) return;
    gm.parts.filters.with("unit", id);
    gm.parts.openTab("filters");
    gm.parts.say(gm.parts.filterLine());
  }

  function choose(at) {
    const one = found[at];
    if (!one) return;
    input.value = one.name;
    close();
    // On a phone the keyboard would cover what was found.
    if (gm.parts.narrow()) input.blur();
    if (!one.table) gm.parts.goTo(one.lon, one.lat, 12);
    else if (one.table.name === "unit") unit(one);
    else gm.parts.visit(one.table, one.row);
  }

  function key(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!isOpen()) look();
      else if (found.length) mark((chosen + step + found.length + (chosen < 0 && step < 0 ? 1 : 0)) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      // Enter does not wait for turns: what is written is looked for now.
      if (stop) stop();
      if (chosen < 0) write(gm.parts.find(input.value));
      if (found.length) choose(Math.max(0, chosen));
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!isOpen()) input.value = "";
      close();
    }
  }

  function build() {
    list = el("ul", { role: "listbox", id: "gm-found", hidden: true });
    input = el("input", {
      type: "text", id: "gm-search", role: "combobox", "aria-expanded": "false", "aria-controls": "gm-found", "aria-autocomplete": "list",
      autocomplete: "off", spellcheck: "false", enterkeyhint: "search", maxlength: "200",
    });
    const soon = gm.parts.soon(look);
    const type = (event) => {
      if (event.isComposing) return;
      // The first letter of a million names waits for their index, and does not hold up the second.
      gm.parts.indexNames(soon);
    };
    input.addEventListener("focus", () => gm.parts.indexNames(() => {}));
    input.addEventListener("input", type);
    input.addEventListener("compositionend", () => gm.parts.indexNames(soon));
    input.addEventListener("keydown", key);
    input.addEventListener("blur", close);
    const glass = gm.parts.svg("svg", { width: 16, height: 16, viewBox: "0 0 20 20", "aria-hidden": "true", class: "gm-glass" });
    glass.appendChild(gm.parts.svg("path", { d: "M13.5 8.5A5 5 0 1 1 3.5 8.5A5 5 0 1 1 13.5 8.5M12.2 12.2L17 17", fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round" }));
    gm.parts.worded(() => {
      input.setAttribute("aria-label", t("search"));
      input.placeholder = t("search.hint");
      list.setAttribute("aria-label", t("search"));
    });
    return el("div", { id: "gm-finder", role: "search" }, [glass, input, list]);
  }

  gm.parts.plug(15, () => {
    const tools = document.getElementById("gm-tools");
    tools.parentNode.insertBefore(build(), tools);
    gm.parts.key({ key: "/", name: "search", work: () => {
      input.focus();
      input.select();
    } });
    gm.parts.on("language", () => isOpen() && look());
  });
})(window.gridmap);

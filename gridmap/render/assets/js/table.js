// A table of what is in view and passes the filters, linked both ways with the map. It is also how the
// canvas is read without seeing it: a real table, with the same rows.
(function (gm) {
  "use strict";
  const PAGE = 100; // rows written at once
  const AT_ONCE = 20000; // rows sorted without a break
  const METRES = Object.assign(Object.create(null), { from_m: true, to_m: true });
  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  const parts = {};
  const sorts = {}; // by table: {column, down}
  let open = false;
  let stale = true;
  let table = null;
  let rows = new Uint32Array(0);
  let page = 0;
  let selected = null;
  let flying = false;
  let stop = null;

  const shownTables = () => Object.keys(gm.scene.tables).map((name) => gm.scene.tables[name]).filter((one) => one.rows > 0);
  const inView = () => parts.view.checked;

  // Columns as they are shown; ids that were made for this audience say nothing, and stay away.
  function columns() {
    const found = table.columns.filter((one) => columnHolds(one)).map((one) => ({ name: one.name, title: gm.parts.both(one.title), type: one.type, get: one.get }));
    if (gm.scene.statement.keeps_ids && table.rows && table.id(0) !== null) found.unshift({ name: "id", title: t("column.id"), type: "text", get: table.id });
    return found;
  }
  // A column in which nothing is written takes room from the others.
  const columnHolds = (column) => !column.codes || column.values.length > 0;

  function text(column, row) {
    const raw = column.get(row);
    if (raw === null || raw === undefined || raw === "") return t("none.value");
    if (column.type === "boolean") return t("value." + raw);
    if (METRES[column.name]) return gm.parts.chainage(raw);
    if (column.name === "unit" || column.name === "outpost") return gm.parts.calledById(column.name, raw) || t("unit.other");
    if (column.name === "gacha" || column.name === "township" || column.name === "parent") return gm.parts.filters.called("gacha", raw);
    const key = table.name + "." + raw;
    return gm.parts.has(key) ? t(key) : String(raw);
  }

  // Rows that pass the filters and whose place meets the map's bounds; those without a place only on demand.
  function listed() {
    const mask = gm.parts.passes(table);
    const placed = inView() && (table.lon || table.shapes);
    const view = gm.map.getBounds();
    const west = view.getWest();
    const east = view.getEast();
    const south = view.getSouth();
    const north = view.getNorth();
    const found = new Uint32Array(table.rows);
    let many = 0;
    for (let row = 0; row < table.rows; row += 1) {
      if (mask && !mask[row]) continue;
      if (placed && table.shapes) {
        const box = gm.parts.rowBox(table, row);
        if (!box || box[2] < west || box[0] > east || box[3] < south || box[1] > north) continue;
      } else if (placed) {
        const lon = table.lon[row];
        const lat = table.lat[row];
        if (!(lon >= west && lon <= east && lat >= south && lat <= north)) continue;
      }
      found[many] = row;
      many += 1;
    }
    return found.slice(0, many);
  }

  // Places in the order of a column: a number for each row, so that sorting compares numbers only.
  function keysOf(name) {
    if (name === "id") return (a, b) => compare(table.id(a), table.id(b));
    const column = table.by[name];
    if (!column.codes) return (a, b) => compare(column.get(a), column.get(b));
    const coded = gm.parts.rows.coded(table, name);
    const order = Array.from(coded.values.keys()).sort((a, b) => compare(coded.values[a], coded.values[b]));
    const rank = new Uint32Array(order.length + 1).fill(order.length); // what is missing comes last
    order.forEach((code, place) => {
      rank[code + 1] = place;
    });
    return (a, b) => rank[coded.codes[a]] - rank[coded.codes[b]];
  }

  const words = new Intl.Collator(["zh", "en"], { numeric: true });
  function compare(a, b) {
    if (a === b) return 0;
    if (a === null || a === undefined) return 1;
    if (b === null || b === undefined) return -1;
    if (typeof a !== "string" || typeof b !== "string") return a < b ? -1 : 1;
    // The order of a dictionary takes twenty times as long as that of characters.
    if (rows.length <= AT_ONCE) return words.compare(a, b) || (a < b ? -1 : 1);
    return a < b ? -1 : 1;
  }

  // Merging, from pairs up, in turns: a million rows never hold up the map.
  function* sorted(list, before) {
    let from = list;
    let to = new Uint32Array(list.length);
    for (let width = 1; width < list.length; width *= 2) {
      for (let start = 0, done = 0; start < list.length; start += 2 * width) {
        const middle = Math.min(start + width, list.length);
        const end = Math.min(start + 2 * width, list.length);
        for (let left = start, right = middle, at = start; at < end; at += 1, done += 1) {
          const take = left < middle && (right >= end || before(from[left], from[right]) <= 0);
          to[at] = take ? from[left++] : from[right++];
          if (done % 5000 === 4999) yield;
        }
      }
      [from, to] = [to, from];
    }
    return from;
  }

  // As chosen; else by id, if these are known and not too many. The page holds rows in an order of its own.
  function order() {
    if (sorts[table.name]) return sorts[table.name];
    const own = gm.scene.statement.keeps_ids && table.rows > 0 && table.rows <= AT_ONCE && table.id(0) !== null;
    return own ? { column: "id", down: false } : null;
  }

  function refresh(keep) {
    if (!open) {
      stale = true;
      return;
    }
    stale = false;
    if (stop) stop();
    rows = listed();
    const by = order();
    const done = (made) => {
      rows = made;
      parts.box.removeAttribute("aria-busy");
      page = keep ? Math.min(page, Math.max(0, Math.ceil(rows.length / PAGE) - 1)) : 0;
      write();
    };
    if (!by) {
      done(rows);
      return;
    }
    const forward = keysOf(by.column);
    // Equal ones, and what is missing, keep their order either way.
    const before = by.down ? (a, b) => (missing(by.column, a) || missing(by.column, b) ? forward(a, b) : forward(b, a)) : forward;
    const work = sorted(rows, before);
    if (rows.length <= AT_ONCE) {
      let one = work.next();
      while (!one.done) one = work.next();
      done(one.value);
    } else {
      parts.box.setAttribute("aria-busy", "true");
      stop = gm.parts.slowly(work, done);
    }
  }

  function missing(name, row) {
    const raw = table.get(row, name);
    return raw === null || raw === undefined;
  }

  function head(list) {
    const by = order() || {};
    return el("tr", {}, list.map((column) => {
      const on = by.column === column.name;
      const button = el("button", { type: "button", on: { click: () => {
        sorts[table.name] = { column: column.name, down: on && !by.down };
        refresh();
        const again = Array.from(parts.head.querySelectorAll("button")).find((one) => one.dataset.column === column.name);
        if (again) again.focus();
        gm.parts.say(t(sorts[table.name].down ? "list.down" : "list.up", { column: column.title }));
      } } }, [gm.parts.value(column.title), el("span", { "aria-hidden": "true", class: "gm-sort", text: on ? (by.down ? "▼" : "▲") : "" })]);
      button.dataset.column = column.name;
      return el("th", { scope: "col", "aria-sort": on ? (by.down ? "descending" : "ascending") : "none", class: column.type === "integer" || column.type === "real" ? "gm-number" : "" }, [button]);
    }));
  }

  function line(list, row) {
    const cells = list.map((column, at) => {
      const said = gm.parts.value(text(column, row));
      if (at) return el("td", { class: column.type === "integer" || column.type === "real" ? "gm-number" : "" }, [said]);
      return el("th", { scope: "row" }, [el("button", { type: "button", class: "gm-row", on: { click: () => pick(row), focus: () => hover(row), blur: () => hover(null) } }, [said])]);
    });
    const node = el("tr", { on: { mouseenter: () => hover(row), mouseleave: () => hover(null), click: (event) => event.target.closest("button") || pick(row) } }, cells);
    node.dataset.row = row;
    if (selected && selected.table === table && selected.row === row) {
      node.classList.add("gm-chosen-row");
      node.querySelector(".gm-row").setAttribute("aria-current", "true");
    }
    return node;
  }

  function hover(row) {
    gm.parts.tell("hover", row === null ? null : { table: table, row: row });
  }

  // The list stays as it is while its own choice moves the map: it would vanish under the pointer.
  function pick(row) {
    selected = { table: table, row: row };
    flying = gm.parts.rowBox(table, row) !== null;
    gm.parts.visit(table, row);
    markSelected();
  }

  function markSelected() {
    parts.body.querySelectorAll("tr").forEach((node) => {
      const on = Boolean(selected) && selected.table === table && Number(node.dataset.row) === selected.row;
      node.classList.toggle("gm-chosen-row", on);
      const button = node.querySelector(".gm-row");
      if (button && on) button.setAttribute("aria-current", "true");
      else if (button) button.removeAttribute("aria-current");
    });
  }

  function write() {
    const list = columns();
    const first = page * PAGE;
    const last = Math.min(rows.length, first + PAGE);
    const title = gm.parts.both(table.title);
    parts.caption.textContent = t("list.caption", { table: title, n: gm.parts.number(rows.length), all: gm.parts.number(table.rows) });
    gm.parts.empty(parts.head).appendChild(head(list));
    gm.parts.empty(parts.body);
    for (let at = first; at < last; at += 1) parts.body.appendChild(line(list, rows[at]));
    if (!rows.length) parts.body.appendChild(el("tr", {}, [el("td", { colspan: Math.max(1, list.length), class: "gm-none", text: t("list.empty") })]));
    parts.count.textContent = rows.length > PAGE
      ? t("list.page", { from: gm.parts.number(first + 1), to: gm.parts.number(last), n: gm.parts.number(rows.length) })
      : t("list.rows", { n: gm.parts.number(rows.length) });
    parts.before.disabled = page === 0;
    parts.after.disabled = last >= rows.length;
    parts.pages.hidden = rows.length <= PAGE;
    parts.csv.disabled = !rows.length;
  }

  function choose(name) {
    table = gm.scene.tables[name];
    parts.select.value = name;
    refresh();
  }

  // A feature selected on the map is looked up: its table, its page, its row.
  function follow(detail) {
    const one = detail.features.find((feature) => feature.table === table) || detail.features[0];
    selected = one ? { table: one.table, row: one.row } : null;
    if (!open || !one || stale) return;
    if (one.table !== table && !flying) choose(one.table.name);
    const at = rows.indexOf(one.row);
    if (one.table === table && at >= 0 && Math.floor(at / PAGE) !== page) {
      page = Math.floor(at / PAGE);
      write();
    }
    markSelected();
    const node = parts.body.querySelector(".gm-chosen-row");
    if (node && !flying) node.scrollIntoView({ block: "nearest" });
  }

  function turn(step) {
    page += step;
    write();
    parts.scroll.scrollTop = 0;
    gm.parts.say(parts.count.textContent);
    const button = step > 0 ? parts.after : parts.before;
    (button.disabled ? (step > 0 ? parts.before : parts.after) : button).focus();
  }

  function save() {
    gm.parts.download(gm.parts.fileName(gm.parts.both(table.title), "csv"), new Blob([gm.parts.csv(table, rows)], { type: "text/csv;charset=utf-8" }));
    gm.parts.say(t("list.saved", { n: gm.parts.number(rows.length) }));
  }

  function build(box) {
    parts.box = box;
    parts.select = el("select", { on: { change: (event) => choose(event.target.value) } });
    parts.view = el("input", { type: "checkbox", checked: true, on: { change: () => refresh() } });
    parts.count = el("span", { class: "gm-figures gm-list-count" });
    const plain = (work) => el("button", { type: "button", class: "gm-plain", on: { click: work } });
    parts.before = plain(() => turn(-1));
    parts.after = plain(() => turn(1));
    parts.pages = el("span", { class: "gm-pages" }, [parts.before, parts.after]);
    parts.csv = plain(save);
    parts.csv.classList.add("gm-csv");
    parts.caption = el("caption", { class: "gm-unseen" });
    parts.head = el("thead", {});
    parts.body = el("tbody", {});
    const which = el("span", {});
    const view = el("span", {});
    parts.scroll = el("div", { class: "gm-list-scroll", tabindex: "0", role: "region" }, [el("table", { class: "gm-list" }, [parts.caption, parts.head, parts.body])]);
    box.appendChild(el("div", { class: "gm-list-bar" }, [el("label", {}, [which, parts.select]), el("label", {}, [parts.view, view]), parts.count, parts.pages, parts.csv]));
    box.appendChild(parts.scroll);
    const all = shownTables();
    table = all.find((one) => one.name === "household") || all[0];
    gm.parts.worded(() => {
      which.textContent = t("list.table");
      view.textContent = t("list.inview");
      parts.before.textContent = t("list.before");
      parts.after.textContent = t("list.after");
      parts.csv.textContent = t("list.csv");
      parts.scroll.setAttribute("aria-label", t("dock.table"));
      gm.parts.empty(parts.select);
      all.forEach((one) => parts.select.appendChild(el("option", { value: one.name, text: gm.parts.both(one.title) })));
      parts.select.value = table.name;
      if (open && !stale) write();
    });
  }

  gm.parts.plug(80, (map) => {
    if (!shownTables().length) return;
    gm.parts.dock({ name: "table", order: 20, build: build, opened: (now) => {
      open = now;
      if (open && stale) refresh();
    } });
    map.on("moveend", () => {
      const own = flying;
      flying = false;
      if (!own && inView()) refresh(true);
    });
    gm.parts.on("filter", () => refresh());
    gm.parts.on("select", follow);
  });
})(window.gridmap);

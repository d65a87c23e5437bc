// On paper: the sheet has a fixed size in millimetres, so the map is laid out for it before it prints.
(function (gm) {
  "use strict";
  const MARGIN = 8; // millimetres, on every side
  const SIZES = { A4: [297, 210], A3: [420, 297] };
  const SMALLEST = 0.6; // a legend is set smaller until it fits, but not below this
  const el = gm.parts.el;
  const t = (key) => gm.parts.t(key);
  const paper = { size: "A4", turn: "landscape" };
  let before = null;

  // The page's own rule for paper is written anew: a sheet printed from the menu has the size chosen here.
  function pageRule(text) {
    Array.from(document.styleSheets).forEach((sheet) => {
      for (let at = 0; at < sheet.cssRules.length; at += 1) {
        if (sheet.cssRules[at].type !== CSSRule.PAGE_RULE) continue;
        sheet.deleteRule(at);
        sheet.insertRule(text, at);
      }
    });
  }

  gm.parts.paper = () => Object.assign({}, paper);
  gm.parts.setPaper = function (size, turn) {
    paper.size = SIZES[size] ? size : "A4";
    paper.turn = turn === "portrait" ? turn : "landscape";
    const sides = SIZES[paper.size].slice();
    if (paper.turn === "portrait") sides.reverse();
    const app = document.getElementById("gm-app");
    app.style.setProperty("--sheet-w", sides[0] - 2 * MARGIN + "mm");
    // A little less than the sheet: a rounded millimetre more would be a second, empty page.
    app.style.setProperty("--sheet-h", sides[1] - 2 * MARGIN - 2 + "mm");
    document.documentElement.dataset.paper = paper.size + "-" + paper.turn;
    pageRule("@page { size: " + paper.size + " " + paper.turn + "; margin: " + MARGIN + "mm; }");
  };

  // Nothing of the legend may be cut: it is set in a smaller type until all of it is on the sheet.
  function fitLegend() {
    const app = document.getElementById("gm-app");
    const cards = document.getElementById("gm-cards");
    for (let scale = 1; scale >= SMALLEST; scale -= 0.05) {
      app.style.setProperty("--legend", scale.toFixed(2));
      if (cards.scrollHeight <= cards.clientHeight + 1 && cards.scrollWidth <= cards.clientWidth + 1) return;
    }
  }

  // The day on which the sheet leaves the printer, by the clock of whoever prints it.
  function today() {
    const now = new Date();
    return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((one) => String(one).padStart(2, "0")).join("-");
  }

  function enter() {
    if (before) return;
    before = { centre: gm.map.getCenter(), zoom: gm.map.getZoom(), bounds: gm.map.getBounds(), snap: gm.map.options.zoomSnap };
    gm.parts.printing = true;
    document.documentElement.classList.add("gm-printing");
    gm.parts.applyTheme();
    document.getElementById("gm-footer").appendChild(el("span", { id: "gm-printed" }, [el("b", { text: t("printed") + " " }), gm.parts.value(today())]));
    fitLegend();
    gm.map.invalidateSize({ animate: false, pan: false });
    gm.map.options.zoomSnap = 0; // the sheet is filled: paper does not care for round zooms
    // Who sees the whole area on the screen gets the whole area on the sheet, whatever the screen's shape was.
    const whole = gm.parts.wholeArea();
    gm.map.fitBounds(before.bounds.contains(whole) ? whole : before.bounds, { animate: false });
    gm.parts.redraw(true);
    gm.parts.tell("paper", true);
  }

  function leave() {
    if (!before) return;
    gm.parts.printing = false;
    document.documentElement.classList.remove("gm-printing");
    gm.parts.applyTheme();
    document.getElementById("gm-printed").remove();
    gm.map.invalidateSize({ animate: false, pan: false });
    gm.map.options.zoomSnap = before.snap;
    gm.map.setView(before.centre, before.zoom, { animate: false });
    before = null;
    gm.parts.redraw(true);
    gm.parts.tell("paper", false);
  }

  // A choice of two, as radio buttons under one heading.
  function choice(name, values, read, write) {
    const set = el("fieldset", {}, [el("legend", { text: t("paper." + name) })]);
    values.forEach((value) => {
      const input = el("input", { type: "radio", name: "gm-paper-" + name, value: value, checked: read() === value, on: { change: () => write(value) } });
      set.appendChild(el("label", {}, [input, el("span", { text: t("paper." + value) })]));
    });
    return set;
  }

  function write(box) {
    gm.parts.empty(box);
    box.setAttribute("aria-label", t("print"));
    box.appendChild(el("h2", { text: t("print") }));
    box.appendChild(choice("size", ["A4", "A3"], () => paper.size, (value) => gm.parts.setPaper(value, paper.turn)));
    box.appendChild(choice("turn", ["landscape", "portrait"], () => paper.turn, (value) => gm.parts.setPaper(paper.size, value)));
    box.appendChild(el("p", { class: "gm-hint", text: t("paper.hint") }));
    box.appendChild(el("div", { class: "gm-buttons" }, [
      el("button", { type: "button", text: t("cancel"), on: { click: () => box.close() } }),
      el("button", { type: "button", id: "gm-print-now", class: "gm-primary", text: t("print"), on: { click: () => {
        box.close();
        window.print();
      } } }),
    ]));
  }

  gm.parts.printNow = () => document.getElementById("gm-print-box").showModal();
  gm.parts.print = function () {
    const box = document.getElementById("gm-app").appendChild(el("dialog", { id: "gm-print-box" }));
    gm.parts.worded(() => write(box));
    gm.parts.setPaper(paper.size, paper.turn);
    window.addEventListener("beforeprint", enter);
    window.addEventListener("afterprint", leave);
  };
})(window.gridmap);

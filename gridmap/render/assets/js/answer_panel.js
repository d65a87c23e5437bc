// The answer in words: on each of the three layers the keeper, how far, why, whom to call; or why nobody.
(function (gm) {
  "use strict";
  const LAYERS = ["line", "area", "point"];
  const TARGETS = { line: "sections", area: "patrol_zone", point: "household" };
  // Words of the rules that say of a place what they say of a feature.
  const WORDS = { line: ["within_belt", "support"], area: ["containing_zone", "lead"], point: ["nearest_stronghold", "lead"] };
  const FIRST = "\u2068"; // an isolate around a value inside a sentence: its direction stays its own
  const LAST = "\u2069";
  const WINDS = 8;
  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  const value = (text, className) => gm.parts.value(text, className);

  // A name with its id behind it; an id that was made for this audience says nothing, and stays away.
  function named(tableName, id) {
    const name = gm.parts.calledById(tableName, id);
    if (name === null) return t("held.elsewhere");
    return name === id || !gm.scene.statement.keeps_ids ? name : name + " (" + id + ")";
  }

  // The same as elements: the name, and the id small behind it.
  function target(tableName, id) {
    const name = gm.parts.calledById(tableName, id);
    const nodes = [el("span", { class: "gm-kind", text: t("one." + tableName) })];
    nodes.push(name === null ? el("span", { text: t("held.elsewhere") }) : value(name, "gm-target-name"));
    if (name !== null && name !== id && gm.scene.statement.keeps_ids) nodes.push(value(id, "gm-id"));
    return el("p", { class: "gm-target" }, nodes);
  }

  function unitName(id) {
    if (id === null || id === undefined) return t("none.unit");
    return gm.parts.calledById("unit", id) || t("unit.other");
  }

  function contactOf(id) {
    const table = gm.scene.tables.unit;
    const row = id !== null && id !== undefined && table ? table.rowOf(id) : -1;
    const said = row >= 0 ? table.get(row, "contact") : null;
    if (said === null || said === undefined || said === "") return null;
    return el("p", { class: "gm-duty" }, [el("span", { text: t("answer.contact"), class: "gm-duty-word" }), value(said)]);
  }

  // The rule's own words in the page's language; the stored reason where a rule has none.
  function reason(one, id) {
    const words = gm.scene.reasons[one.rule];
    const own = one.kind === one.table && one.target === id;
    const text = words && (words[own ? "self" : one.role] || words.lead || words.support);
    if (one.reason || !text) return one.reason || one.rule || "";
    const metres = one.metres === null ? "?" : gm.parts.number(one.metres);
    return gm.parts.fill(gm.parts.both(text), { target: FIRST + named(one.table, one.target) + LAST, metres: metres });
  }

  // --- figures -----------------------------------------------------------------------------------------
  function wind(bearing) {
    const names = t("compass").split(" ");
    return names[Math.round((bearing / 360) * WINDS) % WINDS];
  }

  function arrow(bearing) {
    const root = gm.parts.svg("svg", { class: "gm-arrow", width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" });
    root.appendChild(gm.parts.svg("path", { d: "M0-7L4.5 6 0 3.2-4.5 6z", fill: "currentColor", transform: "rotate(" + bearing.toFixed(1) + ")" }));
    return root;
  }

  function away(one) {
    if (!one.metres) return el("span", { class: "gm-far", text: t("answer.here") });
    const text = t("answer.away", { m: gm.parts.metres(one.metres), wind: wind(one.bearing) });
    return el("span", { class: "gm-far" }, [arrow(one.bearing), el("span", { text: text })]);
  }

  function border(answer) {
    const far = answer.border.metres ? t("answer.border", { m: gm.parts.metres(answer.border.metres) }) : t("answer.onborder");
    return el("span", { class: "gm-far" }, [el("span", { text: far }), el("b", { class: "gm-post", text: gm.parts.chainage(answer.border.chainage) })]);
  }

  // How far it is: what a planner looks for first, beside the layer's name.
  function figure(layer, answer) {
    if (!answer || !answer.inside) return null;
    if (layer === "line") return answer.border ? border(answer) : null;
    return layer === "point" && answer.point ? away(answer.point) : null;
  }

  // --- one layer ---------------------------------------------------------------------------------------
  // A stored assignment of the feature that is shown.
  function keeper(one, id) {
    const unit = el("p", { class: "gm-keeper" }, [value(unitName(one.unit), "gm-unit")]);
    if (one.role) unit.appendChild(el("span", { class: "gm-role gm-role-" + (one.role === "lead" ? "lead" : "support"), text: gm.parts.has("role." + one.role) ? t("role." + one.role) : one.role }));
    return el("div", {}, [unit, target(one.table, one.target), el("p", { class: "gm-reason", text: reason(one, id) }), contactOf(one.unit)]);
  }

  // A keeper without a unit; of a view that lacks the column, or others' rows, nothing is claimed.
  gm.parts.noUnit = function (layer) {
    const table = gm.scene.tables[TARGETS[layer]];
    return t(gm.scene.layers[layer] === "whole" && table && table.by.unit ? "none.unit" : "held.elsewhere");
  };

  // Who answers at a place.
  function answering(layer, one) {
    const [rule, role] = WORDS[layer];
    const words = (gm.scene.reasons[rule] || {})[role];
    const metres = gm.parts.number(one.metres || 0);
    const why = words && gm.parts.fill(gm.parts.both(words), { target: FIRST + named(TARGETS[layer], one.id) + LAST, metres: metres });
    const box = el("div", {}, [
      el("p", { class: "gm-keeper" }, [value(one.unit ? unitName(one.unit.id) : gm.parts.noUnit(layer), "gm-unit")]),
      target(TARGETS[layer], one.id), why ? el("p", { class: "gm-reason", text: why }) : null, contactOf(one.unit && one.unit.id),
    ]);
    if (one.also.length) {
      const names = one.also.map((other) => FIRST + named(TARGETS[layer], other.id) + " · " + unitName(other.unit && other.unit.id) + LAST).join(", ");
      box.appendChild(el("p", { class: "gm-clash", text: t("answer.also", { names: names }) }));
    }
    return box;
  }

  // How a layer of which the view holds less is spoken of: never as a gap.
  function less(layer) {
    const held = gm.scene.answering.held[layer];
    return t(held === "targets" || held === "whole" ? "held.here" : "held." + held);
  }

  function why(note) {
    const values = Object.assign({}, note.values);
    if (note.key === "gap") values.chainage = gm.parts.chainage(Number(String(values.chainage).replace(/,/g, "")));
    if (note.key === "reach") values.name = FIRST + named("household", values.name) + LAST;
    return t("note." + note.key, values);
  }

  // Nobody, and why; or that the view does not say.
  function nobody(layer, answer) {
    const note = answer && answer.notes.find((one) => one.layer === layer && one.key !== "unseen-nearer");
    const whole = gm.scene.answering.held[layer] === "whole";
    if (!note && gm.scene.answering.ruled.indexOf(layer) < 0) return el("p", { class: "gm-reason", text: t("note.unruled", { layer: t("group." + layer) }) });
    if (!note || note.key === "unseen-layer" || (note.key === "unseen-border" && !whole)) {
      const said = whole ? el("p", { class: layer === "line" ? "gm-reason" : "gm-nobody", text: t(layer === "line" ? "who.belt" : "who.none") }) : null;
      return said || el("p", { class: "gm-reason", text: less(layer) });
    }
    const gap = ["gap", "zone", "reach", "stronghold"].indexOf(note.key) >= 0;
    const head = gap ? el("p", { class: "gm-nobody", text: t("answer.nobody") }) : note.key === "belt" ? el("p", { class: "gm-beyond", text: t("answer.beyond") }) : null;
    return el("div", {}, [head, el("p", { class: "gm-reason", text: why(note) })]);
  }

  // The three layers of a place or a feature: its own assignments where it has any, else who answers there.
  function blocks(answer, rows, id, every) {
    const box = el("section", { class: "gm-who" });
    LAYERS.forEach((layer) => {
      const own = rows.filter((one) => one.layer === layer);
      if (!own.length && !answer && !every) return;
      const part = el("div", { class: "gm-layer gm-layer-" + layer }, [
        el("div", { class: "gm-layer-head" }, [el("h4", { text: t("group." + layer) }), figure(layer, answer)]),
      ]);
      own.forEach((one) => part.appendChild(keeper(one, id)));
      if (!own.length) part.appendChild(answer && answer[layer] ? answering(layer, answer[layer]) : nobody(layer, answer));
      const doubt = answer && answer.notes.find((one) => one.layer === layer && one.key === "unseen-nearer");
      if (doubt && !own.length) part.appendChild(el("p", { class: "gm-reason", text: why(doubt) }));
      box.appendChild(part);
    });
    return box;
  }

  function outside(answer) {
    return el("section", { class: "gm-who" }, [el("p", { class: "gm-outside", text: t("answer.outside") })].concat(
      answer.border ? [el("p", { class: "gm-reason" }, [border(answer)])] : []
    ));
  }

  // Notes that are about the place as a whole.
  function remarks(answer) {
    return answer.notes.filter((one) => one.layer === null && one.key !== "outside").map((one) => el("p", { class: "gm-hint", text: why(one) }));
  }

  // The other strongholds near, nearest first: a home has somebody else to turn to.
  function near(answer, go) {
    if (!answer || !answer.near.length) return null;
    const list = el("ol", { class: "gm-near" });
    answer.near.forEach((one) => {
      const button = el("button", { type: "button", on: { click: () => go(one.table, one.row) } }, [
        value(gm.parts.called(one.table, one.row), "gm-target-name"), away(one),
        el("span", { class: "gm-kind" }, [
          value(one.unit ? unitName(one.unit.id) : gm.parts.noUnit("point")),
          one.metres > gm.scene.answering.reach_m ? el("span", { text: " · " + t("answer.far") }) : null,
        ]),
      ]);
      list.appendChild(el("li", {}, [button]));
    });
    return el("section", { class: "gm-nearby" }, [el("h4", { text: t(answer.point ? "answer.near" : "answer.nearest") }), list]);
  }

  // One sentence, for who hears the page.
  function spoken(answer) {
    if (!answer.inside) return t("answer.outside");
    const words = {};
    LAYERS.forEach((layer) => {
      const one = answer[layer];
      words[layer] = one ? (one.unit ? unitName(one.unit.id) : named(TARGETS[layer], one.id)) : nobody(layer, answer).textContent;
    });
    return t("answer.said", words);
  }

  gm.parts.saying = { named: named, keeper: keeper, blocks: blocks, outside: outside, remarks: remarks, near: near, spoken: spoken };
})(window.gridmap);

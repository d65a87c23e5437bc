// Finding by what is written: a coordinate, a chainage, a name, an id, a number, a code, a kind of thing.
(function (gm) {
  "use strict";
  const MOST = 20;
  const NEAR = 5; // of a kind of thing: those nearest to the middle of the map
  const COLUMNS = ["id", "name", "number", "code"];
  const ORDER = ["unit", "admin", "landmark", "outpost", "sections", "patrol_zone", "household"];
  const TURN = 4000; // texts between two looks at the clock
  const END = "\n";
  let corpora = null;
  let making = null;

  // What does not tell two names apart: case, width, blanks, dots between names, marks of direction.
  function fold(text) {
    const plain = /^[\x21-\x7e]*$/.test(text) ? text : gm.parts.folded(text).replace(/[\s·•・‧]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "");
    return plain.toLowerCase();
  }

  const rank = (table) => (ORDER.indexOf(table.name) + ORDER.length + 1) % (ORDER.length + 1);
  const searched = () => Object.keys(gm.scene.tables).map((name) => gm.scene.tables[name])
    .filter((table) => table.name !== "findings").sort((a, b) => rank(a) - rank(b));

  // One column as one long text: the browser looks through a million names of it in milliseconds.
  function* corpus(table, column) {
    const coded = column === "id" ? null : table.by[column].codes ? gm.parts.rows.coded(table, column) : null;
    const many = coded ? coded.values.length : table.rows;
    const starts = new Uint32Array(many + 1);
    const whole = [];
    let some = [];
    let length = 1;
    for (let at = 0; at < many; at += 1) {
      const value = coded ? coded.values[at] : table.get(at, column);
      const text = value === null || value === undefined ? "" : fold(String(value));
      starts[at] = length;
      length += text.length + 1;
      some.push(text);
      if (at % TURN !== TURN - 1) continue;
      // Put together bit by bit: a join of a million texts is a second without an answer.
      whole.push(some.join(END));
      some = [];
      yield;
    }
    if (some.length || !whole.length) whole.push(some.join(END));
    starts[many] = length;
    return { table: table, column: column, coded: coded, starts: starts, text: [""].concat(whole, "").join(END) };
  }

  function* index() {
    const made = [];
    for (const table of searched()) {
      for (const column of COLUMNS) {
        const own = column === "id" ? gm.scene.statement.keeps_ids && !gm.parts.derivedOf(table) && table.rows > 0 && table.id(0) !== null : Boolean(table.by[column]);
        if (own) made.push(yield* corpus(table, column));
      }
    }
    return made;
  }

  // Start to make the index ready, in turns; `done` is called when it is (now, if it is).
  gm.parts.indexNames = function (done) {
    if (corpora) {
      done();
      return;
    }
    if (!making) {
      making = [];
      gm.parts.slowly(index(), (made) => {
        corpora = made;
        making.forEach((work) => work());
      });
    }
    making.push(done);
  };

  function ready() {
    if (corpora) return corpora;
    const work = index();
    let one = work.next();
    while (!one.done) one = work.next();
    corpora = one.value;
    return corpora;
  }

  function rowsOf(one, at, limit) {
    if (!one.coded) return [at];
    const found = [];
    const codes = one.coded.codes;
    for (let row = 0; row < codes.length && found.length < limit; row += 1) if (codes[row] === at + 1) found.push(row);
    return found;
  }

  // Rows of a corpus in which a text stands; `how` is 0 for the whole value, 1 for its beginning, 2 for any place.
  function matches(one, wanted, how, limit) {
    const needle = (how < 2 ? END : "") + wanted + (how < 1 ? END : "");
    const found = [];
    let from = 0;
    while (found.length < limit) {
      const hit = one.text.indexOf(needle, from);
      if (hit < 0) break;
      let low = 0;
      let high = one.starts.length - 2;
      const place = hit + (how < 2 ? 1 : 0);
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (one.starts[middle] <= place) low = middle;
        else high = middle - 1;
      }
      rowsOf(one, low, limit - found.length).forEach((row) => found.push(row));
      from = one.starts[low + 1] - 1;
    }
    return found;
  }

  const round = (value) => Math.round(value * 1e6) / 1e6;

  // A unit stands where its sections, zones, posts or strongholds are: the middle of them.
  function unitBox(id) {
    for (const name of ["sections", "patrol_zone", "outpost", "household"]) {
      const table = gm.scene.tables[name];
      const column = table && gm.parts.rows.coded(table, "unit");
      const code = column ? column.values.indexOf(id) + 1 : 0;
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (let row = 0; code && row < table.rows; row += 1) {
        const one = column.codes[row] === code ? gm.parts.rowBox(table, row) : null;
        if (one) [0, 1, 2, 3].forEach((at) => {
          box[at] = at < 2 ? Math.min(box[at], one[at]) : Math.max(box[at], one[at]);
        });
      }
      if (box[0] <= box[2]) return box;
    }
    return null;
  }

  function item(table, row, why) {
    const at = table.lon || table.shapes ? gm.parts.rowPlace(table, row) : null;
    const box = table.name === "unit" ? unitBox(table.id(row)) : null;
    const id = gm.scene.statement.keeps_ids ? table.id(row) : null;
    const name = gm.parts.called(table, row);
    return {
      kind: table.name, id: id, name: name === null ? gm.parts.both(table.title) : String(name), why: why, table: table, row: row, box: box,
      lon: at ? round(at.lon) : box ? round((box[0] + box[2]) / 2) : null, lat: at ? round(at.lat) : box ? round((box[1] + box[3]) / 2) : null,
    };
  }

  function places(text) {
    const made = gm.parts.written(text);
    if (!made) return [];
    if (made.kind === "lonlat") {
      return [{ kind: "place", id: null, name: gm.parts.lonlat(made.lon, made.lat), why: "coordinate", lon: made.lon, lat: made.lat }];
    }
    const border = gm.parts.geo && gm.parts.geo.border;
    const at = border && made.metres <= border.length ? border.place(made.metres) : null;
    return at ? [{ kind: "border", id: null, name: gm.parts.chainage(made.metres), why: "chainage", lon: round(at.lon), lat: round(at.lat) }] : [];
  }

  // A title in every language of the page.
  const titles = (title) => [title.en, title.zh].concat(gm.parts.languages().map((one) => (title.key && gm.scene.messages[one][title.key]) || "")).filter((one) => one).map(fold);

  // Of a table, or of one case of a drawing of it, the rows nearest to the middle of the map.
  function nearest(table, passes) {
    const centre = gm.map.getCenter();
    const squeeze = Math.cos((centre.lat * Math.PI) / 180);
    const best = [];
    for (let row = 0; row < table.rows; row += 1) {
      if (!passes(row)) continue;
      const box = table.shapes ? gm.parts.rowBox(table, row) : null;
      const lon = box ? (box[0] + box[2]) / 2 : table.lon && !table.shapes ? table.lon[row] : NaN;
      const lat = box ? (box[1] + box[3]) / 2 : table.lon && !table.shapes ? table.lat[row] : NaN;
      const away = Math.hypot((lon - centre.lng) * squeeze, lat - centre.lat);
      const size = away === away ? away : Infinity;
      if (best.length === NEAR && size >= best[NEAR - 1].away) continue;
      best.push({ row: row, away: size });
      best.sort((a, b) => a.away - b.away || a.row - b.row);
      best.length = Math.min(NEAR, best.length);
    }
    return best.map((one) => one.row);
  }

  function* kinds(wanted) {
    const found = [];
    const meant = (title) => wanted.length > 1 && titles(title).some((one) => one.startsWith(wanted) || (wanted.length > 2 && one.includes(wanted)));
    for (const drawing of gm.scene.drawings) {
      const table = gm.scene.tables[drawing.table];
      if (!table || !drawing.codes || drawing.group === "findings") continue;
      for (let at = 0; at < drawing.cases.length; at += 1) {
        // A title from the catalogue says what a thing is; any other is a name.
        const one = drawing.cases[at];
        if (!one.rows || !one.title.key || !meant(one.title)) continue;
        nearest(table, (row) => drawing.codes[row] === at).forEach((row) => found.push([table, row]));
        yield;
      }
    }
    for (const table of searched()) {
      if (!meant(table.title)) continue;
      nearest(table, () => true).forEach((row) => found.push([table, row]));
      yield;
    }
    return found;
  }

  // What a text may mean, the likeliest first: with the table and row where there is one. It yields after every
  // column that it went through, so that one may go on typing meanwhile.
  function* finding(text) {
    const given = String(text === undefined || text === null ? "" : text).slice(0, 200);
    const found = places(given);
    const seen = new Set();
    const add = (table, row, why) => {
      const key = table.name + " " + row;
      if (found.length >= MOST || seen.has(key)) return;
      seen.add(key);
      found.push(item(table, row, why));
    };
    const typed = /^\s*([a-z_]+)\s*[:：]\s*(.+)$/.exec(given);
    const table = typed && gm.scene.tables[typed[1]];
    const wanted = fold(table ? typed[2] : given);
    if (!wanted) return found;
    const some = [];
    for (const one of ready()) {
      if ((!table || (one.table === table && one.column === "id")) && one.text.includes(wanted)) some.push(one);
      yield;
    }
    for (let how = 0; how < 3 && found.length < MOST; how += 1) {
      for (const one of some) {
        if (found.length < MOST) matches(one, wanted, how, MOST).forEach((row) => add(one.table, row, one.column));
        yield;
      }
      // Whole values, then kinds of things, then parts of values: "well" means wells before a name with it.
      if (how === 0 && !table) (yield* kinds(wanted)).forEach((one) => add(one[0], one[1], "kind"));
    }
    return found;
  }
  gm.parts.finding = finding;

  gm.parts.find = function (text) {
    const work = finding(text);
    let one = work.next();
    while (!one.done) one = work.next();
    return one.value;
  };

  // The same as plain data: {kind, id, name, lon, lat, why}.
  gm.search = (text) => gm.parts.find(text).map((one) => ({ kind: one.kind, id: one.id, name: one.name, lon: one.lon, lat: one.lat, why: one.why }));
})(window.gridmap);

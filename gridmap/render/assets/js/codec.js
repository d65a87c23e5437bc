// Packed integers and texts to typed arrays (written by gridmap/render/codec.py and packed_texts.py).
(function (gm) {
  "use strict";
  const BLOCK = 32;
  const MOST = 2147483647;

  gm.parts.bytes = function (text) {
    const raw = window.atob(text);
    const out = new Uint8Array(raw.length);
    for (let at = 0; at < raw.length; at += 1) out[at] = raw.charCodeAt(at);
    return out;
  };

  // The smallest array that holds them all.
  function room(packed) {
    if (packed.low < -MOST || packed.high > MOST) return Float64Array;
    if (packed.low < 0 || packed.high > 65535) return Int32Array;
    return packed.high > 255 ? Uint16Array : Uint8Array;
  }

  // `width` bits at bit `at` of the words; a value may lie across two of them.
  function bits(words, at, width) {
    const word = at >>> 5;
    const shift = at & 31;
    let value = words[word] >>> shift;
    if (shift + width > 32) value |= words[word + 1] << (32 - shift);
    return width === 32 ? value >>> 0 : value & ((1 << width) - 1);
  }

  // One block into `out` from row `begin` on. The loop that everything waits for: no calls in it.
  function block(out, begin, end, words, first, width, reference) {
    if (width === 0) {
      out.fill(reference, begin, end);
      return;
    }
    if (width === 32) {
      for (let row = begin; row < end; row += 1) out[row] = reference + words[first + row - begin];
      return;
    }
    const mask = (1 << width) - 1;
    for (let row = begin, at = 0; row < end; row += 1, at += width) {
      const word = first + (at >>> 5);
      const shift = at & 31;
      let value = words[word] >>> shift;
      if (shift + width > 32) value |= words[word + 1] << (32 - shift);
      out[row] = reference + (value & mask);
    }
  }

  // Integers as the smallest typed array that holds them.
  gm.parts.ints = function (packed) {
    const size = packed.size;
    const Kind = room(packed);
    const out = new Kind(size);
    if (!packed.data) return packed.low === 0 ? out : out.fill(packed.low);
    const raw = gm.parts.bytes(packed.data);
    const blocks = Math.ceil(size / BLOCK);
    const head = ((blocks + 4) >> 2) << 2;
    const body = new Uint8Array(raw.length - head + 8);
    body.set(raw.subarray(head));
    // Browsers run on machines that count from the lowest byte, as the file does.
    const words = new Uint32Array(body.buffer, 0, body.length >> 2);
    const wide = raw[0];
    const steps = packed.steps;
    // Sums of steps leave the small arrays on the way: they are made in wide ones.
    const values = steps === null ? out : new Int32Array(size);
    const low = steps === null ? packed.low : steps;
    let first = Math.ceil((blocks * wide) / 32);
    for (let at = 0; at < blocks; at += 1) {
      const width = raw[at + 1];
      const begin = at * BLOCK;
      const reference = low + (wide ? bits(words, at * wide, wide) : 0);
      block(values, begin, Math.min(size, begin + BLOCK), words, first, width, reference);
      first += width;
    }
    if (steps === null) return out;
    let value = packed.low;
    for (let row = 0; row < size; row += 1) {
      value += values[row];
      out[row] = value;
    }
    return out;
  };

  // A property that is worked out when it is first read: what nobody asks for costs nothing.
  gm.parts.lazy = function (object, name, make) {
    Object.defineProperty(object, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        const value = make();
        Object.defineProperty(object, name, { value: value, writable: true, configurable: true, enumerable: true });
        return value;
      },
    });
    return object;
  };

  // From row numbers to a mask; null if there are none.
  function marked(packed, rows) {
    if (!packed) return null;
    const out = new Uint8Array(rows);
    gm.parts.ints(packed).forEach((row) => (out[row] = 1));
    return out;
  }

  function pattern(data, missing) {
    const start = data.values[0];
    const numbers = gm.parts.ints(data.codes);
    const get = (row) => (missing && missing[row] ? null : start + String(numbers[row]).padStart(data.digits, "0"));
    let rows = null;
    const find = function (text) {
      if (typeof text !== "string" || !text.startsWith(start)) return -1;
      if (!rows) rows = inverse(numbers, data.codes);
      const row = rows(Number(text.slice(start.length)));
      return row >= 0 && get(row) === text ? row : -1;
    };
    return { get: get, find: find };
  }

  // From a number to its row: by place where they lie close together, else by a sorted copy.
  function inverse(numbers, packed) {
    const span = packed.high - packed.low + 1;
    if (span <= numbers.length * 8 + 1024) {
      const rows = new Int32Array(span).fill(-1);
      for (let row = numbers.length - 1; row >= 0; row -= 1) rows[numbers[row] - packed.low] = row;
      return (number) => {
        const row = rows[number - packed.low];
        return row === undefined ? -1 : row;
      };
    }
    const rows = new Map();
    for (let row = numbers.length - 1; row >= 0; row -= 1) rows.set(numbers[row], row);
    return (number) => (rows.has(number) ? rows.get(number) : -1);
  }

  // Texts letter by letter; a text is found by a hash of its codes, without any text being built.
  function letters(data, missing) {
    const alphabets = data.values.map((one) => Array.from(one));
    const places = data.letters.map(gm.parts.ints);
    const rows = places[0].length;
    const get = function (row) {
      if (missing && missing[row]) return null;
      let text = "";
      for (let at = 0; at < places.length && places[at][row]; at += 1) text += alphabets[at][places[at][row] - 1];
      return text;
    };
    let size = 1024;
    while (size < rows) size *= 2;
    let heads = null;
    const next = new Int32Array(rows);
    const hash = (codeAt) => {
      let sum = 17;
      for (let at = 0; at < places.length; at += 1) sum = Math.imul(sum ^ codeAt(at), 16777619) ^ (sum >>> 13);
      return (sum ^ (sum >>> 16)) & (size - 1);
    };
    const index = function () {
      heads = new Int32Array(size).fill(-1);
      for (let row = rows - 1; row >= 0; row -= 1) {
        const at = hash((place) => places[place][row]);
        next[row] = heads[at];
        heads[at] = row;
      }
    };
    const find = function (text) {
      if (typeof text !== "string") return -1;
      const signs = Array.from(text);
      if (signs.length > places.length) return -1;
      const codes = places.map((_, at) => (at < signs.length ? alphabets[at].indexOf(signs[at]) + 1 : 0));
      if (codes.some((code, at) => !code && at < signs.length)) return -1;
      if (!heads) index();
      for (let row = heads[hash((at) => codes[at])]; row >= 0; row = next[row]) if (get(row) === text) return row;
      return -1;
    };
    return { get: get, find: find };
  }

  function list(values) {
    let rows = null;
    const find = function (text) {
      if (!rows) {
        rows = new Map();
        for (let row = values.length - 1; row >= 0; row -= 1) rows.set(values[row], row);
      }
      return rows.has(text) ? rows.get(text) : -1;
    };
    return { get: (row) => (row < values.length ? values[row] : null), find: find };
  }

  function numbers(data, missing) {
    const whole = gm.parts.ints(data.codes);
    const unit = Math.pow(10, data.digits);
    const get = (row) => (missing && missing[row] ? null : whole[row] / unit);
    return { get: get };
  }

  function coded(data) {
    const codes = gm.parts.ints(data.codes);
    return { get: (row) => (codes[row] ? data.values[codes[row] - 1] : null), codes: codes };
  }

  // A column: get(row); find(text) -> the row of a unique text, -1 if there is none. One with few distinct values
  // (`form` "codes") has them in `values`, and codes() -> for every row 1 and more for those, 0 for none.
  gm.parts.column = function (data, rows) {
    const out = { name: data.name, title: data.title, type: data.type, form: data.form, values: data.form === "codes" || data.form === "list" ? data.values : [] };
    gm.parts.lazy(out, "read", () => {
      const missing = marked(data.missing, rows);
      if (data.form === "codes") return coded(data);
      if (data.form === "pattern") return pattern(data, missing);
      if (data.form === "letters") return letters(data, missing);
      return data.form === "numbers" ? numbers(data, missing) : list(data.values);
    });
    out.get = (row) => out.read.get(row);
    out.find = (value) => out.read.find(value);
    if (data.form === "codes") out.codes = () => out.read.codes;
    return out;
  };
})(window.gridmap);

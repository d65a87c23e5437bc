// What a person writes for a place: gridmap/geo/places.py and angles.py, in the page.
(function (gm) {
  "use strict";
  const LONGEST = 200;
  const MOST_CUTS = 40;
  const MOST_LON = 180;
  const MOST_LAT = 90;
  const HEMISPHERES = {
    N: [1, "lat"], S: [-1, "lat"], E: [1, "lon"], W: [-1, "lon"],
    "北纬": [1, "lat"], "南纬": [-1, "lat"], "东经": [1, "lon"], "西经": [-1, "lon"],
  };
  const WORDS = Object.keys(HEMISPHERES).join("|");
  const MARKS = { "º": "°", "˚": "°", "´": "'", "`": "'", "‘": "'", "’": "'", "“": '"', "”": '"', "−": "-" };
  const HEAD = new RegExp("^(" + WORDS + ")\\s*[:：]?\\s*", "i");
  const TAIL = new RegExp("\\s*(" + WORDS + ")$", "i");
  const CUTS = new RegExp("\\s|(?<=[NSEW\"″秒'′分°度])|(?=(?:" + WORDS + "))", "g");
  const DEGREES = "(?<deg>\\d{1,3})";
  const WHOLE = "(?<min>\\d{1,2})";
  const MINUTES = "(?<min>\\d{1,2}(?:\\.\\d+)?)";
  const SECONDS = "(?<sec>\\d{1,2}(?:\\.\\d+)?)";
  const BODIES = [
    "(?<deg>\\d{1,3}(?:\\.\\d+)?)\\s*[°度d]?",
    DEGREES + "\\s*[°度d]\\s*" + MINUTES + "\\s*['′分]?",
    DEGREES + "\\s*[°度d]\\s*" + WHOLE + "\\s*['′分]\\s*" + SECONDS + "\\s*(?:\"|''|′′|″|秒)?",
    DEGREES + "(?:\\s+|\\s*:\\s*)" + MINUTES,
    DEGREES + "(?:\\s+|\\s*:\\s*)" + WHOLE + "(?:\\s+|\\s*:\\s*)" + SECONDS,
    DEGREES + "\\." + WHOLE + "\\." + SECONDS,
    DEGREES + "-" + WHOLE + "-" + SECONDS,
  ].map((body) => new RegExp("^(?<sign>[+-]?)\\s*" + body + "$", "i"));
  const BETWEEN = /\s*[,;、/|]\s*/g;
  const NUMBER = "[+-]?\\d+(?:\\.\\d+)?";
  const PAIR = new RegExp("^(" + NUMBER + ")\\s*°?\\s*[,;\\s]\\s*(" + NUMBER + ")\\s*°?$");
  const CHAINAGE = /^(?:K\s*(\d+)|(?:K\s*)?(\d+)\s*\+\s*(\d+(?:\.\d+)?)\s*m?)$/i;
  const METRES = /^(\d+(?:\.\d+)?)\s*(m|米|km|公里)$/i;

  // Plain digits, marks and single blanks, whatever keyboard it came from.
  function folded(text) {
    const marks = (one) => one.replace(/[º˚´`‘’“”−]/g, (mark) => MARKS[mark]);
    return marks(marks(text).normalize("NFKC")).replace(/\s+/g, " ").trim();
  }

  function value(parts) {
    const minutes = Number(parts.min || 0);
    const seconds = Number(parts.sec || 0);
    if (minutes >= 60 || seconds >= 60) return null;
    // One division, of a number that is mostly whole.
    const degrees = (Number(parts.deg) * 3600 + minutes * 60 + seconds) / 3600;
    return parts.sign === "-" ? -degrees : degrees;
  }

  function angle(text) {
    let rest = text.trim();
    let side = null;
    const head = HEAD.exec(rest);
    const tail = head ? null : TAIL.exec(rest);
    if (head || tail) {
      side = HEMISPHERES[(head || tail)[1].toUpperCase()];
      rest = head ? rest.slice(head[0].length) : rest.slice(0, tail.index);
    }
    for (const body of BODIES) {
      const match = body.exec(rest.trim());
      if (!match) continue;
      const degrees = value(match.groups);
      if (degrees === null || (side && match.groups.sign)) return null;
      return { degrees: (side ? side[0] : 1) * degrees, axis: side ? side[1] : null };
    }
    return null;
  }

  function both(one, other) {
    const first = angle(one);
    const second = first && angle(other);
    return second ? [first, second] : null;
  }

  // Two angles in one text, in the order in which they are written.
  function pair(plain) {
    const whole = plain.replace(/^[()[\] ]+|[()[\] ]+$/g, "");
    for (const split of Array.from(whole.matchAll(BETWEEN)).slice(0, MOST_CUTS)) {
      const made = both(whole.slice(0, split.index), whole.slice(split.index + split[0].length));
      if (made) return made;
    }
    // Without a mark between them, the one cut that makes two angles; more than one is no answer.
    const cuts = Array.from(new Set(Array.from(whole.matchAll(CUTS), (one) => one.index))).filter((one) => one > 0 && one < whole.length);
    if (cuts.length > MOST_CUTS) return null;
    const found = new Map();
    cuts.forEach((cut) => {
      const made = both(whole.slice(0, cut), whole.slice(cut));
      if (made) found.set(JSON.stringify(made), made);
    });
    const list = Array.from(found.values());
    const named = list.filter((one) => one[0].axis && one[1].axis);
    const left = named.length ? named : list;
    return left.length === 1 ? left[0] : null;
  }

  function onGlobe(lon, lat) {
    return Math.abs(lon) <= MOST_LON && Math.abs(lat) <= MOST_LAT ? { kind: "lonlat", lon: lon, lat: lat } : null;
  }

  function angles(plain) {
    const made = pair(plain);
    if (!made) return null;
    const [first, second] = made;
    // Bare numbers with blanks between could be anything: the marks must be there.
    if (!first.axis && !second.axis) return /[°度]/.test(plain) ? onGlobe(first.degrees, second.degrees) : null;
    if (!first.axis || !second.axis || first.axis === second.axis) return null;
    return first.axis === "lon" ? onGlobe(first.degrees, second.degrees) : onGlobe(second.degrees, first.degrees);
  }

  function chainage(plain) {
    const metres = METRES.exec(plain);
    if (metres) return { kind: "chainage", metres: Number(metres[1]) * (/^(m|米)$/i.test(metres[2]) ? 1 : 1000) };
    const post = CHAINAGE.exec(plain);
    if (!post) return null;
    if (post[1] !== undefined) return { kind: "chainage", metres: Number(post[1]) * 1000 };
    return Number(post[3]) < 1000 ? { kind: "chainage", metres: Number(post[2]) * 1000 + Number(post[3]) } : null;
  }

  // {kind: "lonlat", lon, lat}, {kind: "chainage", metres}, or null: then it is a name, or no place at all.
  gm.parts.written = function (text) {
    const plain = text.length <= LONGEST ? folded(text) : "";
    if (!plain || plain.length > LONGEST) return null;
    const numbers = PAIR.exec(plain);
    if (numbers) return onGlobe(Number(numbers[1]), Number(numbers[2]));
    return chainage(plain) || angles(plain);
  };
  gm.parts.folded = folded;
})(window.gridmap);

// Words in the page's language, from the one catalogue, and figures as they are written.
(function (gm) {
  "use strict";
  const listeners = [];
  let language = "zh";

  function fill(text, values) {
    return text.replace(/\{([a-z]+)\}/g, (whole, name) =>
      values && Object.prototype.hasOwnProperty.call(values, name) ? values[name] : whole
    );
  }

  gm.parts.fill = fill;

  gm.parts.t = function (key, values) {
    const words = gm.scene.messages[language];
    return fill(Object.prototype.hasOwnProperty.call(words, key) ? words[key] : key, values);
  };
  gm.parts.has = (key) => Object.prototype.hasOwnProperty.call(gm.scene.messages[language], key);
  // A text of the data has two languages; one of the catalogue's own has every language of the page.
  gm.parts.both = (text) => text[language] || (text.key && gm.scene.messages[language][text.key]) || text.en || text.zh || "";
  gm.parts.other = (text) => text[language === "zh" ? "en" : "zh"] || "";
  gm.parts.languages = () => Object.keys(gm.scene.messages);
  // Work that writes words: done now, and again whenever the language changes.
  gm.parts.worded = function (work) {
    listeners.push(work);
    work();
  };

  // What the page's words are set in, and how wide a text is in it: names on the map, the strip, a picture.
  const MOST_WIDTHS = 20000;
  const ruler = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  gm.parts.font = '"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",system-ui,sans-serif';
  gm.parts.wide = function (text, size, weight) {
    const key = weight + " " + size + " " + text;
    if (!widths.has(key)) {
      if (widths.size > MOST_WIDTHS) widths.clear();
      ruler.font = weight + " " + size + "px " + gm.parts.font;
      widths.set(key, ruler.measureText(text).width);
    }
    return widths.get(key);
  };

  function grouped(number) {
    return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ",");
  }
  gm.parts.number = grouped;
  gm.parts.metres = function (metres) {
    if (Math.abs(metres) < 1000) return gm.parts.t("length", { m: grouped(metres) });
    return gm.parts.t("length.km", { km: (metres / 1000).toFixed(metres < 100000 ? 2 : 1) });
  };
  gm.parts.chainage = function (metres) {
    const whole = Math.round(metres);
    return "K" + Math.floor(whole / 1000) + "+" + String(whole % 1000).padStart(3, "0");
  };
  gm.parts.lonlat = function (lon, lat, digits) {
    const places = digits === undefined ? 5 : digits;
    const side = (value, plus, minus) => Math.abs(value).toFixed(places) + "°" + (value < 0 ? minus : plus);
    return side(lon, "E", "W") + "  " + side(lat, "N", "S");
  };

  Object.defineProperty(gm, "language", {
    get: () => language,
    set: (wanted) => {
      if (!gm.scene || !gm.scene.messages[wanted] || wanted === language) return;
      language = wanted;
      document.documentElement.lang = wanted === "zh" ? "zh-CN" : wanted;
      listeners.forEach((work) => work());
      gm.parts.tell("language", wanted);
    },
  });
  gm.parts.speak = function (wanted) {
    language = wanted;
    document.documentElement.lang = wanted === "zh" ? "zh-CN" : wanted;
  };
})(window.gridmap);

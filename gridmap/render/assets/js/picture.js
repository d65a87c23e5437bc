// The view as a PNG: map, title, marks, legend and statement on one sheet, at twice the screen's pixels.
(function (gm) {
  "use strict";
  const el = gm.parts.el;
  const t = (key, values) => gm.parts.t(key, values);
  const SCALE = 2;
  const MOST = 16000; // pixels along a side, and their product below: beyond, browsers give up without a word
  const MOST_AREA = 1.2e8;
  const LONGEST = 80; // characters of a file's name
  const SHOWN_MS = 6000;
  // What no file system takes, and what only hides what a name says: controls, marks of direction, and the like.
  const UNSAFE = /[\\/:*?"<>|%\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]/gu;
  const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

  function clean(text) {
    const said = Array.from(String(text).normalize("NFC").replace(UNSAFE, " ").replace(/\s+/g, " ").trim()).slice(0, LONGEST).join("");
    return said.replace(/^[.\s~-]+|[.\s]+$/g, "");
  }

  // What is on the sheet and who may see it; a title may be anything, the name is always harmless.
  gm.parts.pictureName = function () {
    const said = gm.scene.statement;
    const parts = [gm.parts.both(gm.scene.title), gm.parts.both(said.audience_title) || said.audience, gm.parts.both(said.unit)].map(clean).filter((one) => one);
    const name = Array.from(parts.join(" - ")).slice(0, 2 * LONGEST).join("") || "gridmap";
    return (RESERVED.test(name) ? "_" + name : name) + ".png";
  };

  function save(blob, name) {
    const url = URL.createObjectURL(blob);
    const link = el("a", { href: url, download: name, hidden: true });
    document.body.appendChild(link);
    link.click();
    link.remove();
    // The download has its own hold on it by then.
    window.setTimeout(() => URL.revokeObjectURL(url), 60000);
  }

  let note = null;
  function tell(text) {
    gm.parts.say(text);
    if (note) note.remove();
    const mine = (note = el("p", { class: "gm-picture-note", "aria-hidden": "true" }, [gm.parts.value(text)]));
    gm.map.getContainer().appendChild(mine);
    window.setTimeout(() => mine.remove(), SHOWN_MS);
  }

  // The sheet as a canvas, and where on it the map's corner is.
  gm.parts.picture = async function () {
    const held = gm.parts.takeMap(SCALE);
    const sheet = gm.parts.sheetAround(held);
    const scale = Math.min(SCALE, MOST / sheet.width, MOST / sheet.height, Math.sqrt(MOST_AREA / (sheet.width * sheet.height)));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(sheet.width * scale);
    canvas.height = Math.round(sheet.height * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    await sheet.paint(pen);
    return { canvas: canvas, mapX: sheet.mapX * scale, mapY: sheet.mapY * scale, scale: scale };
  };

  let working = false;
  async function work() {
    if (working) return;
    working = true;
    try {
      const made = await gm.parts.picture();
      const blob = await new Promise((resolve) => made.canvas.toBlob(resolve, "image/png"));
      if (!blob) throw new Error("png");
      const name = gm.parts.pictureName();
      save(blob, name);
      tell(t("picture.done", { name: name }));
    } catch (error) {
      tell(t("picture.failed"));
    } finally {
      working = false;
    }
  }

  gm.parts.plug(70, () => gm.parts.tool({ name: "picture", order: 60, icon: "M2.5 6H6L7.5 3.5H12.5L14 6H17.5V16H2.5ZM13 11A3 3 0 1 1 7 11A3 3 0 1 1 13 11Z", work: work }));
})(window.gridmap);

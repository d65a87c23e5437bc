// Rows as CSV, as gridmap/exchange/formats/csv.py writes them, and files out of the page.
(function (gm) {
  "use strict";
  // What a spreadsheet would run, and what already looks guarded.
  const GUARDED = /^'*($|[=+\-@\t\r\n＝＋－＠])/;
  const LONGEST_NAME = 80;

  const guard = (text) => (GUARDED.test(text) ? "'" + text : text);

  function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "boolean") return value ? "true" : "false";
    const text = typeof value === "number" ? String(value) : guard(String(value));
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  // A table's rows in the given order: all columns that the page holds, and the position of points.
  gm.parts.csv = function (table, rows) {
    const columns = table.columns.map((one) => [one.name, one.get]);
    const headers = gm.scene.statement.positions;
    if (table.rows && table.id(0) !== null) columns.unshift(["id", table.id]);
    if (table.lon && !table.shapes) [[headers[0], table.lon], [headers[1], table.lat]].forEach((one) => columns.push([one[0], (row) => (one[1][row] === one[1][row] ? Number(one[1][row].toFixed(table.decimals)) : null)]));
    const lines = [columns.map((one) => cell(one[0])).join(",")];
    for (let at = 0; at < rows.length; at += 1) lines.push(columns.map((one) => cell(one[1](rows[at]))).join(","));
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  };

  // The map's title and what it is of, as a file name that every system takes.
  gm.parts.fileName = function (of, extension) {
    const text = [gm.parts.both(gm.scene.title), of].filter((one) => one).join(" ").normalize("NFC");
    const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "").replace(/[\\/:*?"<>|：？＜＞｜＊]+/g, "_").replace(/\s+/g, " ");
    // No dots at the ends (hidden, or dropped), no half of a character, none of the names of devices.
    const short = Array.from(plain).slice(0, LONGEST_NAME).join("").replace(/^[. _-]+|[. _]+$/g, "") || "gridmap";
    return (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(short) ? "_" + short : short) + "." + extension;
  };

  gm.parts.download = function (name, blob) {
    const address = URL.createObjectURL(blob);
    const link = gm.parts.el("a", { href: address, download: name });
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
})(window.gridmap);

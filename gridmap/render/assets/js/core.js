// The one namespace. Public: ready, counts(), language, mount(). Everything else is in `parts`.
(function () {
  "use strict";
  const gm = { parts: {}, map: null, scene: null };
  gm.ready = new Promise((resolve, reject) => {
    gm.parts.resolve = resolve;
    gm.parts.reject = reject;
  });

  // Build an element. Text only ever goes in as text: nothing in this page parses HTML.
  gm.parts.el = function (tag, options, children) {
    const node = document.createElement(tag);
    const given = options || {};
    Object.keys(given).forEach((key) => {
      if (key === "text") {
        node.textContent = given.text;
      } else if (key === "on") {
        Object.keys(given.on).forEach((name) => node.addEventListener(name, given.on[name]));
      } else if (key === "checked" || key === "hidden" || key === "disabled") {
        node[key] = given[key];
      } else {
        node.setAttribute(key, given[key]);
      }
    });
    (children || []).forEach((child) => child && node.appendChild(child));
    return node;
  };

  // A value of the data: isolated, so that a right-to-left mark in it turns nothing around it.
  gm.parts.value = function (text, className) {
    return gm.parts.el("bdi", { text: String(text), class: className || "gm-value" });
  };

  gm.parts.svg = function (tag, attributes) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(attributes || {}).forEach((key) => node.setAttribute(key, attributes[key]));
    return node;
  };

  gm.parts.empty = function (node) {
    while (node.firstChild) node.removeChild(node.firstChild);
    return node;
  };

  // Many things ask for a redraw at once; one is made, in the next frame.
  gm.parts.soon = function (work) {
    let waiting = false;
    return function () {
      if (waiting) return;
      waiting = true;
      window.requestAnimationFrame(() => {
        waiting = false;
        work();
      });
    };
  };

  gm.parts.fail = function (error) {
    const app = document.getElementById("gm-app");
    const said = gm.parts.t ? gm.parts.t("failed") + " " : "";
    if (app) app.appendChild(gm.parts.el("p", { class: "gm-message", text: said + error.message }));
    gm.parts.reject(error);
  };

  window.gridmap = gm;
})();

// Light and dark: as the system says, until somebody chooses. Paper is always light.
(function (gm) {
  "use strict";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = "";

  gm.parts.dark = () => !gm.parts.printing && (chosen ? chosen === "dark" : system.matches);
  gm.parts.theme = () => chosen;

  function apply() {
    document.documentElement.dataset.theme = gm.parts.dark() ? "dark" : "light";
    gm.parts.tell("theme", gm.parts.dark());
  }
  gm.parts.applyTheme = apply;
  // "light", "dark", or "" for what the system says.
  gm.parts.setTheme = function (wanted) {
    chosen = wanted;
    apply();
  };

  system.addEventListener("change", apply);
  gm.parts.plug(1, apply);
})(window.gridmap);

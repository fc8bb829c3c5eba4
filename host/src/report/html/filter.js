"use strict";
// Shows the findings that have every word of the box and a level that is on.
const form = document.querySelector(".filter");
if (form) {
  const box = form.querySelector("[type=search]");
  const output = form.querySelector("output");
  const files = [...document.querySelectorAll(".file")].map(section => ({
    section,
    findings: [...section.querySelectorAll("article")].map(article => {
      const words = ["h3", "p"].map(name => article.querySelector(name).textContent);
      // A file in the root has a slash too, so that the folder `/` finds it.
      const path = section.dataset.path.includes("/") ? section.dataset.path : "/" + section.dataset.path;
      return {article, level: article.dataset.level, text: [path, ...words].join(" ").toLowerCase()};
    }),
  }));
  const all = files.reduce((sum, file) => sum + file.findings.length, 0);
  const apply = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const levels = new Set([...form.querySelectorAll(":checked")].map(level => level.value));
    let shown = 0;
    for (const {section, findings} of files) {
      let here = 0;
      for (const {article, level, text} of findings) {
        const matches = levels.has(level) && words.every(word => word === "/" ? text.startsWith("/") : text.includes(word));
        article.hidden = !matches;
        here += matches;
      }
      section.hidden = here === 0;
      shown += here;
    }
    output.value = shown === all ? `${all} shown` : `${shown} of ${all} shown`;
  };
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      box.value = box.value === button.dataset.filter ? "" : button.dataset.filter;
      apply();
      form.scrollIntoView();
    });
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  form.hidden = false;
  apply();
}

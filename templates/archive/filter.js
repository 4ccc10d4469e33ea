"use strict";
(() => {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const box = document.getElementById("words");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const rows = Array.from(document.querySelectorAll("#items > li"), (row) => [row, plain(row.textContent)]);
  const filter = () => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [row, text] of rows) {
      const fits = words.every((word) => text.includes(word));
      row.hidden = !fits;
      count += fits;
    }
    none.hidden = count > 0;
    shown.value = `${count} / ${rows.length}`;
  };
  box.addEventListener("input", filter);
  box.form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => {
    const row = document.getElementById(location.hash.slice(1));
    if (row && row.closest("[hidden]")) {
      box.value = "";
      filter();
      row.scrollIntoView();
    }
  });
  box.form.hidden = false;
  filter();
})();

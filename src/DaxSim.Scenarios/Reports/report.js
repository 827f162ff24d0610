"use strict";
(() => {
  const explanations = JSON.parse(document.getElementById("explanations").textContent);
  const dialog = document.getElementById("why");
  const body = document.getElementById("why-body");

  const add = (parent, name, text, className) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    parent.append(element);
    return element;
  };

  const open = button => {
    const told = explanations[Number(button.dataset.x)];
    body.replaceChildren();
    add(body, "h3", told.h).id = "why-heading";
    add(body, "span", told.o, "chip " + button.parentElement.className);
    for (const paragraph of told.p) add(body, "p", paragraph);
    if (told.t.length > 0) {
      const details = add(body, "details");
      add(details, "summary", "Tests, in the kernel's order");
      const list = add(details, "ol");
      for (const test of told.t) add(list, "li", test);
    }
    add(body, "pre", told.c);
    dialog.showModal();
    dialog.scrollTop = 0;
  };

  for (const table of document.querySelectorAll("[data-heat]")) {
    const rows = [...table.tBodies[0].rows].map(row => [...row.querySelectorAll("button")]).filter(row => row.length > 0);
    if (rows.length === 0) continue;
    rows[0][0].tabIndex = 0;
    const move = (from, to) => {
      from.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
      to.scrollIntoView({ block: "nearest", inline: "nearest" });
    };
    table.addEventListener("click", event => {
      const button = event.target.closest("button");
      if (!button) return;
      table.querySelector("button[tabindex='0']").tabIndex = -1;
      button.tabIndex = 0;
      open(button);
    });
    table.addEventListener("keydown", event => {
      const button = event.target.closest("button");
      if (!button) return;
      const at = rows.findIndex(row => row.includes(button));
      const column = rows[at].indexOf(button);
      const from = Number(button.dataset.from);
      const under = row => row.reduce((best, b) => Number(b.dataset.from) <= from ? b : best, row[0]);
      const to = {
        ArrowRight: () => rows[at][column + 1],
        ArrowLeft: () => rows[at][column - 1],
        ArrowDown: () => rows[at + 1] && under(rows[at + 1]),
        ArrowUp: () => rows[at - 1] && under(rows[at - 1]),
        Home: () => rows[at][0],
        End: () => rows[at][rows[at].length - 1],
      }[event.key]?.();
      if (to) {
        event.preventDefault();
        move(button, to);
      }
    });
  }

  dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
})();

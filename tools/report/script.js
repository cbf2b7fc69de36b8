// What makes the page of a report answer: theme, runs to switch off, numbers under the pointer, tables to sort.
// Everything is there without it, too.
"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  // Theme: as the system has it, or as chosen; a browser may refuse to remember.
  const remembered = {
    get() { try { return localStorage.getItem("cce_rec-theme"); } catch { return null; } },
    set(value) { try { localStorage.setItem("cce_rec-theme", value); } catch { /* for this view only */ } },
  };
  const themeButton = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  function setTheme(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    themeButton.textContent = `Theme: ${theme}`;
    themeButton.value = theme;
  }
  themeButton.hidden = false;
  themeButton.addEventListener("click", () => {
    const next = themes[(themes.indexOf(themeButton.value) + 1) % themes.length];
    setTheme(next);
    remembered.set(next);
  });
  setTheme(themes.includes(remembered.get()) ? remembered.get() : "auto");

  // Runs: a button shows or hides its lines in all charts.
  for (const button of all(".runs button")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") === "false";
      button.setAttribute("aria-pressed", String(shown));
      for (const series of all(`.series[data-series="${button.dataset.series}"]`)) series.classList.toggle("off", !shown);
    });
  }

  // Charts: the numbers at the place that the pointer or the arrow keys choose.
  const numbers = (text) => (text ? text.split(" ").map(Number) : []);
  function axisOf(text) {
    const [begin, end, kind] = text.split(" ");
    const scale = kind === "log" ? Math.log : (value) => value;
    const [first, last] = [scale(Number(begin)), scale(Number(end))];
    return (value) => (scale(value) - first) / (last - first);
  }
  function seriesOf(svg) {
    return all(".series", svg).map((group) => {
      const y = numbers(group.dataset.y), texts = group.dataset.y.split(" ");
      const x = "x" in group.dataset ? numbers(group.dataset.x) : y.map((_, i) => i + 1);
      return { group, name: group.dataset.name, x, y, texts };
    });
  }

  function makeReadable(plot) {
    const svg = plot.querySelector("svg.chart");
    const [left, top, width, height] = numbers(svg.dataset.plane);
    const shareX = axisOf(svg.dataset.x), names = svg.dataset.names ? svg.dataset.names.split("\n") : null;
    const xTitle = svg.dataset.xTitle;
    const series = seriesOf(svg);
    const places = [...new Set(series.flatMap((one) => one.x))].sort((a, b) => a - b);
    const spread = series.some((one) => one.x.length > 1);
    let tip = null, cursor = null, chosen = -1;

    const nearest = (values, share) => {
      let best = -1, distance = Infinity;
      values.forEach((value, i) => {
        const d = Math.abs(shareX(value) - share);
        if (d < distance) [best, distance] = [i, d];
      });
      return [best, distance];
    };
    function hide() {
      tip?.remove(), cursor?.remove();
      tip = cursor = null;
      chosen = -1;
    }
    function show(index) {
      hide();
      chosen = index;
      const share = shareX(places[index]), x = left + width * share;
      cursor = document.createElementNS(svg.namespaceURI, "path");
      cursor.setAttribute("class", "cursor");
      cursor.setAttribute("d", `M${x} ${top}v${height}`);
      svg.append(cursor);
      tip = make("div", "");
      tip.className = "tip";
      tip.setAttribute("role", "status");
      tip.append(make("b", `${xTitle} ${names ? names[places[index]] : places[index]}`));
      const rows = [];
      for (const one of series) {
        if (one.group.classList.contains("off") || one.x.length === 0) continue;
        const [i, distance] = nearest(one.x, share);
        if (distance > (spread ? 0.03 : 1e-6)) continue;
        const row = make("span", "");
        row.append(make("i", one.name), make("b", one.texts[i]));
        rows.push([one.y[i], row]);
      }
      rows.sort((a, b) => b[0] - a[0]);
      tip.append(...rows.slice(0, 12).map(([, row]) => row));
      if (rows.length > 12) tip.append(make("span", `and ${rows.length - 12} more`));
      plot.append(tip);
      const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      const room = plot.clientWidth - tip.offsetWidth;
      const beside = x * scale + (share > 0.5 ? -tip.offsetWidth - 10 : 10);
      tip.style.left = `${Math.max(0, Math.min(room, beside))}px`;
      tip.style.top = `${top * scale}px`;
    }
    if (places.length === 0) return;
    plot.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
      const [index] = nearest(places, (x - left) / width);
      if (index !== chosen) show(index);
    });
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", (event) => {
      const last = places.length - 1;
      const next = { ArrowLeft: Math.max(0, chosen - 1), ArrowRight: Math.min(last, chosen + 1), Home: 0, End: last }[event.key];
      if (event.key === "Escape") hide();
      if (next === undefined) return;
      event.preventDefault();
      show(next);
    });
  }
  for (const plot of all(".plot")) makeReadable(plot);

  // Tables: by any column, numbers as numbers.
  function sortBy(table, column, header) {
    const ascending = header.getAttribute("aria-sort") === "descending";
    for (const other of all("thead th", table)) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const body = table.tBodies[0];
    const key = (row) => {
      const cell = row.cells[column], text = cell.textContent.trim().replaceAll(",", "");
      const number = "sort" in cell.dataset ? Number(cell.dataset.sort) : parseFloat(text);
      return Number.isNaN(number) ? text : number;
    };
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (typeof x === typeof y) return x < y ? -1 : x > y ? 1 : 0;
      return typeof x === "number" ? 1 : -1;
    };
    const rows = [...body.rows].sort((a, b) => (ascending ? compare(a, b) : compare(b, a)));
    body.append(...rows);
  }
  for (const table of all("table.sortable")) {
    if (table.tBodies[0].rows.length < 2) continue;
    all("thead th", table).forEach((header, column) => {
      const button = make("button", header.textContent);
      button.type = "button";
      button.addEventListener("click", () => sortBy(table, column, header));
      header.replaceChildren(button);
    });
  }
})();

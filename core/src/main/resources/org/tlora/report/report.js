fillCharts(document, JSON.parse(document.getElementById("data").textContent).charts);

/** On paper everything is open. */
addEventListener("beforeprint", () => {
  for (const d of document.querySelectorAll("details.r-fold:not([open])")) {
    d.dataset.folded = "";
    d.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const d of document.querySelectorAll("details[data-folded]")) {
    delete d.dataset.folded;
    d.open = false;
  }
});

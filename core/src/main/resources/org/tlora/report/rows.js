drawCharts(document.getElementById("charts"), JSON.parse(document.getElementById("data").textContent).charts);

"use strict";
(() => {
  const find = document.getElementById("find"), found = document.getElementById("found");
  const hosts = Array.from(document.querySelectorAll(".host"));
  find.addEventListener("input", () => {
    const word = find.value.trim().toLowerCase();
    let n = 0;
    for (const host of hosts) {
      const hit = host.textContent.toLowerCase().includes(word);
      host.classList.toggle("hidden", !hit);
      n += hit;
    }
    found.textContent = word ? n + " of " + hosts.length + " hosts" : "";
  });
  addEventListener("beforeprint", () => hosts.length <= 60 && hosts.forEach(host => { host.open = true; }));
})();

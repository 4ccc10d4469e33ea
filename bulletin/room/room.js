"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const slides = Array.from(document.querySelectorAll(".slide"));
  const parts = new Map(data.parts.map((part) => [part.place, part]));
  const clockName = "clock " + data.week;
  // A page that is loaded again in the middle of a meeting goes on counting.
  const kept = JSON.parse(sessionStorage.getItem(clockName) || '{"spent": [], "on": false}');
  const spent = new Map(kept.spent);
  const wheelName = "wheel " + data.week;
  const channel = new BroadcastChannel("bulletin " + data.week);
  const at = (id) => document.getElementById(id);
  const help = at("help");
  const decide = at("decide");
  const form = decide.querySelector("form");
  let shown = 0;
  let running = kept.on ? performance.now() / 1000 : null;
  let asleep = null;

  const place = () => slides[shown].dataset.place || "";
  const clock = (seconds) =>
    Math.floor(seconds / 60) + ":" + String(Math.floor(seconds % 60)).padStart(2, "0");
  const whole = () => Array.from(spent.values()).reduce((sum, one) => sum + one, 0);

  function tick() {
    if (running !== null) {
      const now = performance.now() / 1000;
      spent.set(place(), (spent.get(place()) || 0) + now - running);
      running = now;
    }
    sessionStorage.setItem(clockName, JSON.stringify({ spent: [...spent], on: running !== null }));
    const part = parts.get(place());
    const here = spent.get(place()) || 0;
    at("part").textContent = part ? part.name : "";
    at("clock").textContent = part ? clock(here) + " / " + part.minutes + ":00" : clock(here);
    at("whole").textContent = clock(whole()) + (data.minutes ? " / " + data.minutes + ":00" : "");
    document.body.classList.toggle("over", part !== undefined && here > part.minutes * 60);
    document.body.classList.toggle("timed-on", running !== null);
  }

  function wake() {
    document.body.classList.add("awake");
    clearTimeout(asleep);
    asleep = setTimeout(() => document.body.classList.remove("awake"), 4000);
  }

  function show(number) {
    tick();
    slides[shown].classList.remove("shown");
    shown = Math.max(0, Math.min(slides.length - 1, number));
    slides[shown].classList.add("shown");
    history.replaceState(null, "", "#" + (shown + 1));
    channel.postMessage({ place: place(), items: itemsHere() });
    tick();
  }

  function itemsHere() {
    const rows = Array.from(slides[shown].querySelectorAll("[data-item]"));
    const own = slides[shown].dataset.item;
    return (own ? [own] : []).concat(rows.map((row) => row.dataset.item));
  }

  function fit() {
    const scale = Math.min(innerWidth / 1280, innerHeight / 720);
    document.body.style.setProperty("--scale", String(scale));
  }

  function list(made) {
    at("decided").replaceChildren(
      ...made.map((one) => {
        const row = document.createElement("li");
        row.textContent = one.text + " (" + [one.owner, one.due, one.key].filter(Boolean).join(", ") + ")";
        return row;
      }),
    );
    at("filed").textContent = made.length ? data.said.filed + " " + made.length : "";
  }

  function ask() {
    const here = itemsHere();
    const others = Object.keys(data.items).filter((number) => !here.includes(number));
    const known = here.filter((number) => number in data.items).concat(others);
    const name = (number) => data.items[number][0];
    const option = (value, label) => new Option(label, value);
    at("about").replaceChildren(
      option("", data.said.nothing),
      ...known.map((number) =>
        option(name(number), name(number).split(":").slice(2).join(":") + "  " + data.items[number][1]),
      ),
    );
    at("about").value = here.length === 1 && here[0] in data.items ? name(here[0]) : "";
    at("wrong").hidden = true;
    decide.showModal();
    at("text").focus();
  }

  async function file() {
    const given = Object.fromEntries(new FormData(form));
    try {
      const answer = await fetch("/decisions", {
        method: "POST",
        body: JSON.stringify({ ...given, secret: data.secret }),
      });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.problem + "\n" + told.hint);
      list(told);
      form.reset();
      decide.close();
      wake();
    } catch (error) {
      at("wrong").textContent = error.message || data.said.failed;
      at("wrong").hidden = false;
    }
  }

  function spin() {
    const wheel = slides.findIndex((slide) => slide.dataset.place === "wheel");
    if (wheel < 0) return;
    show(wheel);
    slides[wheel].classList.remove("spinning");
    void slides[wheel].offsetWidth;
    slides[wheel].classList.add("spinning");
    document.body.classList.add("turned");
    sessionStorage.setItem(wheelName, "turned");
  }

  const keys = {
    ArrowRight: () => show(shown + 1),
    PageDown: () => show(shown + 1),
    " ": () => show(shown + 1),
    ArrowLeft: () => show(shown - 1),
    PageUp: () => show(shown - 1),
    Home: () => show(0),
    End: () => show(slides.length - 1),
    t: () => {
      tick();
      running = running === null ? performance.now() / 1000 : null;
      tick();
    },
    d: ask,
    w: spin,
    s: () => open("/speaker", "speaker"),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
    b: () => (at("night").hidden = !at("night").hidden),
    "?": () => help.showModal(),
  };

  addEventListener("keydown", (event) => {
    if (help.open || decide.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!(key in keys)) return;
    event.preventDefault();
    wake();
    keys[key]();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    file();
  });
  at("cancel").addEventListener("click", () => decide.close());
  addEventListener("mousemove", wake);
  addEventListener("resize", fit);
  channel.addEventListener("message", (event) => {
    if (event.data === "where") channel.postMessage({ place: place(), items: itemsHere() });
  });

  document.body.classList.toggle("turned", sessionStorage.getItem(wheelName) !== null);
  document.body.style.setProperty("--from", -1440 - 720 * Math.random() + "deg");
  fit();
  show((parseInt(location.hash.slice(1), 10) || 1) - 1);
  wake();
  setInterval(tick, 500);
  fetch("/decisions").then((answer) => answer.json()).then(list, () => {});
})();

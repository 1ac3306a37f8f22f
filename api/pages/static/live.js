// What streams do, as it happens: the page's parts are changed in place, and a line is written for each event. The
// browser's EventSource comes back by itself behind the last event it got; after an answer that it gives up on (signed
// out, too many views, a server that is away) this comes back, slower each time.

const section = document.querySelector("[data-live]");
const LINES = 50;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;
const STEADY = 3_000; // a shorter break is not worth a word

const STATES = { open: ["on", "Connected"], broken: ["soon", "Connecting again"], off: ["off", "Not connected"] };

function show(state) {
  const mark = section.querySelector("[data-connection]");
  const [shape, words] = STATES[state];
  mark.className = `state ${shape}`;
  mark.textContent = words;
}

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function change(number, line) {
  for (const part of document.querySelectorAll(`[data-stream="${number}"]`)) {
    const state = part.querySelector("[data-state]");
    write(state, line.state);
    if (state) state.className = `state ${line.shape}`;
    write(part.querySelector("[data-reason]"), line.reason);
    write(part.querySelector("[data-playing]"), line.playing);
    write(part.querySelector("[data-since]"), line.since);
    write(part.querySelector("[data-last]"), line.last);
  }
}

function tell({ at, stream, text }) {
  const log = section.querySelector("[data-log]");
  const line = section.querySelector("template").content.cloneNode(true);
  line.querySelector("time").textContent = at;
  line.querySelector("strong").textContent = stream;
  line.querySelector("span").textContent = text;
  log.prepend(line);
  while (log.children.length > LINES) log.lastElementChild.remove();
  section.querySelector("[data-none]").hidden = true;
}

function listen() {
  const url = new URL(section.dataset.live, document.baseURI);
  let wait = FIRST_WAIT;
  let broken = null;

  const connect = () => {
    const source = new EventSource(url);
    source.addEventListener("open", () => {
      clearTimeout(broken);
      wait = FIRST_WAIT;
      show("open");
    });
    source.addEventListener("message", (event) => {
      if (event.lastEventId) url.searchParams.set("after", event.lastEventId);
      const { streams, line } = JSON.parse(event.data);
      for (const [number, now] of Object.entries(streams)) change(number, now);
      if (line) tell(line);
    });
    source.addEventListener("error", () => {
      clearTimeout(broken);
      if (source.readyState !== EventSource.CLOSED) {
        broken = setTimeout(() => show("broken"), STEADY);
        return;
      }
      show("off");
      setTimeout(connect, wait);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    });
    addEventListener("pagehide", () => source.close(), { once: true });
  };

  connect();
  addEventListener("pageshow", (event) => event.persisted && connect());
}

// The zone of the reader is offered where none was chosen.
const zone = document.querySelector("input[name=zone]:not([type=hidden])");
if (zone && !new URLSearchParams(location.search).has("zone")) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || zone.value;
}

if (section) listen();

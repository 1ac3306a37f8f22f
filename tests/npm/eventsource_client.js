// Listens to the feed with npm's eventsource: `node eventsource_client.js URL KEY LAST`, events after the id LAST.
// Reads an event id from standard input; when that event has come, prints { ids, opens } and ends: the ids of all events in the
// order in which they came, and how often it was connected.

import { EventSource } from "eventsource";

const [url, key, last] = process.argv.slice(2);
const ids = [];
let opens = 0;
let final = null;
let failure = null;

const source = new EventSource(`${url}/v1/streams/live?last_event_id=${last}`, {
  fetch: (address, init) => fetch(address, { ...init, headers: { ...init.headers, "x-api-key": key } }),
});

const finish = () => {
  if (final === null || ids.at(-1) !== final) return;
  source.close();
  process.stdout.write(JSON.stringify({ ids, opens }), () => process.exit(0));
};

source.addEventListener("open", () => {
  opens += 1;
});
source.addEventListener("error", (event) => {
  if (source.readyState === EventSource.CLOSED && failure === null) {
    failure = `gave up: ${event.code} ${event.message}`;
    process.stderr.write(failure, () => process.exit(1));
  }
});
source.addEventListener("stream.play.started", (event) => {
  const told = JSON.parse(event.data);
  if (told.id !== event.lastEventId) {
    process.stderr.write(`${told.id} came as ${event.lastEventId}`, () => process.exit(1));
  }
  ids.push(told.id);
  finish();
});
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  final = text.trim();
  finish();
});

// Listens to `plays` with npm's graphql-ws: `node graphql_ws_subscribe.js URL KEY LAST`, events after the id LAST.
// Reads an event id from standard input; when that event has come, prints { ids, opens } and ends: the ids of all events in the
// order in which they came, and how often it was connected. It comes back by itself: all that is ours is `after`.

import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, key, last] = process.argv.slice(2);
const payload = { query: "subscription ($after: ID) { plays(after: $after) { id type } }", variables: { after: last } };
const ids = [];
let opens = 0;
let final = null;

const fail = (error) => process.stderr.write(`gave up: ${JSON.stringify(error) ?? error}`, () => process.exit(1));
const client = createClient({
  url: `${url.replace("http", "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { "x-api-key": key },
  retryAttempts: Infinity,
  retryWait: () => Promise.resolve(),
  shouldRetry: () => true,
  on: { connected: () => (opens += 1) },
});

const finish = () => {
  if (final !== null && ids.at(-1) === final) process.stdout.write(JSON.stringify({ ids, opens }), () => process.exit(0));
};
client.subscribe(payload, {
  next: ({ data, errors }) => {
    if (errors) fail(errors);
    ids.push(data.plays.id);
    payload.variables.after = data.plays.id; // the client sends the payload anew when it has come back
    finish();
  },
  error: fail,
  complete: () => fail("complete"),
});
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  final = text.trim();
  finish();
});

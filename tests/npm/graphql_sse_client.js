// Listens to `plays` with npm's graphql-sse: `node graphql_sse_client.js URL KEY LAST [single]`, events after the id LAST, by a
// connection of its own or by the single one.
// Reads an event id from standard input; when that event has come, prints { ids, opens } and ends: the ids of all events in the
// order in which they came, and how often it was connected. It comes back by itself: all that is ours is `after`.

import { createClient } from "graphql-sse";

const [url, key, last, mode] = process.argv.slice(2);
const request = { query: "subscription ($after: ID) { plays(after: $after) { id type } }", variables: { after: last } };
const ids = [];
let opens = 0;
let final = null;

const fail = (error) =>
  process.stderr.write(`gave up: ${error?.name} ${error?.message ?? JSON.stringify(error)} ${error?.stack}`, () => process.exit(1));
const finish = () => {
  if (final !== null && ids.at(-1) === final) process.stdout.write(JSON.stringify({ ids, opens }), () => process.exit(0));
};
const listen = () => {
  const client = createClient({
    url: `${url}/graphql/stream`,
    singleConnection: mode === "single",
    headers: () => ({ "x-api-key": key }),
    retryAttempts: Infinity,
    retry: () => Promise.resolve(),
    on: { connected: () => (opens += 1) },
  });
  client.subscribe(request, {
    next: ({ data, errors }) => {
      if (errors) fail(errors);
      ids.push(data.plays.id);
      request.variables.after = data.plays.id; // the client sends the request anew when it has come back
      finish();
    },
    error: (error) => {
      // In the single mode the client gives up for good where its token or its stream is cut before an operation waits for
      // results (fetch's TypeError, which it wraps everywhere else): the next try is the application's then.
      if (mode !== "single" || !(error instanceof TypeError)) return fail(error);
      client.dispose();
      listen();
    },
    complete: () => fail("complete"),
  });
};
listen();
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  final = text.trim();
  finish();
});
